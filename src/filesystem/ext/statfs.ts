// The numbers of statfs of the kernel's ext4 driver: the size without the overhead, and the free blocks and inodes.
// References: Linux 6.1 fs/ext4/super.c: ext4_statfs, ext4_calculate_overhead, ext4_calculate_resv_clusters.
import { FormatError, VirtDfError } from '../../errors.js';
import { u32 } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import type { Basis, Usage, View } from '../filesystem.js';
import type { BlockRun } from './block-map.js';
import { descriptorCheck } from './checksum.js';
import type { Context } from './context.js';
import {
  descriptorChunks,
  type FreeCounts,
  freeCounts,
  type GroupLocation,
  locations,
} from './descriptors.js';
import type { Features } from './features.js';
import { checkLimit, type Geometry, isLarge } from './geometry.js';
import { placeCheck } from './group-places.js';
import { journalBlocks } from './idle-journal.js';
import { firstRuns, journalInode } from './journal.js';
import { bigallocOverhead, plainOverhead } from './overhead.js';

/** The kernel keeps this part of the clusters, at most so many, for nodes of extents that writing back may need. */
const RESERVED_FRACTION = 50;
const MAX_RESERVED_CLUSTERS = 4096;
/** 128 TiB in clusters of 64 KiB. The kernel itself, whose work is the square of this, would take hours. */
const MAX_COUNTED_GROUPS = 64 * 1024;
export const NOTHING: FreeCounts = { freeClusterCount: 0, freeInodeCount: 0 };

/**
 * @param freed the blocks and inodes that become free besides those that the descriptors count.
 * @throws FormatError for descriptors with which the kernel does not mount it; in the view `mount`, which is of a read-only
 *         mount, those with which it does that are a doubt.
 */
export async function usageOf(
  context: Context,
  freed: FreeCounts,
  basis: Basis,
  view: View,
): Promise<Usage> {
  const { superblock, features, geometry } = context;
  const { clusterRatio, blockCount, reservedBlockCount } = geometry;
  const { doubts, ...free } = await sumDescriptors(context, view);
  const overheadBlocks = (await overheadClusters(context)) * clusterRatio;
  const freeBlockCount = (free.freeClusterCount + freed.freeClusterCount) * clusterRatio;
  if (overheadBlocks > blockCount) {
    throw new FormatError(
      'INVALID',
      `ext: ${overheadBlocks} blocks of overhead are more than the ${blockCount} of the filesystem`,
    );
  }
  const keptBack = reservedBlockCount + reservedClusters(features, geometry) * clusterRatio;
  return {
    blockSizeBytes: geometry.blockSizeBytes,
    blockCount: blockCount - overheadBlocks,
    freeBlockCount,
    availableBlockCount: Math.max(0, freeBlockCount - keptBack),
    fileCount: u32(superblock.numInodes),
    freeFileCount: free.freeInodeCount + freed.freeInodeCount,
    basis,
    isStale: false,
    doubts,
  };
}

async function sumDescriptors(context: Context, view: View) {
  const { source, superblock, features, geometry, superblocks } = context;
  const places = placeCheck(context);
  const sums = isLarge(geometry) ? null : descriptorCheck(superblock, features, geometry);
  let freeClusterCount = 0;
  let freeInodeCount = 0;
  let tolerated: VirtDfError | null = null;
  for await (const chunk of descriptorChunks(source, geometry, superblocks)) {
    places.check(chunk);
    const found = sums?.(chunk) ?? null;
    if (found !== null && view !== 'mount') throw found;
    tolerated ??= found;
    const free = freeCounts(geometry, chunk);
    freeClusterCount += free.freeClusterCount;
    freeInodeCount += free.freeInodeCount;
  }
  places.end(await journalRunsOrNone(context));
  return { freeClusterCount, freeInodeCount, doubts: tolerated === null ? [] : [tolerated] };
}

/** What is wrong with the journal itself is said where it is read. */
async function journalRunsOrNone(context: Context): Promise<readonly BlockRun[]> {
  const runs = await orDoubt(async () => {
    const inode = await journalInode(context, context.superblock, context.features);
    return inode === null ? [] : firstRuns(context, inode);
  });
  return runs instanceof VirtDfError ? [] : runs;
}

/**
 * The overhead that mkfs counted, if the kernel believes it: counting is dear with bigalloc, so it does where the number is not
 * absurd.
 * @returns null where it counts itself.
 */
export function recordedOverhead({ superblock, features, geometry }: Context): number | null {
  const recorded = u32(superblock.numOverheadClusters);
  const isBelieved = features.hasBigalloc && recorded !== 0 && recorded <= geometry.blockCount;
  return isBelieved ? recorded : null;
}

async function overheadClusters(context: Context): Promise<number> {
  const { source, superblock, features, geometry, superblocks } = context;
  const recorded = recordedOverhead(context);
  if (recorded !== null) return recorded;
  const inode = await journalInode(context, superblock, features);
  const journal = inode === null ? 0 : await journalBlocks(context, inode);
  const journalClusters = Math.ceil(journal / geometry.clusterRatio);
  if (!features.hasBigalloc) return plainOverhead(geometry, superblocks) + journalClusters;
  checkLimit(geometry.groupCount, MAX_COUNTED_GROUPS, 'block groups with bigalloc and no overhead');
  const all: GroupLocation[] = [];
  for await (const chunk of descriptorChunks(source, geometry, superblocks)) {
    const at = locations(geometry, chunk);
    for (let i = 0; i < chunk.count; i++) all.push(at(i));
  }
  return bigallocOverhead(geometry, superblocks, all) + journalClusters;
}

/** Only extents can need more metadata than was there before. */
function reservedClusters({ hasExtents }: Features, geometry: Geometry): number {
  if (!hasExtents) return 0;
  const clusterCount = Math.floor(geometry.blockCount / geometry.clusterRatio);
  return Math.min(Math.floor(clusterCount / RESERVED_FRACTION), MAX_RESERVED_CLUSTERS);
}
