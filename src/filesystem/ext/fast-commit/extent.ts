// Extents as a recovery joins and stores them.
// References: Linux 6.18 fs/ext4/ext4_extents.h: struct ext4_extent; fs/ext4/extents.c: ext4_can_extents_be_merged.
import { type ExtentRun, MAX_WRITTEN_BLOCKS } from '../extent-node.js';

const MAX_UNWRITTEN_BLOCKS = MAX_WRITTEN_BLOCKS - 1;

/** The length as `ee_len` has it: 8 blocks that are not written yet are 0x8008. */
export function storedLength({ count, isUnwritten }: ExtentRun): number {
  return isUnwritten ? count + MAX_WRITTEN_BLOCKS : count;
}

export function endOf({ fileBlock, count }: ExtentRun): number {
  return fileBlock + count;
}

/** Whether the second goes on where the first ends, in the file and on the disk. */
export function areMergeable(first: ExtentRun, second: ExtentRun): boolean {
  const { isUnwritten } = first;
  const maxBlocks = isUnwritten ? MAX_UNWRITTEN_BLOCKS : MAX_WRITTEN_BLOCKS;
  return (
    isUnwritten === second.isUnwritten &&
    endOf(first) === second.fileBlock &&
    first.count + second.count <= maxBlocks &&
    first.block + first.count === second.block
  );
}

export function merged(first: ExtentRun, second: ExtentRun): ExtentRun {
  return { ...first, count: first.count + second.count };
}
