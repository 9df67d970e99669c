// ext2, ext3 and ext4: the numbers that statfs of the kernel's ext4 driver gives, counted without mounting.
// References: Linux 6.1 fs/ext4/super.c: __ext4_fill_super, ext4_load_journal; fs/ext4/orphan.c: ext4_orphan_cleanup.
import type { GuestExt } from '../../generated/filesystem/ext.js';
import { isAnyProblem, orNull } from '../bytes/sound.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { equals, labelOf, u16, u32, uuidText } from '../validation/guest.js';
import { orDoubt } from './doubts.js';
import {
  type Context,
  checkHead,
  contextOf,
  doubtsWithoutJournal,
  type Head,
  readUncheckedHead,
} from './ext/context.js';
import type { FreeCounts } from './ext/descriptors.js';
import { typeName } from './ext/features.js';
import { journalUsage, outerLog } from './ext/journal-device.js';
import { checkRoot } from './ext/special-inode.js';
import { NOTHING, usageOf } from './ext/statfs.js';
import { type FilesystemIdentity, orFaulty } from './fault.js';
import type { FileWalk } from './files.js';
import type { Basis, Filesystem, FilesystemFormat, Usage, View } from './filesystem.js';

export const ext: FilesystemFormat = {
  name: 'ext',
  open,
};

async function open(source: ByteSource): Promise<Filesystem> {
  const head = await readUncheckedHead(source);
  const { superblock, features } = head;
  const identity = {
    type: typeName(superblock, features),
    ...labelOf(superblock.label),
    uuid: uuidText(superblock.uuid),
    version: versionText(superblock),
  };
  return orFaulty(identity, () => opened(source, checkHead(head), identity));
}

function opened(source: ByteSource, head: Head, identity: FilesystemIdentity): Filesystem {
  const { superblock, features } = head;
  if (features.isJournalDevice) {
    const usage = async () => journalUsage(superblock, source);
    return { ...identity, kind: 'other', usage };
  }
  const context = contextOf(source, head);
  const endBytes = context.geometry.blockCount * context.geometry.blockSizeBytes;
  const filesystem: Filesystem = {
    ...identity,
    kind: 'filesystem',
    endBytes,
    isReadOnly: features.unknownReadOnly !== null,
    ...readings(context, null),
  };
  if (!features.hasJournal || !equals(superblock.journalInode, 0)) return filesystem;
  const awaits = features.needsRecovery;
  const joined = (log: ByteSource) =>
    awaits ? { ...filesystem, ...readings(context, log) } : null;
  return { ...filesystem, outerLog: outerLog(superblock, awaits, joined) };
}

function readings(context: Context, log: ByteSource | null) {
  return {
    readsFirst: () => usageRanges(context),
    usage: async (view: View) => usage(context, log, view),
    async files(walk: FileWalk) {
      const { extFiles } = await import('./ext/files.js');
      return extFiles(context, log, walk);
    },
  };
}

/** `1.0`; `0.0` and a minor revision of 5 are older than all that is in use. */
function versionText({ revision, minorRevision }: GuestExt): string {
  const major = u32(revision);
  return `${major}.${u16(minorRevision)}`;
}

/**
 * The numbers of a read-only mount and of a writable one are the same, for both replay the journal; a writable one is refused
 * for more reasons.
 * @param log the journal's device, if it is another and was found.
 */
async function usage(context: Context, log: ByteSource | null, view: View): Promise<Usage> {
  if (context.source.ahead !== undefined) await fetchAhead(context);
  const usage = await orDoubt(() => mountedUsage(context, log, view));
  if (usage instanceof VirtDfError) {
    const onDisk = await usageOf(context, NOTHING, 'metadata', view);
    return { ...onDisk, isStale: true, doubts: [usage] };
  }
  const behind = doubtsWithoutJournal(context);
  const doubts = [...usage.doubts, ...behind, ...(await doubtsOfWriting(context, view))];
  return { ...usage, isStale: behind.length > 0, doubts };
}

/** Why the guest itself can mount it read-only alone. */
async function doubtsOfWriting(context: Context, view: View): Promise<readonly VirtDfError[]> {
  const { hasMountProtection, unknownReadOnly, isNewer } = context.features;
  const isPlain = !hasMountProtection && unknownReadOnly === null && !isNewer;
  if (view === 'mount' || isPlain) return [];
  const { checkWritableMount } = await import('./ext/writable.js');
  const refusal = await orDoubt(async () => {
    await checkWritableMount(context);
    return null;
  });
  return refusal === null ? [] : [refusal];
}

async function usageRanges(context: Context): Promise<readonly ByteRange[]> {
  const { usageReads } = await import('./ext/ahead.js');
  return usageReads(context);
}

/** What cannot be is told by the reading. */
async function fetchAhead(context: Context): Promise<void> {
  const ranges = await orNull(() => usageRanges(context), isAnyProblem);
  await context.source.ahead?.(ranges ?? []);
}

/** The numbers after all that a mount does: the journal's replay, then the cleanup of orphans. */
async function mountedUsage(context: Context, log: ByteSource | null, view: View): Promise<Usage> {
  const { hasJournal, needsRecovery } = context.features;
  if (!hasJournal || !needsRecovery) {
    const usage = await cleanedUsage(context, NOTHING, 'metadata', view);
    const { checkIdleJournal } = await import('./ext/idle-journal.js');
    const refusal = await orDoubt(async () => {
      await checkIdleJournal(context);
      await checkRoot(context);
      return null;
    });
    return refusal === null ? usage : { ...usage, doubts: [...usage.doubts, refusal] };
  }
  const { replayJournal } = await import('./ext/recovery.js');
  const { context: after, freed, doubts } = await replayJournal(context, log, 'counters');
  const basis = doubts.length === 0 ? 'log' : 'estimate';
  const usage = await cleanedUsage(after, freed, basis, view);
  return { ...usage, doubts: [...usage.doubts, ...doubts] };
}

/**
 * The numbers after the cleanup of orphans, which the kernel leaves to e2fsck where there are errors. A guest that runs has not
 * done that: its orphans are open.
 */
async function cleanedUsage(
  context: Context,
  freed: FreeCounts,
  basis: Basis,
  view: View,
): Promise<Usage> {
  const { superblock, features } = context;
  const hasOrphans = features.hasOrphanFile || !equals(superblock.lastOrphan, 0);
  if (!hasOrphans) return { ...(await usageOf(context, freed, basis, view)), deletedOpenBytes: 0 };
  const isLeft = features.hasError || features.unknownReadOnly !== null;
  if (isLeft && view !== 'live') return usageOf(context, freed, basis, view);
  const { orphansFree } = await import('./ext/orphans.js');
  const read = () => orphansFree(context, superblock, features);
  if (view === 'live') {
    const open = await orDoubt(read);
    const { clusterRatio, blockSizeBytes } = context.geometry;
    const deletedOpenBytes =
      open instanceof VirtDfError ? null : open.deletedClusterCount * clusterRatio * blockSizeBytes;
    return { ...(await usageOf(context, freed, basis, view)), deletedOpenBytes };
  }
  const orphans = await read();
  const freeClusterCount = freed.freeClusterCount + orphans.freeClusterCount;
  const freeInodeCount = freed.freeInodeCount + orphans.freeInodeCount;
  const usage = await usageOf(context, { freeClusterCount, freeInodeCount }, basis, view);
  return { ...usage, deletedOpenBytes: 0, isFreeing: orphans.orphans.size > 0 };
}
