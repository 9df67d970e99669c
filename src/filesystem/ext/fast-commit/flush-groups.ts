// The descriptors of the groups whose bitmaps a recovery changed, written into the blocks in memory.
// References: Linux 6.18 fs/ext4/mballoc.c: ext4_mb_mark_context; fs/ext4/ialloc.c: ext4_mark_inode_used.
import {
  ExtGroupDescriptorFields,
  ExtWideGroupDescriptorFields,
  extGroupDescriptorRecords,
  extWideGroupDescriptorRecords,
} from '../../../../generated/filesystem/ext.js';
import { FormatError } from '../../../errors.js';
import { setField } from '../../../kaitai/index.js';
import { hasFlag, u16 } from '../../../validation/guest.js';
import { descriptorSum } from '../checksum.js';
import type { Context } from '../context.js';
import {
  BLOCK_UNINIT,
  descriptorPlace,
  INODE_UNINIT,
  WIDE_DESCRIPTOR_BYTES,
} from '../descriptors.js';
import type { BlockCache } from './cache.js';
import type { GroupChange } from './space.js';

const U16_VALUES = 0x10000;
const LOW = ExtGroupDescriptorFields;
const HIGH = ExtWideGroupDescriptorFields;

/** @throws FormatError INVALID for a group that would have less than nothing, or more than it has. */
export async function flushGroups(
  context: Context,
  cache: BlockCache,
  groups: ReadonlyMap<number, GroupChange>,
): Promise<void> {
  const { superblock, features, geometry, superblocks } = context;
  const sum = descriptorSum(superblock, features, geometry);
  for (const [group, change] of groups) {
    const { block, offsetBytes } = descriptorPlace(geometry, superblocks, group);
    const bytes = await cache.bytes(block);
    const own = bytes.subarray(offsetBytes, offsetBytes + geometry.descriptorSizeBytes);
    writeCounts(context, own, group, change);
    if (sum !== null) setField(own, LOW.checksum, sum(group, own, 0));
  }
}

function writeCounts(
  { geometry }: Context,
  bytes: Uint8Array,
  group: number,
  change: GroupChange,
): void {
  const { clustersPerGroup, inodesPerGroup, descriptorSizeBytes } = geometry;
  const low = extGroupDescriptorRecords(bytes, descriptorSizeBytes).at(0);
  const isWide = descriptorSizeBytes >= WIDE_DESCRIPTOR_BYTES;
  const high = isWide ? extWideGroupDescriptorRecords(bytes, descriptorSizeBytes).at(0) : null;
  const set = (name: 'numFreeClusters' | 'numFreeInodes' | 'numUnusedInodes', value: number) => {
    setField(bytes, LOW[`${name}Lo`], value % U16_VALUES);
    if (isWide) setField(bytes, HIGH[`${name}Hi`], Math.floor(value / U16_VALUES));
  };
  const add = (name: 'numFreeClusters' | 'numFreeInodes', change: number, most: number): void => {
    const upper = high === null ? 0 : u16(high[`${name}Hi`]) * U16_VALUES;
    const value = u16(low[`${name}Lo`]) + upper + change;
    if (value < 0 || value > most) {
      const message = `ext: group ${group} would have ${value} free of ${most} after the fast commits`;
      throw new FormatError('INVALID', message, { data: { group, value, most } });
    }
    set(name, value);
  };
  add('numFreeClusters', change.freeClusterCount, clustersPerGroup);
  add('numFreeInodes', change.freeInodeCount, inodesPerGroup);
  const unusedHigh = high === null ? 0 : u16(high.numUnusedInodesHi) * U16_VALUES;
  const neverUsed =
    hasFlag(low.flags, INODE_UNINIT) && change.hasInodeBitmap
      ? inodesPerGroup
      : u16(low.numUnusedInodesLo) + unusedHigh;
  set('numUnusedInodes', Math.min(neverUsed, inodesPerGroup - change.usedInodes));
  let flags = u16(low.flags);
  if (change.hasInodeBitmap && hasFlag(low.flags, INODE_UNINIT)) flags -= Number(INODE_UNINIT);
  if (change.hasBlockBitmap && hasFlag(low.flags, BLOCK_UNINIT)) flags -= Number(BLOCK_UNINIT);
  setField(bytes, LOW.flags, flags);
}
