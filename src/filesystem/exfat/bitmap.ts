// The allocation bitmap of an exFAT volume: the zero bits are its free clusters, which df counts.
// References: Linux 6.1 fs/exfat/balloc.c: exfat_count_used_clusters, exfat_allocate_bitmap; exFAT specification, 7.1.
// The kernel takes the bitmap's clusters to be side by side, as every mkfs makes them, and so does dump.exfat; the
// specification, and Windows with it, follows their chain, and so does virt-df, which says of a bitmap in pieces that its
// numbers are an estimate: a guest with Linux and one with Windows may print different ones.

import { zeroBitsIn } from '../../bytes/aggregates.js';
import { type BitsPart, runsOfParts } from '../../bytes/bit-runs.js';
import { pieces } from '../../bytes/pieces.js';
import type { ByteSource } from '../../bytes/source.js';
import { tableCounter } from '../../bytes/table-counter.js';
import { FormatError } from '../../errors.js';
import { type ClusterRun, chainRuns, FIRST_CLUSTER } from '../fat/chain.js';
import type { Boot } from './boot.js';
import type { Root } from './root.js';
import { runOffset, tableOf, unlimited } from './table.js';

interface FreeClusters {
  readonly count: number;
  /** The bitmap's clusters do not lie side by side. */
  readonly isInPieces: boolean;
}

/** A stretch of the volume that holds bits of the bitmap. */
interface BitmapPart {
  readonly run: ClusterRun;
  readonly offsetBytes: number;
  readonly bitCount: number;
}

/**
 * The bitmap's parts, in order.
 * @throws FormatError OUT_OF_BOUNDS, LOOP; TRUNCATED when the chain ends before the bitmap does.
 */
export async function* bitmapParts(
  source: ByteSource,
  boot: Boot,
  { bitmap }: Root,
): AsyncGenerator<BitmapPart, void, undefined> {
  const { clusterBytes, clusterCount } = boot;
  const most = Math.ceil(Math.ceil(clusterCount / 8) / clusterBytes);
  const table = tableOf(source, boot);
  let left = clusterCount;
  for await (const run of chainRuns(table, bitmap.firstCluster, unlimited, most)) {
    const bitCount = Math.min(left, run.clusterCount * clusterBytes * 8);
    yield { run, offsetBytes: runOffset(boot, run), bitCount };
    left -= bitCount;
  }
  if (left === 0) return;
  const words = `the bitmap's chain ends ${left} bits before the ${clusterCount} that it needs`;
  throw new FormatError('TRUNCATED', `exfat: ${words}`);
}

/** @throws FormatError as `bitmapParts`. */
export async function countFreeClusters(
  source: ByteSource,
  boot: Boot,
  root: Root,
): Promise<FreeClusters> {
  const counter = tableCounter(boot.clusterCount / 8);
  let [count, parts] = [0, 0];
  for await (const { offsetBytes, bitCount } of bitmapParts(source, boot, root)) {
    parts++;
    count += await zeroBitsIn(source, offsetBytes, bitCount, counter);
  }
  return { count, isInPieces: parts > 1 };
}

/** The free clusters, in runs as long as can be. @throws FormatError as `bitmapParts`. */
export async function* freeClusters(
  source: ByteSource,
  boot: Boot,
  root: Root,
): AsyncGenerator<ClusterRun, void, undefined> {
  for await (const [first, count] of runsOfParts(bits(source, boot, root))) {
    yield { firstCluster: FIRST_CLUSTER + first, clusterCount: count };
  }
}

async function* bits(source: ByteSource, boot: Boot, root: Root): AsyncGenerator<BitsPart> {
  for await (const { offsetBytes, bitCount } of bitmapParts(source, boot, root)) {
    let left = bitCount;
    for await (const bytes of pieces(source, offsetBytes, Math.ceil(bitCount / 8))) {
      const count = Math.min(left, bytes.length * 8);
      yield { bytes, bitCount: count };
      left -= count;
    }
  }
}
