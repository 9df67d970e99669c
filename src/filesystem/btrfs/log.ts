// A mount in memory: it replays the log tree and, where it may write, frees files without a name. Example: a guest made a file
// of 1 MiB, called fsync and crashed. The log alone has the file, and df behind the next mount counts it and its nodes.
// References: Linux 6.18 fs/btrfs/tree-log.c: btrfs_recover_log_trees; disk-io.c: btrfs_replay_log,
// btrfs_start_pre_rw_mount, btrfs_cleanup_fs_roots.
import type { View } from '../filesystem.js';
import type { Pool } from './devices.js';
import type { GroupUsage } from './groups.js';
import {
  changedUsages,
  commitAll,
  freeAll,
  nameOf,
  openTree,
  type Recovery,
  replayAll,
} from './replay/mount.js';
import { type WrittenTrees, writtenTrees } from './replay/written.js';
import { CHECKSUM_TREE, EXTENT_TREE, FREE_SPACE_TREE, type Root } from './roots.js';

/** Of an item of a node in the extent tree. */
const NOTE_BYTES = 25 + 33;

interface Mounted {
  readonly usages: readonly GroupUsage[];
  /** Whether the number of nodes may be another, as it depends on where exactly the kernel puts them. */
  readonly isEstimate: boolean;
  /** Bytes of the devices that files have which were deleted and are open, in the view `live`. */
  readonly openBytes: number;
}

/**
 * The use of the block groups once the filesystem is mounted.
 * @throws FormatError LIMIT when that is too much work.
 */
export async function afterMount(
  pool: Pool,
  extents: Root,
  usages: readonly GroupUsage[],
  view: View,
): Promise<Mounted> {
  const { recovery, logs } = await replayAll(pool, extents);
  if (pool.superblock.logRoot !== null) await commitAll(recovery);
  const checksums = await openTree(recovery, CHECKSUM_TREE);
  const { reshapedCount } = checksums;
  if (view === 'guest') {
    await freeAll(recovery, logs);
  }
  const isEstimate = checksums.reshapedCount > reshapedCount || mayReshape(recovery);
  const after = changedUsages(recovery, usages);
  const openBytes = view === 'live' ? await freedBytes(recovery, logs, usages) : 0;
  return { usages: after, isEstimate, openBytes };
}

/** Frees what the files have that a mount frees, and counts it in bytes of the devices. */
async function freedBytes(
  recovery: Recovery,
  logs: Parameters<typeof freeAll>[1],
  usages: readonly GroupUsage[],
): Promise<number> {
  const before = new Map(recovery.data);
  await freeAll(recovery, logs);
  return usages.reduce((sum, usage) => {
    const name = nameOf(usage);
    const bytes = (before.get(name) ?? 0) - (recovery.data.get(name) ?? 0);
    return sum + bytes * usage.profile.copies;
  }, 0);
}

/** A filesystem between the replay of its logs and what a mount frees behind it. */
export interface BeforeCleanup extends WrittenTrees {
  readonly usages: readonly GroupUsage[];
  /** Bytes of the devices that the files have which the mount frees, without those that others share. */
  readonly freedBytes: number;
  /** How often extents of data are referred to, where a replay changed that. */
  readonly counts: ReadonlyMap<number, number>;
  /** Subvolumes whose files without a name the mount frees, beside the top one. */
  readonly logged: ReadonlySet<bigint>;
}

/** @throws FormatError LIMIT when that is too much work. */
export async function beforeCleanup(
  pool: Pool,
  extents: Root,
  usages: readonly GroupUsage[],
): Promise<BeforeCleanup> {
  const { recovery, logs } = await replayAll(pool, extents);
  if (pool.superblock.logRoot !== null) await commitAll(recovery);
  const written = writtenTrees(pool, recovery);
  const counts = new Map(recovery.references.settled);
  const replayed = changedUsages(recovery, usages);
  const freed = await freedBytes(recovery, logs, usages);
  return { ...written, usages: replayed, freedBytes: freed, counts, logged: new Set(logs.keys()) };
}

/** Whether the trees that note where nodes lie would have more or fewer nodes if these lay elsewhere. */
function mayReshape({ trees, blocks }: Recovery): boolean {
  if ([...trees.values()].some(({ tightCount }) => tightCount > 0)) return true;
  const noting = [EXTENT_TREE, FREE_SPACE_TREE].flatMap((number) => trees.get(number) ?? []);
  const neededBytes = blocks.allocatedCount * NOTE_BYTES;
  return noting.some(
    ({ reshapedCount, leastFreeBytes }) => reshapedCount > 0 || leastFreeBytes < neededBytes,
  );
}
