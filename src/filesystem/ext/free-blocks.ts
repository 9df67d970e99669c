// The free blocks of an ext filesystem, by its bitmaps.
// References: Linux 6.18 fs/ext4/balloc.c: ext4_init_block_bitmap, ext4_read_block_bitmap_nowait; fs/ext4/ialloc.c:
// ext4_read_inode_bitmap.
import { isSet, runsOfZeros } from '../../bytes/bit-runs.js';
import type { Context } from './context.js';
import { allDescriptors, type NumberedDescriptor } from './descriptors.js';
import { initialClusters } from './overhead.js';

const BITS_PER_BYTE = 8;

/** Blocks side by side. */
export interface BlockSpan {
  readonly block: number;
  readonly count: number;
}

/**
 * The free spans of all groups, ascending; one that reaches over groups comes as one.
 * @param isWanted whether a group is looked at.
 */
export async function* freeSpans(
  context: Context,
  isWanted: (group: BlockSpan) => boolean = () => true,
): AsyncGenerator<BlockSpan, void, undefined> {
  const { geometry } = context;
  const { firstDataBlock, blocksPerGroup, clusterRatio, blockCount } = geometry;
  let [block, count] = [0, 0];
  for await (const descriptors of allDescriptors(context)) {
    for (const descriptor of descriptors) {
      const { group } = descriptor;
      const start = firstDataBlock + group * blocksPerGroup;
      const groupBlocks = Math.min(blocksPerGroup, blockCount - start);
      if (!isWanted({ block: start, count: groupBlocks })) continue;
      const clusterCount = Math.ceil(groupBlocks / clusterRatio);
      const bits = await blockBits(context, descriptor);
      for (const [first, length] of runsOfZeros(bits, clusterCount, isSet)) {
        const next = start + first * clusterRatio;
        const end = Math.min(next + length * clusterRatio, blockCount);
        if (next !== block + count) {
          if (count > 0) yield { block, count };
          [block, count] = [next, 0];
        }
        count += end - next;
      }
    }
  }
  if (count > 0) yield { block, count };
}

/** A bit for each cluster of a group. */
async function blockBits(
  { source, geometry, superblocks }: Context,
  descriptor: NumberedDescriptor,
): Promise<Uint8Array> {
  const { blockSizeBytes } = geometry;
  const { group } = descriptor;
  if (!descriptor.isBlockUninit) {
    return source.read(descriptor.blockBitmap * blockSizeBytes, blockSizeBytes);
  }
  const bits = new Uint8Array(blockSizeBytes);
  for (const { first, count } of initialClusters(geometry, superblocks, group, descriptor)) {
    for (let bit = first; bit < first + count; bit++) {
      const at = Math.floor(bit / BITS_PER_BYTE);
      if (!isSet(bits, bit)) bits[at] = (bits[at] ?? 0) + 2 ** (bit % BITS_PER_BYTE);
    }
  }
  return bits;
}

/** A bit for each inode of a group; null if none is in use. */
export async function inodeBits(
  { source, geometry }: Context,
  descriptor: NumberedDescriptor,
): Promise<Uint8Array | null> {
  if (descriptor.isInodeUninit) return null;
  const { blockSizeBytes, inodesPerGroup } = geometry;
  const lengthBytes = Math.ceil(inodesPerGroup / BITS_PER_BYTE);
  return source.read(descriptor.inodeBitmap * blockSizeBytes, lengthBytes);
}
