// Reads blocks that lie anywhere, those that are close to each other in one read.
import type { ByteSource } from '../../bytes/source.js';
import { stretchesOf } from '../../bytes/stretches.js';
import { BLOCK_BYTES } from './superblock.js';

/** So many blocks that nobody asked for are read rather than skipped, and so many are one read. */
const GAP_BLOCKS = 4;
const MAX_BLOCKS = 64;

/** Some blocks of those that were asked for, ascending. */
interface BlockStretch {
  readonly blocks: readonly number[];
  bytesOf(block: number): Uint8Array;
}

/**
 * The blocks in the order of the disk, a stretch at a time.
 * @param blocks in any order. @throws what the source throws.
 */
export async function* readStretches(
  source: ByteSource,
  blocks: readonly number[],
): AsyncGenerator<BlockStretch, void, undefined> {
  const sorted = [...new Set(blocks)].sort((a, b) => a - b);
  let next = 0;
  for (const { first, end } of stretchesOf(sorted, GAP_BLOCKS, MAX_BLOCKS)) {
    const bytes = await source.read(first * BLOCK_BYTES, (end - first) * BLOCK_BYTES);
    const start = next;
    while (next < sorted.length && (sorted[next] ?? end) < end) next++;
    yield {
      blocks: sorted.slice(start, next),
      bytesOf: (block) =>
        bytes.subarray((block - first) * BLOCK_BYTES, (block - first + 1) * BLOCK_BYTES),
    };
  }
}

/** All of them, by number: no more than memory is wanted for. @throws what the source throws. */
export async function readTogether(
  source: ByteSource,
  blocks: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  for await (const stretch of readStretches(source, blocks)) {
    for (const block of stretch.blocks) found.set(block, stretch.bytesOf(block));
  }
  return found;
}
