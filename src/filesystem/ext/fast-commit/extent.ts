// An extent: consecutive blocks of a file that lie one behind the other.
// References: Linux 6.18 fs/ext4/ext4_extents.h: struct ext4_extent, ext4_ext_get_actual_len; fs/ext4/extents.c:
// ext4_can_extents_be_merged.
import type { GuestExtExtent } from '../../../../generated/filesystem/ext.js';
import { u16, u32 } from '../../../validation/guest.js';

const MAX_WRITTEN_BLOCKS = 0x8000;
const MAX_UNWRITTEN_BLOCKS = MAX_WRITTEN_BLOCKS - 1;
const U32_VALUES = 2 ** 32;

export interface Extent {
  /** The first of the file's blocks. */
  readonly fileBlock: number;
  readonly count: number;
  readonly block: number;
  readonly isUnwritten: boolean;
}

export function readExtent({ block, length, startLo, startHi }: GuestExtExtent): Extent {
  const stored = u16(length);
  const isUnwritten = stored > MAX_WRITTEN_BLOCKS;
  const high = u16(startHi);
  return {
    fileBlock: u32(block),
    count: isUnwritten ? stored - MAX_WRITTEN_BLOCKS : stored,
    block: high * U32_VALUES + u32(startLo),
    isUnwritten,
  };
}

/** What `ee_len` holds. */
export function storedLength({ count, isUnwritten }: Extent): number {
  return isUnwritten ? count + MAX_WRITTEN_BLOCKS : count;
}

export function endOf({ fileBlock, count }: Extent): number {
  return fileBlock + count;
}

/** Whether the second goes on where the first ends, in the file and on the disk. */
export function areMergeable(first: Extent, second: Extent): boolean {
  const { isUnwritten } = first;
  const maxBlocks = isUnwritten ? MAX_UNWRITTEN_BLOCKS : MAX_WRITTEN_BLOCKS;
  return (
    isUnwritten === second.isUnwritten &&
    endOf(first) === second.fileBlock &&
    first.count + second.count <= maxBlocks &&
    first.block + first.count === second.block
  );
}

export function merged(first: Extent, second: Extent): Extent {
  return { ...first, count: first.count + second.count };
}
