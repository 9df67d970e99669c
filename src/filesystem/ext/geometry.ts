// The shape of an ext filesystem (blocks, clusters, groups, tables of inodes) by its superblock, checked as the kernel checks it
// before a mount.
// References: Linux 6.1 fs/ext4/super.c: __ext4_fill_super, ext4_handle_clustersize, ext4_check_geometry,
// ext4_group_desc_init.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import { invalidIn, limitIn } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { int, powerOfTwo, u32 } from '../../validation/guest.js';
import { checkNotCut } from '../fault.js';
import type { Features } from './features.js';

const invalid = invalidIn('ext: ');
/** @throws FormatError LIMIT */
export const checkLimit = limitIn('ext: ');

export const SUPERBLOCK_OFFSET = 1024;
const MIN_BLOCK_BYTES = 1024;
const OLD_INODE_BYTES = 128;
const DESCRIPTOR_BYTES = 32;
const WIDE_DESCRIPTOR_BYTES = 64;
const MAX_DESCRIPTOR_BYTES = 1024;
const BITS_PER_BYTE = 8;
const U32_VALUES = 2 ** 32;
const U32_MAX = U32_VALUES - 1;
/**
 * The descriptors of 512 TiB in blocks of 4 KiB. A filesystem that needs more is refused rather than read: each group
 * costs work, and a superblock can claim one group for every eight blocks.
 */
const MAX_GROUPS = 4 * 1024 * 1024;

/** Descriptor blocks of meta_bg are a read each: 256 TiB in blocks of 4 KiB, 4 TiB in blocks of 1 KiB. */
const MAX_META_BLOCKS = 32 * 1024;

/** Up to so many groups, 512 GiB, every descriptor is verified in full. */
const MAX_VERIFIED_GROUPS = 4096;

/** The shape of a filesystem in trusted numbers. */
export interface Geometry {
  readonly blockSizeBytes: number;
  readonly blockCount: number;
  readonly reservedBlockCount: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly clustersPerGroup: number;
  /** Blocks per cluster; 1 without bigalloc. */
  readonly clusterRatio: number;
  readonly groupCount: number;
  readonly inodeCount: number;
  readonly inodesPerGroup: number;
  readonly inodeSizeBytes: number;
  /** Blocks of one group's inode table. */
  readonly inodeTableBlockCount: number;
  readonly descriptorSizeBytes: number;
  readonly descriptorsPerBlock: number;
  /** Blocks that all descriptors fill. */
  readonly descriptorBlockCount: number;
  /** The block that holds the superblock. */
  readonly superblockBlock: number;
  readonly reservedDescriptorBlockCount: number;
  /** Descriptor blocks from this number on lie in the groups that they describe; descriptorBlockCount if none do. */
  readonly firstMetaGroup: number;
}

/**
 * Whether a filesystem has so many groups that a checksum of each descriptor would cost more than all else together.
 * Each count of free blocks is then held against its group's size only.
 */
export function isLarge({ groupCount }: Geometry): boolean {
  return groupCount > MAX_VERIFIED_GROUPS;
}

interface Sizes {
  readonly blockSizeBytes: number;
  readonly blocksPerGroup: number;
  readonly clustersPerGroup: number;
  readonly clusterRatio: number;
}

/**
 * Checks every number that the reading depends on.
 * @throws FormatError INVALID, OUT_OF_BOUNDS, TRUNCATED; LIMIT for more groups than virt-df reads.
 */
export function readGeometry(
  superblock: GuestExt,
  features: Features,
  deviceSizeBytes: number,
): Geometry {
  const sizes = readSizes(superblock, features);
  const { blockSizeBytes } = sizes;
  const blockCount = readBlockCount(superblock, blockSizeBytes, deviceSizeBytes);
  const groups = readGroups(superblock, sizes, blockCount);
  const inodes = readInodes(superblock, blockSizeBytes, groups.groupCount);
  const descriptors = readDescriptors(superblock, features, blockSizeBytes, groups.groupCount);
  const geometry: Geometry = {
    ...sizes,
    blockCount,
    reservedBlockCount: reservedBlocks(superblock),
    ...groups,
    ...inodes,
    ...descriptors,
    superblockBlock: blockSizeBytes === MIN_BLOCK_BYTES ? 1 : 0,
  };
  return geometry;
}

/** The filesystem's own count of blocks, and the device must hold them all. */
export function readBlockCount(
  superblock: GuestExt,
  blockSizeBytes: number,
  deviceSizeBytes: number,
): number {
  const blockCount = wide(superblock.numBlocksLo, superblock.numBlocksHi, 'block count');
  checkNotCut('ext', blockCount * blockSizeBytes, deviceSizeBytes);
  return blockCount;
}

/** The block size in bytes. */
export function readBlockSize(superblock: GuestExt): number {
  return MIN_BLOCK_BYTES * 2 ** int(superblock.logBlockSize, 'ext: s_log_block_size', 0, 6);
}

