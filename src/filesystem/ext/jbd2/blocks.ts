// The blocks of a journal, read forwards in pieces that grow while nothing is left out.
// References: Linux 6.18 fs/jbd2/recovery.c: jread, do_readahead.
import { FormatError } from '../../../errors.js';
import { KIB } from '../../../limits.js';
import type { ByteSource } from '../../../source/source.js';
import type { BlockRun } from '../block-map.js';

const MIN_PIECE_BYTES = 64 * KIB;
const MAX_PIECE_BYTES = 1024 * KIB;

/** Where the blocks of a journal lie. */
export interface JournalPlace {
  readonly source: ByteSource;
  readonly blockSizeBytes: number;
  readonly blockCount: number;
  /** Where a block lies, in bytes, and how many from there on lie one behind the other. */
  locate(block: number): { readonly offsetBytes: number; readonly count: number };
}

/** @param runs in the journal's order, without holes. */
export function journalPlace(
  source: ByteSource,
  blockSizeBytes: number,
  runs: readonly BlockRun[],
): JournalPlace {
  const starts: number[] = [];
  let blockCount = 0;
  for (const { count } of runs) {
    starts.push(blockCount);
    blockCount += count;
  }
  return {
    source,
    blockSizeBytes,
    blockCount,
    locate(block) {
      let [low, high] = [0, runs.length];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if ((starts[middle] ?? 0) <= block) low = middle;
        else high = middle;
      }
      const run = runs[low];
      const inRun = block - (starts[low] ?? 0);
      if (run === undefined || inRun >= run.count) {
        const message = `ext: block ${block} of the journal, which has only ${blockCount}`;
        throw new FormatError('OUT_OF_BOUNDS', message);
      }
      return { offsetBytes: (run.block + inRun) * blockSizeBytes, count: run.count - inRun };
    },
  };
}

/**
 * A reader of one block after the other, each of which is read from the source once.
 * @param limit the most blocks from `block` on that may be read together.
 */
export function forwardReader(
  place: JournalPlace,
): (block: number, limit: number) => Promise<Uint8Array> {
  const { source, blockSizeBytes } = place;
  let first = 0;
  let count = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  let pieceBytes = MIN_PIECE_BYTES;
  return async (block, limit) => {
    if (block < first || block >= first + count) {
      // What is left out costs less than a read of its own, unless it is more than what is read at once.
      const isNear = block >= first && (block - first - count) * blockSizeBytes <= pieceBytes;
      pieceBytes = isNear ? Math.min(2 * pieceBytes, MAX_PIECE_BYTES) : MIN_PIECE_BYTES;
      const located = place.locate(block);
      const wanted = Math.max(1, Math.floor(pieceBytes / blockSizeBytes));
      count = Math.max(1, Math.min(wanted, located.count, limit));
      bytes = await source.read(located.offsetBytes, count * blockSizeBytes);
      first = block;
    }
    const at = (block - first) * blockSizeBytes;
    return bytes.subarray(at, at + blockSizeBytes);
  };
}
