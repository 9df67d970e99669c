// The limits that the kernel holds a group's headers to: how high each tree may be, how long the free list, and which inodes
// there may be.
// References: Linux 6.1 fs/xfs/libxfs/xfs_btree.c: xfs_btree_compute_maxlevels, xfs_btree_space_to_height; xfs_alloc.c:
// xfs_agfl_size; xfs_types.c: xfs_verify_ino, xfs_agino_range; xfs_ialloc.c: xfs_ialloc_setup_geometry.
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';

const TREE_HEAD_BYTES = { 4: 16, 5: 56 } as const;
const FREE_LIST_HEAD_BYTES = { 4: 0, 5: 36 } as const;
const POINTER_BYTES = 4;
const INODES_PER_CHUNK = 64;
/** The superblock, AGF, AGI and the free list. */
const HEADER_SECTORS = 4;

/** Bytes of a leaf's record and of an inner block's keys and pointer. */
const FREE_SPACE = { record: 8, inner: 12 };
const INODES = { record: 16, inner: 8 };
const REFCOUNT = { record: 12, inner: 8 };
const REVERSE_MAP = { record: 24, inner: 44 };

type Shape = Pick<Geometry, 'blockSizeBytes' | 'blocksPerGroup' | 'inodesPerBlock'>;

interface GroupLimits {
  readonly freeSpaceLevels: number;
  readonly inodeLevels: number;
  readonly refcountLevels: number;
  readonly reverseMapLevels: number;
  readonly freeListEntries: number;
}

export function groupLimits(
  { version, hasReflink }: Pick<Features, 'version' | 'hasReflink'>,
  shape: Shape & Pick<Geometry, 'sectorSizeBytes'>,
): GroupLimits {
  const { blockSizeBytes, blocksPerGroup, inodesPerBlock, sectorSizeBytes } = shape;
  const room = blockSizeBytes - TREE_HEAD_BYTES[version];
  const fewest = ({ record, inner }: typeof INODES) => ({
    leaf: Math.floor(Math.floor(room / record) / 2),
    inner: Math.floor(Math.floor(room / inner) / 2),
  });
  const chunks = Math.floor((groupUnit(shape) * inodesPerBlock) / INODES_PER_CHUNK);
  const reverseMap = fewest(REVERSE_MAP);
  return {
    freeSpaceLevels: levelsOf(Math.floor((blocksPerGroup + 1) / 2), fewest(FREE_SPACE)),
    inodeLevels: levelsOf(chunks, fewest(INODES)),
    refcountLevels: levelsOf(blocksPerGroup, fewest(REFCOUNT)),
    // Files that share blocks may have more records than the group has blocks, up to a group full of the tree.
    reverseMapLevels: hasReflink
      ? levelsWithin(blocksPerGroup, reverseMap.inner)
      : levelsOf(blocksPerGroup, reverseMap),
    freeListEntries: Math.floor((sectorSizeBytes - FREE_LIST_HEAD_BYTES[version]) / POINTER_BYTES),
  };
}

/** Blocks of a group as the numbers of blocks and inodes count them: a power of two. */
export function groupUnit({ blocksPerGroup }: Pick<Shape, 'blocksPerGroup'>): number {
  return 2 ** Math.ceil(Math.log2(blocksPerGroup));
}

/** The levels of a tree whose blocks are as empty as they may be. */
function levelsOf(records: number, fewest: { readonly leaf: number; readonly inner: number }) {
  let blocks = Math.ceil(records / fewest.leaf);
  let levels = 1;
  while (blocks > 1) {
    blocks = Math.ceil(blocks / fewest.inner);
    levels += 1;
  }
  return levels;
}

/** The levels of a tree that fills so many blocks. The root may have as few as two pointers. */
function levelsWithin(blocks: number, inner: number): number {
  let levelBlocks = 2;
  let left = blocks - 1;
  let levels = 1;
  while (levelBlocks < left) {
    left -= levelBlocks;
    levelBlocks *= inner;
    levels += 1;
  }
  return levels;
}

/**
 * Whether the kernel takes a number for one of an inode of the filesystem. It asks of the numbers within a group, which are
 * those of the first group.
 */
export function isInodeNumber(number: number, geometry: Geometry): boolean {
  const { blockSizeBytes, blockCount, blocksPerGroup, groupCount, inodesPerBlock } = geometry;
  const { sectorSizeBytes, inodeAlignmentBlocks } = geometry;
  const perGroup = groupUnit(geometry) * inodesPerBlock;
  const group = Math.floor(number / perGroup);
  if (group >= groupCount) return false;
  const groupBlocks = Math.min(blocksPerGroup, blockCount - group * blocksPerGroup);
  const freeListBlock = Math.floor(((HEADER_SECTORS - 1) * sectorSizeBytes) / blockSizeBytes);
  const block = (number % perGroup) / inodesPerBlock;
  const first = Math.ceil((freeListBlock + 1) / inodeAlignmentBlocks) * inodeAlignmentBlocks;
  const end = Math.floor(groupBlocks / inodeAlignmentBlocks) * inodeAlignmentBlocks;
  return block >= first && block < end;
}