function readSizes(superblock: GuestExt, features: Features): Sizes {
  const blockSizeBytes = readBlockSize(superblock);
  const bitsPerBlock = blockSizeBytes * BITS_PER_BYTE;
  const clusterSizeBytes =
    MIN_BLOCK_BYTES * 2 ** int(superblock.logClusterSize, 'ext: s_log_cluster_size', 0, 20);
  const clusterRatio = clusterSizeBytes / blockSizeBytes;
  if (features.hasBigalloc ? clusterRatio < 1 : clusterRatio !== 1) {
    throw invalid(
      `clusters of ${clusterSizeBytes} bytes do not fit blocks of ${blockSizeBytes} bytes`,
    );
  }
  const clustersPerGroup = int(
    superblock.clustersPerGroup,
    'ext: s_clusters_per_group',
    1,
    bitsPerBlock,
  );
  const blocksPerGroup = int(superblock.blocksPerGroup, 'ext: s_blocks_per_group', 1, U32_MAX);
  if (blocksPerGroup !== clustersPerGroup * clusterRatio) {
    throw invalid(
      `${blocksPerGroup} blocks per group are not ${clustersPerGroup} clusters of ${clusterRatio} blocks`,
    );
  }
  return { blockSizeBytes, blocksPerGroup, clustersPerGroup, clusterRatio };
}

function readGroups(superblock: GuestExt, sizes: Sizes, blockCount: number) {
  const { blockSizeBytes, blocksPerGroup, clusterRatio } = sizes;
  const firstDataBlock = u32(superblock.firstDataBlock);
  if (firstDataBlock >= blockCount) {
    throw invalid(`first data block ${firstDataBlock} is beyond the end, block ${blockCount}`);
  }
  if (firstDataBlock === 0 && blockSizeBytes === MIN_BLOCK_BYTES && clusterRatio === 1) {
    throw invalid('first data block is 0 with blocks and clusters of 1024 bytes');
  }
  const groupCount = Math.ceil((blockCount - firstDataBlock) / blocksPerGroup);
  checkLimit(groupCount, MAX_GROUPS, 'block groups');
  return { firstDataBlock, groupCount };
}

function readInodes(superblock: GuestExt, blockSizeBytes: number, groupCount: number) {
  const revision = u32(superblock.revision);
  const inodeSizeBytes =
    revision === 0
      ? OLD_INODE_BYTES
      : powerOfTwo(superblock.inodeSize, 'ext: s_inode_size', OLD_INODE_BYTES, blockSizeBytes);
  const inodesPerBlock = blockSizeBytes / inodeSizeBytes;
  const inodesPerGroup = int(
    superblock.inodesPerGroup,
    'ext: s_inodes_per_group',
    inodesPerBlock,
    blockSizeBytes * BITS_PER_BYTE,
  );
  const inodeCount = u32(superblock.numInodes);
  if (inodeCount !== groupCount * inodesPerGroup) {
    throw invalid(
      `${inodeCount} inodes are not ${groupCount} groups of ${inodesPerGroup}, which is ${groupCount * inodesPerGroup}`,
    );
  }
  const inodeTableBlockCount = Math.floor(inodesPerGroup / inodesPerBlock);
  return { inodeCount, inodesPerGroup, inodeSizeBytes, inodeTableBlockCount };
}

function readDescriptors(
  superblock: GuestExt,
  features: Features,
  blockSizeBytes: number,
  groupCount: number,
) {
  const descriptorSizeBytes = features.is64bit
    ? powerOfTwo(
        superblock.lenDescriptor,
        'ext: s_desc_size',
        WIDE_DESCRIPTOR_BYTES,
        MAX_DESCRIPTOR_BYTES,
      )
    : DESCRIPTOR_BYTES;
  const descriptorsPerBlock = blockSizeBytes / descriptorSizeBytes;
  const descriptorBlockCount = Math.ceil(groupCount / descriptorsPerBlock);
  const firstMetaGroup = features.hasMetaGroups
    ? int(superblock.firstMetaGroup, 'ext: s_first_meta_bg', 0, descriptorBlockCount)
    : descriptorBlockCount;
  checkLimit(descriptorBlockCount - firstMetaGroup, MAX_META_BLOCKS, 'scattered descriptor blocks');
  const reservedDescriptorBlockCount = int(
    superblock.numReservedGdtBlocks,
    'ext: s_reserved_gdt_blocks',
    0,
    blockSizeBytes / 4,
  );
  return {
    descriptorSizeBytes,
    descriptorsPerBlock,
    descriptorBlockCount,
    firstMetaGroup,
    reservedDescriptorBlockCount,
  };
}

function reservedBlocks(superblock: GuestExt): number {
  return wide(superblock.numReservedBlocksLo, superblock.numReservedBlocksHi, 'reserved blocks');
}

/** A 64-bit number in two halves. The kernel reads the upper half whether or not the feature 64bit is set. */
function wide(low: GuestInteger, high: GuestInteger, what: string): number {
  const maxHigh = Math.floor(Number.MAX_SAFE_INTEGER / U32_VALUES);
  return int(high, `ext: upper half of the ${what}`, 0, maxHigh) * U32_VALUES + u32(low);
}
