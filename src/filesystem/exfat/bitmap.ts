// Counts the free clusters of an exFAT volume: the zero bits of its allocation bitmap, in order, in chunks.
// References: Linux 6.1 fs/exfat/balloc.c: exfat_count_used_clusters, exfat_allocate_bitmap; exFAT specification, 7.1.
// The kernel takes the bitmap's clusters to be side by side, as every mkfs makes them, and so does dump.exfat; the
// specification, and Windows with it, follows their chain, and so does virt-df, which says of a bitmap in pieces that its
// numbers are an estimate: a guest with Linux and one with Windows may print different ones.

import { zeroBitsIn } from '../../bytes/aggregates.js';
import type { ByteSource } from '../../bytes/source.js';
import { tableCounter } from '../../bytes/table-counter.js';
import { FormatError } from '../../errors.js';
import type { Boot } from './boot.js';
import { chain, runOffset } from './chain.js';
import type { Root } from './root.js';

interface FreeClusters {
  readonly count: number;
  /** The bitmap's clusters do not lie side by side. */
  readonly isInPieces: boolean;
}

/** @throws FormatError OUT_OF_BOUNDS, LOOP; TRUNCATED when the chain ends before the bitmap does. */
export async function countFreeClusters(
  source: ByteSource,
  boot: Boot,
  { bitmap }: Root,
): Promise<FreeClusters> {
  const { clusterBytes, clusterCount } = boot;
  const clusters = Math.ceil(Math.ceil(clusterCount / 8) / clusterBytes);
  const counter = tableCounter(clusterCount / 8);
  let count = 0;
  let runs = 0;
  let left = clusterCount;
  for await (const run of chain(source, boot, bitmap.firstCluster, clusters)) {
    runs++;
    const sizeBytes = run.clusterCount * clusterBytes;
    const bits = Math.min(left, sizeBytes * 8);
    count += await zeroBitsIn(source, runOffset(boot, run), bits, counter);
    left -= bits;
  }
  if (left === 0) return { count, isInPieces: runs > 1 };
  const words = `the bitmap's chain ends ${left} bits before the ${clusterCount} that it needs`;
  throw new FormatError('TRUNCATED', `exfat: ${words}`);
}
