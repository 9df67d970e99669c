// The numbers that the kernel's statfs gives of an XFS, once its log was replayed or is known to be clean.
// References: Linux 6.1 fs/xfs/xfs_super.c: xfs_fs_statfs; xfs_mount.c: xfs_mountfs, xfs_check_summary_counts;
// libxfs/xfs_alloc.c: xfs_alloc_set_aside; libxfs/xfs_ag.c: xfs_initialize_perag_data; libxfs/xfs_ialloc.c:
// xfs_ialloc_setup_geometry. Linux 6.18 counts the same (xfs_statfs_data, xfs_statfs_inodes); before 5.13 the blocks
// of the free space trees were not taken off.
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { u64 } from '../../validation/guest.js';
import { inUse } from '../doubts.js';
import type { Usage, View } from '../filesystem.js';
import type { AfterLog } from './after-log.js';
import type { Context } from './context.js';
import type { Features } from './features.js';
import { freeInodeTreeBlockCounts } from './free-inode-tree.js';
import type { Geometry } from './geometry.js';
import { type Group, readGroups } from './groups.js';
import { LOG_UNKNOWN, type LogState } from './log.js';
import { afterReservations } from './reservation.js';
import type { Unfinished } from './unfinished.js';

/** Blocks of each group that the kernel never gives to files: XFS_ALLOCBT_AGFL_RESERVE and 4 for its free list. */
const SET_ASIDE_PER_GROUP = 8;
const INODES_PER_CHUNK = 64;
/** XFS_MAXINUMBER */
const MAX_INODES = 2n ** 56n - 1n;

/** The inodes that are allocated and the inodes and blocks that are free, before any are kept back. */
interface Counters {
  readonly inodeCount: bigint;
  readonly freeInodeCount: bigint;
  readonly freeBlockCount: number;
}

interface Statfs {
  readonly usage: Usage;
  /** Free blocks that the kernel keeps back, so that they count as used. */
  readonly keptBackBlockCount: number;
}

export async function statfs({ context, state, recovered }: AfterLog, view: View): Promise<Statfs> {
  const { features, geometry } = context;
  const recovery = recovered instanceof VirtDfError ? null : recovered;
  const counters = superblockCounters(context);
  const reservesTrees = hasTreeReservations(features);
  const isTrusted = state === 'clean' && counters !== null;
  // The kernel reads the groups' headers at mount only if it needs them; only then their trees count as unavailable.
  const groups =
    isTrusted && !reservesTrees ? [] : await readGroups(context, isTrusted && view === 'mount');
  const summed = groups.length > 0 ? sumGroups(groups) : null;
  const found = isTrusted ? counters : choose(features, counters, summed);
  const current = recovery ? finished(found, recovery) : found;
  const unavailable = geometry.groupCount * SET_ASIDE_PER_GROUP + treeBlocks(groups);
  const free =
    view === 'mount'
      ? current.freeBlockCount
      : await writableFree(context, current.freeBlockCount, unavailable, groups);
  const freeBlockCount = Math.max(0, free - unavailable);
  const usage: Usage = {
    blockSizeBytes: geometry.blockSizeBytes,
    blockCount: geometry.blockCount - (geometry.log?.blockCount ?? 0),
    freeBlockCount,
    availableBlockCount: freeBlockCount,
    ...inodeCounts(geometry, current, freeBlockCount),
    deletedOpenBytes: deletedOpenBytes(recovered, geometry),
    isFreeing: recovery !== null && recovery.freedBlockCount + recovery.freedInodeCount > 0,
    ...withFaults(groups, certaintyOf(groups, recovered, view, isStale(state, counters, summed))),
  };
  return { usage, keptBackBlockCount: current.freeBlockCount - freeBlockCount };
}

/** An unmount leaves none. */
function deletedOpenBytes(recovered: AfterLog['recovered'], { blockSizeBytes }: Geometry) {
  if (recovered === null) return 0;
  if (recovered instanceof VirtDfError || recovered.openBlockCount === null) return null;
  return recovered.openBlockCount * blockSizeBytes;
}

type Certainty = Pick<Usage, 'basis' | 'isStale' | 'doubts'>;

function withFaults(groups: readonly Group[], certainty: Certainty): Certainty {
  const doubts = [...certainty.doubts, ...groups.flatMap(({ faults }) => faults)];
  return { ...certainty, doubts };
}

/** @param recovered the result of the log's recovery, or why there is none; null: the log was not asked. */
function certaintyOf(
  groups: readonly Group[],
  recovered: Unfinished | VirtDfError | null,
  view: View,
  isStale: boolean | null,
): Certainty {
  if (recovered === null || recovered instanceof VirtDfError) {
    const ofLog = isStale === false ? [] : [isStale === null ? inUse(LOG_UNKNOWN) : OUTER_LOG];
    const basis = groups.length > 0 ? 'metadata' : 'superblock';
    return { basis, isStale, doubts: recovered ? [recovered] : ofLog };
  }
  const doubts = view === 'mount' ? recovered.doubts : recovered.doubtsForGuest;
  return { basis: doubts.length === 0 ? 'log' : 'estimate', isStale: false, doubts };
}

