// Counts the free clusters of an exFAT volume: the zero bits of its allocation bitmap, in order, in chunks.
// References: Linux 6.1 fs/exfat/balloc.c: exfat_count_used_clusters, exfat_allocate_bitmap; exFAT specification, 7.1.
// The kernel expects the bitmap's clusters side by side, as every mkfs makes them; here their chain is followed, which
// is the same where they are.
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import { countZeroBits } from '../../validation/aggregates.js';
import type { Boot } from './boot.js';
import { chain, extentOffset } from './chain.js';
import type { Root } from './root.js';

/** Counted at once; countZeroBits reads it in chunks of its own. */
const PIECE_BYTES = 64 * MIB;

/** @throws FormatError OUT_OF_BOUNDS, LOOP; TRUNCATED when the chain ends before the bitmap does. */
export async function countFreeClusters(
  source: ByteSource,
  boot: Boot,
  { bitmap }: Root,
): Promise<number> {
  const { clusterBytes, clusterCount } = boot;
  const clusters = Math.ceil(Math.ceil(clusterCount / 8) / clusterBytes);
  let free = 0;
  let left = clusterCount;
  for await (const extent of chain(source, boot, bitmap.firstCluster, clusters)) {
    const sizeBytes = extent.clusterCount * clusterBytes;
    for (let done = 0; done < sizeBytes && left > 0; done += PIECE_BYTES) {
      const bits = Math.min(left, Math.min(PIECE_BYTES, sizeBytes - done) * 8);
      free += await countZeroBits(source, extentOffset(boot, extent) + done, bits);
      left -= bits;
    }
  }
  if (left === 0) return free;
  const words = `the bitmap's chain ends ${left} bits before the ${clusterCount} that it needs`;
  throw new FormatError('TRUNCATED', `exfat: ${words}`);
}
