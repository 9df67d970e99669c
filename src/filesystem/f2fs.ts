// F2FS: the numbers that the kernel's statfs gives, counted without mounting.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_statfs, f2fs_fill_super. Linux 6.18 counts the same.
// Not shown: a project's quota, which statfs reports for directories that are marked for it, and blocks that a mount
// keeps back because it is told to (reserve_root, checkpoint=disable).

import type { ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { theLabel } from '../validation/guest.js';
import { orDoubt } from './doubts.js';
import { type Checkpoint, readCheckpoint } from './f2fs/checkpoint.js';
import { mountWork } from './f2fs/mount.js';
import { BLOCK_BYTES, readIdentity, readSuperblock, type Superblock } from './f2fs/superblock.js';
import type { Volume } from './f2fs/volume.js';
import { orFaulty, usageThoughCut } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage } from './filesystem.js';

export const f2fs: FilesystemFormat = { name: 'f2fs', open };

async function open(source: ByteSource): Promise<Filesystem> {
  const identity = await readIdentity(source);
  return orFaulty(identity, async () => opened(source, await readSuperblock(source)));
}

function opened(source: ByteSource, superblock: Superblock): Filesystem {
  const endBytes = superblock.deviceCount > 1 ? null : superblock.blockCount * BLOCK_BYTES;
  const isCut = endBytes !== null && endBytes > source.sizeBytes;
  return {
    kind: 'filesystem',
    type: 'f2fs',
    ...theLabel(superblock),
    uuid: superblock.uuid,
    version: superblock.version,
    ...(endBytes === null ? {} : { endBytes }),
    usage: (view) =>
      usageThoughCut('f2fs', endBytes ?? 0, source.sizeBytes, () =>
        usage(source, superblock, isCut, view === 'live'),
      ),
    async files(walk) {
      const { f2fsFiles } = await import('./f2fs/files.js');
      return f2fsFiles(
        { source, superblock, checkpoint: await readCheckpoint(source, superblock) },
        walk,
      );
    },
  };
}

/** @param isLive the guest runs, and files that were deleted while they were open are there. */
async function usage(
  source: ByteSource,
  superblock: Superblock,
  isCut: boolean,
  isLive: boolean,
): Promise<Usage> {
  const volume = { source, superblock, checkpoint: await readCheckpoint(source, superblock) };
  const { checkMount } = await import('./f2fs/root.js');
  const refusal = await orDoubt(() => checkMount(volume));
  const isAway = refusal instanceof VirtDfError && refusal.code === 'OUT_OF_BOUNDS';
  if (isCut && isAway) throw refusal;
  const { checkpoint } = volume;
  const begun = await mountWork(volume);
  const refusals = refusal instanceof VirtDfError ? [refusal] : [];
  const ofMount = { ...begun, doubts: [...begun.doubts, ...refusals] };
  const work = isLive ? { ...ofMount, hasOrphans: false } : ofMount;
  const { hasOrphans, hasChain, needsCheck, doubts } = work;
  const deletedOpenBytes = ofMount.hasOrphans && isLive ? await openBytes(volume) : 0;
  if (!hasOrphans && hasChain !== true) {
    const onDisk = { ...numbers(superblock, checkpoint), deletedOpenBytes };
    return { ...onDisk, basis: 'superblock', isStale: needsCheck ? true : hasChain, doubts };
  }
  const { reasons, recover } = await import('./f2fs/recovery.js');
  const recovered = await recover(volume, work);
  const isStale = hasChain === null ? null : recovered.damage !== null;
  const withoutLog = hasOrphans ? 'metadata' : 'superblock';
  const basis = isStale === false ? 'log' : withoutLog;
  return {
    ...numbers(superblock, { ...checkpoint, ...recovered }),
    deletedOpenBytes,
    isFreeing: hasOrphans,
    basis: recovered.unfollowed.size === 0 ? basis : 'estimate',
    isStale,
    doubts: [...doubts, ...reasons(recovered)],
  };
}

/** What the checkpoint's orphans have; null: they cannot be followed. */
async function openBytes(volume: Volume): Promise<number | null> {
  const { recover } = await import('./f2fs/recovery.js');
  const freed = await orDoubt(() => recover(volume, { hasOrphans: true, hasChain: false }));
  if (freed instanceof VirtDfError) return null;
  return (volume.checkpoint.validBlockCount - freed.validBlockCount) * BLOCK_BYTES;
}

function numbers(superblock: Superblock, checkpoint: Checkpoint) {
  const { blockCount, firstSegment, deviceCount } = superblock;
  const { userBlockCount, validBlockCount, validNodeCount, nodeLimit } = checkpoint;
  const free = userBlockCount - validBlockCount;
  // Every file takes a node, and every node a block: whichever there are fewer of.
  const files =
    nodeLimit > userBlockCount
      ? { fileCount: userBlockCount, freeFileCount: free }
      : { fileCount: nodeLimit, freeFileCount: Math.min(nodeLimit - validNodeCount, free) };
  return {
    blockSizeBytes: BLOCK_BYTES,
    blockCount: blockCount - firstSegment,
    hasMoreDevices: deviceCount > 1,
    freeBlockCount: free,
    availableBlockCount: free,
    ...files,
  };
}