const OUTER_LOG = new FormatError(
  'MISSING_DEVICE',
  'xfs: it was not unmounted, and the log is on another device, which is not read',
);

/** The counters once a mount has replayed the log and finished what the log left open. */
function finished(counters: Counters, recovery: Unfinished): Counters {
  const { freedBlockCount, freedInodeCount, removedInodeCount } = recovery;
  return {
    freeBlockCount: counters.freeBlockCount + freedBlockCount,
    inodeCount: counters.inodeCount - BigInt(removedInodeCount),
    freeInodeCount: counters.freeInodeCount + BigInt(freedInodeCount - removedInodeCount),
  };
}

/**
 * A log that ends without an unmount record. A log on another device is not here to be asked: counters that are not
 * those of the groups were not written by an unmount, and nothing is known if they are.
 */
function isStale(
  state: LogState | null,
  counters: Counters | null,
  summed: Counters | null,
): boolean | null {
  if (state !== null) return state === 'dirty';
  return counters?.freeBlockCount === summed?.freeBlockCount ? null : true;
}

/** Features for which every mount, also a read-only one, reads all groups and reserves room for their trees. */
function hasTreeReservations({ hasFreeInodeTree, hasReflink, hasReverseMap }: Features): boolean {
  return hasFreeInodeTree || hasReflink || hasReverseMap;
}

/** The superblock's own counters; null if the kernel would not believe them. */
function superblockCounters({ superblock, geometry }: Context): Counters | null {
  const inodeCount = u64(superblock.numInodes);
  const freeInodeCount = u64(superblock.numFreeInodes);
  const freeBlocks = u64(superblock.numFreeBlocks);
  const blockCount = BigInt(geometry.blockCount);
  const isPlausible =
    freeBlocks <= blockCount &&
    inodeCount >= INODES_PER_CHUNK &&
    inodeCount <= blockCount * BigInt(geometry.inodesPerBlock) &&
    freeInodeCount <= inodeCount;
  return isPlausible ? { inodeCount, freeInodeCount, freeBlockCount: Number(freeBlocks) } : null;
}

/** Counters that every change updates are right after a crash too; lazy ones are summed up again. */
function choose(
  { hasLazyCounters }: Features,
  counters: Counters | null,
  summed: Counters | null,
): Counters {
  const chosen = hasLazyCounters || counters === null ? summed : counters;
  return chosen ?? { inodeCount: 0n, freeInodeCount: 0n, freeBlockCount: 0 };
}

function sumGroups(groups: readonly Group[]): Counters {
  const sum = (value: (group: Group) => number) =>
    groups.reduce((total, group) => total + value(group), 0);
  return {
    inodeCount: BigInt(sum((group) => group.inodeCount)),
    freeInodeCount: BigInt(sum((group) => group.freeInodeCount)),
    freeBlockCount: sum(
      (group) => group.freeBlockCount + group.freeListBlockCount + group.treeBlockCount,
    ),
  };
}

/** Blocks of the free space trees: they count as free on disk, and files cannot have them. */
function treeBlocks(groups: readonly Group[]): number {
  // The reverse map's blocks are among them, but have a reservation of their own.
  return groups.reduce((total, { treeBlockCount, reverseMapBlockCount }) => {
    return total + Math.max(0, treeBlockCount - Math.max(0, reverseMapBlockCount - 1));
  }, 0);
}

/** @throws UnsupportedError for a feature with which no kernel that virt-df knows mounts it writable. */
async function writableFree(
  context: Context,
  freeBlockCount: number,
  unavailable: number,
  groups: readonly Group[],
): Promise<number> {
  const { features, geometry } = context;
  if (features.unknownReadOnly !== null) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `xfs: read-only-compatible features ${features.unknownReadOnly} are unknown, so what a writable mount ` +
        'keeps back is too; a read-only mount is what --view mount shows',
    );
  }
  const isCounted = features.hasInodeTreeCounts || !features.hasFreeInodeTree;
  const trees = isCounted
    ? groups.map((group) => group.freeInodeTreeBlockCount)
    : await freeInodeTreeBlockCounts(context, groups);
  return afterReservations(freeBlockCount, unavailable, geometry, features, groups, trees);
}

/** Inodes are made when needed: all that would fit into the free blocks count as free, up to the limit. */
function inodeCounts(geometry: Geometry, counters: Counters, freeBlockCount: number) {
  const { blockCount, inodesPerBlock, maxInodePercent } = geometry;
  const { inodeCount, freeInodeCount } = counters;
  const perBlock = BigInt(inodesPerBlock);
  let files = inodeCount + BigInt(freeBlockCount) * perBlock;
  if (files > MAX_INODES) files = MAX_INODES;
  // Inodes come in chunks of blocks, and the limit is one of whole chunks.
  const chunkBlocks = BigInt(Math.max(1, INODES_PER_CHUNK / inodesPerBlock));
  const limit =
    ((BigInt(blockCount) * BigInt(maxInodePercent)) / 100n / chunkBlocks) * chunkBlocks * perBlock;
  if (limit > 0n && files > limit) files = limit;
  if (files < inodeCount) files = inodeCount;
  const used = inodeCount - freeInodeCount;
  return { fileCount: Number(files), freeFileCount: Number(files > used ? files - used : 0n) };
}
