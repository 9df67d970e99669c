// The group descriptors: where they lie, and the sums of their counts. They are read in large pieces, in the order of the
// disk, and looked at in place: 16 TiB have 131072 of them.
// References: Linux 6.1 fs/ext4/super.c: descriptor_loc, ext4_check_descriptors; fs/ext4/balloc.c:
// ext4_count_free_clusters, ext4_bg_num_gdb; fs/ext4/ialloc.c: ext4_count_free_inodes.
import {
  extGroupDescriptorRecords,
  extWideGroupDescriptorRecords,
} from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { hasFlag, u16, u32 } from '../../validation/guest.js';
import { type Geometry, isLarge } from './geometry.js';
import type { SuperblockGroups } from './superblock-groups.js';

const CHUNK_BYTES = 256 * 1024;
/** Descriptor blocks of meta_bg lie gigabytes apart; this many are asked for at a time. */
const BATCH_BLOCKS = 32;
export const WIDE_DESCRIPTOR_BYTES = 64;
const U16_MAX = 0xffff;
const U16_VALUES = 0x10000;
const U32_VALUES = 2 ** 32;
/** EXT4_BG_INODE_UNINIT, EXT4_BG_BLOCK_UNINIT */
export const INODE_UNINIT = 0x1n;
export const BLOCK_UNINIT = 0x2n;

/** Descriptors of consecutive groups. */
export interface DescriptorChunk {
  readonly firstGroup: number;
  readonly count: number;
  /** At least `count` times the descriptor's size. */
  readonly bytes: Uint8Array;
}

export interface FreeCounts {
  readonly freeClusterCount: number;
  readonly freeInodeCount: number;
}

/** Where a group's own metadata begins, in blocks. */
export interface GroupLocation {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
}

export interface GroupDescriptor extends GroupLocation {
  /** The bitmap of blocks was never written: only the group's metadata is in use. */
  readonly isBlockUninit: boolean;
  /** The bitmap of inodes was never written: none is in use. */
  readonly isInodeUninit: boolean;
}

export interface NumberedDescriptor extends GroupDescriptor {
  readonly group: number;
}

/** The device with the descriptors, and the geometry by which they are found. */
interface GroupTables {
  readonly source: ByteSource;
  readonly geometry: Geometry;
  readonly superblocks: SuperblockGroups;
}

/** The block that holds the descriptor block `index`. */
function descriptorBlock(geometry: Geometry, superblocks: SuperblockGroups, index: number): number {
  if (index < geometry.firstMetaGroup) return geometry.superblockBlock + 1 + index;
  const group = index * geometry.descriptorsPerBlock;
  const behindSuperblock = superblocks.has(group) ? 1 : 0;
  // Bigalloc with blocks of 1 KiB: group 0 begins at block 0, but its superblock is block 1.
  const isShifted = index === 0 && geometry.superblockBlock === 1 && geometry.firstDataBlock === 0;
  return (
    geometry.firstDataBlock +
    group * geometry.blocksPerGroup +
    behindSuperblock +
    (isShifted ? 1 : 0)
  );
}

/** All descriptors in the order of their groups, in pieces. */
export async function* descriptorChunks(
  source: ByteSource,
  geometry: Geometry,
  superblocks: SuperblockGroups,
): AsyncGenerator<DescriptorChunk> {
  const { blockSizeBytes, firstMetaGroup, descriptorBlockCount } = geometry;
  const blocksPerChunk = Math.max(1, Math.floor(CHUNK_BYTES / blockSizeBytes));
  for (let index = 0; index < firstMetaGroup; index += blocksPerChunk) {
    const blockCount = Math.min(blocksPerChunk, firstMetaGroup - index);
    const block = descriptorBlock(geometry, superblocks, index);
    const bytes = await readBlocks(source, geometry, block, blockCount);
    yield chunk(geometry, index, blockCount, bytes);
  }
  for (let index = firstMetaGroup; index < descriptorBlockCount; index += BATCH_BLOCKS) {
    const batch = Array.from(
      { length: Math.min(BATCH_BLOCKS, descriptorBlockCount - index) },
      (_, i) => descriptorBlock(geometry, superblocks, index + i),
    );
    const blocks = await Promise.all(batch.map((block) => readBlocks(source, geometry, block, 1)));
    for (const [i, bytes] of blocks.entries()) yield chunk(geometry, index + i, 1, bytes);
  }
}

/** The block that a group's descriptor is in, and where it begins there. */
export function descriptorPlace(
  geometry: Geometry,
  superblocks: SuperblockGroups,
  group: number,
): { readonly block: number; readonly offsetBytes: number } {
  const { descriptorsPerBlock, descriptorSizeBytes } = geometry;
  const index = Math.floor(group / descriptorsPerBlock);
  return {
    block: descriptorBlock(geometry, superblocks, index),
    offsetBytes: (group - index * descriptorsPerBlock) * descriptorSizeBytes,
  };
}

/** The descriptors of all groups, in pieces as `descriptorChunks` gives them. */
export async function* allDescriptors({
  source,
  geometry,
  superblocks,
}: GroupTables): AsyncGenerator<readonly NumberedDescriptor[], void, undefined> {
  for await (const chunk of descriptorChunks(source, geometry, superblocks)) {
    const at = locations(geometry, chunk);
    const records = extGroupDescriptorRecords(chunk.bytes, geometry.descriptorSizeBytes);
    yield Array.from({ length: chunk.count }, (_, i) => {
      const { flags } = records.at(i);
      return { group: chunk.firstGroup + i, ...at(i), ...uninit(flags) };
    });
  }
}

