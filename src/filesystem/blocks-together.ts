// Reads blocks that lie anywhere, those that are close to each other in one read.
import type { ByteSource } from '../bytes/source.js';
import { stretchesOf } from '../bytes/stretches.js';
import { KIB } from '../limits.js';

/** So many bytes that nobody asked for are read rather than skipped, and so many are one read. */
const GAP_BYTES = 16 * KIB;
const MAX_BYTES = 256 * KIB;

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
  blockBytes: number,
  blocks: readonly number[],
): AsyncGenerator<BlockStretch, void, undefined> {
  const sorted = [...new Set(blocks)].sort((a, b) => a - b);
  const [gap, most] = [GAP_BYTES, MAX_BYTES].map((bytes) => Math.floor(bytes / blockBytes));
  let next = 0;
  for (const { first, end } of stretchesOf(sorted, gap ?? 0, most ?? 0)) {
    const bytes = await readOnce(source, first * blockBytes, (end - first) * blockBytes);
    const start = next;
    while (next < sorted.length && (sorted[next] ?? end) < end) next++;
    yield {
      blocks: sorted.slice(start, next),
      bytesOf: (block) =>
        bytes.subarray((block - first) * blockBytes, (block - first + 1) * blockBytes),
    };
  }
}

/**
 * Of a file no more than is asked for: its cache reads 16 KiB for each block that lies alone, as those of directories do between the
 * contents of files (mkfs.ext4 -d).
 */
async function readOnce(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): Promise<Uint8Array> {
  if (source.readInto === undefined) return source.read(offsetBytes, lengthBytes);
  const target = new Uint8Array(lengthBytes);
  await source.readInto(offsetBytes, target);
  return target;
}

/** All of them, by number: no more than memory is wanted for. @throws what the source throws. */
export async function readTogether(
  source: ByteSource,
  blockBytes: number,
  blocks: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  for await (const stretch of readStretches(source, blockBytes, blocks)) {
    for (const block of stretch.blocks) found.set(block, stretch.bytesOf(block));
  }
  return found;
}
