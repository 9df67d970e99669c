// The overhead that the kernel takes off a filesystem's size: blocks that can never hold a file's data.
// References: Linux 6.1 fs/ext4/super.c: ext4_calculate_overhead, count_overhead; fs/ext4/balloc.c: ext4_bg_num_gdb.

import type { GroupLocation } from './descriptors.js';
import type { Geometry } from './geometry.js';
import type { SuperblockGroups } from './superblock-groups.js';

/** The two bitmaps of every group. */
const BITMAP_BLOCKS = 2;
const BITS_PER_BYTE = 8;

/**
 * Blocks of superblocks, descriptors, bitmaps and inode tables, without bigalloc. The kernel counts them group by
 * group as if each held its own bitmaps and table; here every kind of group is counted at once.
 */
export function plainOverhead(geometry: Geometry, superblocks: SuperblockGroups): number {
  const { groupCount, reservedDescriptorBlockCount, inodeTableBlockCount } = geometry;
  const copies = superblocks.countBelow(groupCount);
  return (
    geometry.firstDataBlock +
    copies * (1 + reservedDescriptorBlockCount) +
    descriptorBlocks(geometry, superblocks) +
    groupCount * (inodeTableBlockCount + BITMAP_BLOCKS)
  );
}

/** All copies of all descriptor blocks. */
function descriptorBlocks(geometry: Geometry, superblocks: SuperblockGroups): number {
  const { groupCount, descriptorsPerBlock, descriptorBlockCount, firstMetaGroup } = geometry;
  const classicGroups = Math.min(groupCount, firstMetaGroup * descriptorsPerBlock);
  const classic = superblocks.countBelow(classicGroups) * firstMetaGroup;
  const metaGroups = descriptorBlockCount - firstMetaGroup;
  if (metaGroups === 0) return classic;
  // A metagroup's descriptor block lies in its first, second and last group, as far as these are there and differ.
  const copiesOfWhole = Math.min(3, descriptorsPerBlock);
  const groupsOfLast = groupCount - (descriptorBlockCount - 1) * descriptorsPerBlock;
  const copiesOfLast =
    groupsOfLast === descriptorsPerBlock ? copiesOfWhole : Math.min(2, groupsOfLast);
  return classic + (metaGroups - 1) * copiesOfWhole + copiesOfLast;
}

/** The descriptor blocks that group `group` holds. */
export function descriptorBlocksOf(
  { descriptorsPerBlock, firstMetaGroup }: Geometry,
  superblocks: SuperblockGroups,
  group: number,
): number {
  const metaGroup = Math.floor(group / descriptorsPerBlock);
  if (metaGroup < firstMetaGroup) return superblocks.has(group) ? firstMetaGroup : 0;
  const index = group - metaGroup * descriptorsPerBlock;
  return index <= 1 || index === descriptorsPerBlock - 1 ? 1 : 0;
}

/** Clusters of a group that are in use although its bitmap was never written: its metadata, and those behind the end. */
export function initialClusters(
  geometry: Geometry,
  superblocks: SuperblockGroups,
  group: number,
  { blockBitmap, inodeBitmap, inodeTable }: GroupLocation,
): readonly { readonly first: number; readonly count: number }[] {
  const { firstDataBlock, blocksPerGroup, clusterRatio, blockCount, blockSizeBytes } = geometry;
  const { firstMetaGroup, descriptorsPerBlock, reservedDescriptorBlockCount } = geometry;
  const hasSuperblock = superblocks.has(group);
  const isClassic = group < firstMetaGroup * descriptorsPerBlock;
  const base =
    (hasSuperblock ? 1 : 0) +
    descriptorBlocksOf(geometry, superblocks, group) +
    (hasSuperblock && isClassic ? reservedDescriptorBlockCount : 0);
  const start = firstDataBlock + group * blocksPerGroup;
  const blocksOfGroup = Math.min(blocksPerGroup, blockCount - start);
  const behind = Math.ceil(blocksOfGroup / clusterRatio);
  const runs = [
    { first: 0, count: Math.ceil(base / clusterRatio) },
    { first: behind, count: blockSizeBytes * BITS_PER_BYTE - behind },
  ];
  const parts: readonly (readonly [number, number])[] = [
    [blockBitmap, 1],
    [inodeBitmap, 1],
    [inodeTable, geometry.inodeTableBlockCount],
  ];
  for (const [block, count] of parts) {
    const from = Math.max(block, start) - start;
    const to = Math.min(block + count, start + blocksPerGroup) - start;
    if (to <= from) continue;
    const first = Math.floor(from / clusterRatio);
    runs.push({ first, count: Math.floor((to - 1) / clusterRatio) + 1 - first });
  }
  return runs;
}

/**
 * Clusters of metadata with bigalloc, where several kinds share a cluster: the kernel marks each group's clusters in a
 * bitmap and counts the bits. It does so only if mkfs left no count in the superblock.
 * @param locations of every group, in order.
 */
export function bigallocOverhead(
  geometry: Geometry,
  superblocks: SuperblockGroups,
  locations: Iterable<GroupLocation>,
): number {
  const { firstDataBlock, blocksPerGroup, clusterRatio, inodeTableBlockCount } = geometry;
  const runs: ClusterInterval[] = [];
  let group = 0;
  for (const { blockBitmap, inodeBitmap, inodeTable } of locations) {
    for (const bitmap of [blockBitmap, inodeBitmap]) {
      if (bitmap >= firstDataBlock) runs.push(clusterInterval(geometry, bitmap, 1));
    }
    if (isCountedTable(geometry, inodeTable)) {
      runs.push(clusterInterval(geometry, inodeTable, inodeTableBlockCount));
    }
    const copies =
      (superblocks.has(group) ? 1 : 0) + descriptorBlocksOf(geometry, superblocks, group);
    if (copies > 0) {
      runs.push(clusterInterval(geometry, firstDataBlock + group * blocksPerGroup, copies));
    }
    group++;
  }
  return Math.floor(firstDataBlock / clusterRatio) + unionLength(runs);
}

/** The first and the last of clusters side by side, numbered through all groups. */
export type ClusterInterval = readonly [first: number, last: number];

/** The kernel's own comparison leaves out an inode table that reaches its group's last block. */
export function isCountedTable(geometry: Geometry, table: number): boolean {
  const { firstDataBlock, blocksPerGroup, inodeTableBlockCount } = geometry;
  const inGroup = (table - firstDataBlock) % blocksPerGroup;
  return table >= firstDataBlock && inGroup + inodeTableBlockCount <= blocksPerGroup - 1;
}

/** The clusters of a run of blocks. */
export function clusterInterval(geometry: Geometry, block: number, count: number): ClusterInterval {
  const { firstDataBlock, blocksPerGroup, clustersPerGroup, clusterRatio } = geometry;
  const group = Math.floor((block - firstDataBlock) / blocksPerGroup);
  const first = block - firstDataBlock - group * blocksPerGroup;
  const base = group * clustersPerGroup;
  return [
    base + Math.floor(first / clusterRatio),
    base + Math.floor((first + count - 1) / clusterRatio),
  ];
}

/** How many numbers lie in at least one of the runs. */
export function unionLength(runs: ClusterInterval[]): number {
  let total = 0;
  let end = -1;
  for (const [first, last] of runs.sort(([a], [b]) => a - b)) {
    if (last <= end) continue;
    total += last - Math.max(first - 1, end);
    end = last;
  }
  return total;
}