function uninit(flags: GuestInteger) {
  return {
    isBlockUninit: hasFlag(flags, BLOCK_UNINIT),
    isInodeUninit: hasFlag(flags, INODE_UNINIT),
  };
}

/** Where the metadata of one group lies, and whether it was written. */
export async function groupDescriptor(
  source: ByteSource,
  geometry: Geometry,
  superblocks: SuperblockGroups,
  group: number,
): Promise<GroupDescriptor> {
  const index = Math.floor(group / geometry.descriptorsPerBlock);
  const block = descriptorBlock(geometry, superblocks, index);
  const bytes = await readBlocks(source, geometry, block, 1);
  const firstGroup = index * geometry.descriptorsPerBlock;
  const at = locations(geometry, { firstGroup, count: geometry.descriptorsPerBlock, bytes });
  const location = at(group - firstGroup);
  const { flags } = extGroupDescriptorRecords(bytes, geometry.descriptorSizeBytes).at(
    group - firstGroup,
  );
  return { ...location, ...uninit(flags) };
}

/** A reader of the locations in a chunk, by the index within it. */
export function locations(
  geometry: Geometry,
  { firstGroup, bytes }: DescriptorChunk,
): (index: number) => GroupLocation {
  const { descriptorSizeBytes, blockCount } = geometry;
  const lows = extGroupDescriptorRecords(bytes, descriptorSizeBytes);
  const highs =
    descriptorSizeBytes < WIDE_DESCRIPTOR_BYTES
      ? null
      : extWideGroupDescriptorRecords(bytes, descriptorSizeBytes);
  const block = (
    low: GuestInteger,
    high: GuestInteger | undefined,
    what: string,
    index: number,
  ) => {
    const number = (high === undefined ? 0 : u32(high)) * U32_VALUES + u32(low);
    if (number < blockCount) return number;
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `ext: group ${firstGroup + index} has its ${what} at block ${number} of ${blockCount}`,
    );
  };
  return (index) => {
    const low = lows.at(index);
    const high = highs?.at(index);
    return {
      blockBitmap: block(low.blockBitmapLo, high?.blockBitmapHi, 'block bitmap', index),
      inodeBitmap: block(low.inodeBitmapLo, high?.inodeBitmapHi, 'inode bitmap', index),
      inodeTable: block(low.inodeTableLo, high?.inodeTableHi, 'inode table', index),
    };
  };
}

/**
 * The clusters and inodes that are free by the descriptors of a chunk.
 * @throws FormatError OUT_OF_BOUNDS if a group has more free than it has.
 */
export function freeCounts(
  geometry: Geometry,
  { firstGroup, count, bytes }: DescriptorChunk,
): FreeCounts {
  const { descriptorSizeBytes, clustersPerGroup, inodesPerGroup } = geometry;
  const lows = extGroupDescriptorRecords(bytes, descriptorSizeBytes);
  const highs = hasUpperHalves(geometry)
    ? extWideGroupDescriptorRecords(bytes, descriptorSizeBytes)
    : null;
  let freeClusterCount = 0;
  let freeInodeCount = 0;
  for (let i = 0; i < count; i++) {
    const low = lows.at(i);
    let clusters = u16(low.numFreeClustersLo);
    let inodes = u16(low.numFreeInodesLo);
    if (highs !== null) {
      const high = highs.at(i);
      clusters += u16(high.numFreeClustersHi) * U16_VALUES;
      inodes += u16(high.numFreeInodesHi) * U16_VALUES;
    }
    if (clusters > clustersPerGroup || inodes > inodesPerGroup) {
      throw tooManyFree(geometry, firstGroup + i, clusters, inodes);
    }
    freeClusterCount += clusters;
    freeInodeCount += inodes;
  }
  return { freeClusterCount, freeInodeCount };
}

/**
 * Whether the upper halves of the counts are looked at. They are zeros unless a group has more than 65535 of something;
 * in a large filesystem, looking at each all the same would cost as much as the rest.
 */
function hasUpperHalves(geometry: Geometry): boolean {
  const { descriptorSizeBytes, clustersPerGroup, inodesPerGroup } = geometry;
  if (descriptorSizeBytes < WIDE_DESCRIPTOR_BYTES) return false;
  return !isLarge(geometry) || clustersPerGroup > U16_MAX || inodesPerGroup > U16_MAX;
}

function tooManyFree(
  { clustersPerGroup, inodesPerGroup }: Geometry,
  group: number,
  clusters: number,
  inodes: number,
): FormatError {
  return new FormatError(
    'OUT_OF_BOUNDS',
    `ext: group ${group} has ${clusters} free clusters of ${clustersPerGroup} ` +
      `and ${inodes} free inodes of ${inodesPerGroup}`,
  );
}

function chunk(
  geometry: Geometry,
  index: number,
  blockCount: number,
  bytes: Uint8Array,
): DescriptorChunk {
  const { descriptorsPerBlock, groupCount } = geometry;
  const firstGroup = index * descriptorsPerBlock;
  const count = Math.min(blockCount * descriptorsPerBlock, groupCount - firstGroup);
  return { firstGroup, count, bytes };
}

async function readBlocks(
  source: ByteSource,
  { blockSizeBytes, blockCount }: Geometry,
  block: number,
  count: number,
): Promise<Uint8Array> {
  if (block + count > blockCount) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `ext: group descriptors at block ${block} (${count} blocks) lie beyond the end, block ${blockCount}`,
    );
  }
  return source.read(block * blockSizeBytes, count * blockSizeBytes);
}
