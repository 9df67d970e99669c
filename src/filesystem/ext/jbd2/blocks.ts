// The blocks of a journal, read forwards in pieces that grow while nothing is left out.
// References: Linux 6.18 fs/jbd2/recovery.c: jread, do_readahead.

import { lastAtMost } from '../../../bytes/search.js';
import type { ByteSource } from '../../../bytes/source.js';
import { FormatError } from '../../../errors.js';
import { KIB } from '../../../limits.js';
import type { BlockRun } from '../block-map.js';

const MIN_PIECE_BYTES = 64 * KIB;
const MAX_PIECE_BYTES = 4096 * KIB;

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
      const index = lastAtMost(block, starts.length, (i) => starts[i]);
      const run = runs[index];
      const inRun = block - (starts[index] ?? 0);
      if (run === undefined || inRun >= run.count) {
        const message = `ext: block ${block} of the journal, which has only ${blockCount}`;
        throw new FormatError('OUT_OF_BOUNDS', message);
      }
      return { offsetBytes: (run.block + inRun) * blockSizeBytes, count: run.count - inRun };
    },
  };
}

/** A block within the bytes that were read with it, which are one and the same array for all of them. */
export interface PlacedBlock {
  readonly bytes: Uint8Array;
  readonly offsetBytes: number;
}

/** Blocks of the journal that are being read, or were. */
interface Piece {
  readonly first: number;
  readonly count: number;
  readonly bytes: Promise<Uint8Array>;
  /** The same once they are here; null: nobody has waited for them yet. */
  held: Uint8Array | null;
}

/**
 * A reader of one block after the other, each of which is read from the source once. Once its pieces have grown to
 * their full size, the next one is on its way while one is looked at. A block holds until the next one is read: where
 * the source can, pieces lie in the same memory in turn, for new memory takes longer than reading into it. A block that
 * is here is given at once: a promise for each of them takes longer than looking at it.
 * @param limit the most blocks from `block` on that may be read together.
 */
export function forwardReader(
  place: JournalPlace,
): (block: number, limit: number) => PlacedBlock | Promise<PlacedBlock> {
  const { blockSizeBytes } = place;
  const readPiece = pieceReader(place);
  const maxCount = Math.floor(MAX_PIECE_BYTES / blockSizeBytes);
  let piece: Piece | null = null;
  let ahead: Piece | null = null;
  let pieceBytes = MIN_PIECE_BYTES;

  const begin = (first: number, limit: number): Piece => {
    const located = place.locate(first);
    const wanted = Math.max(1, Math.floor(pieceBytes / blockSizeBytes));
    const count = Math.max(1, Math.min(wanted, located.count, limit));
    const bytes = readPiece(located.offsetBytes, count * blockSizeBytes);
    // Nobody may wait for it any more when it fails.
    bytes.catch(() => undefined);
    return { first, count, bytes, held: null };
  };

  const blockOf = ({ first }: Piece, bytes: Uint8Array, block: number): PlacedBlock => {
    return { bytes, offsetBytes: (block - first) * blockSizeBytes };
  };

  const awaited = async (block: number, limit: number): Promise<PlacedBlock> => {
    let current = piece;
    if (current === null || !has(current, block)) {
      const isAhead = ahead !== null && has(ahead, block);
      if (!isAhead) {
        const end = current === null ? 0 : current.first + current.count;
        const isBehind = current !== null && block >= end;
        // Blocks that are left out cost less than a read of their own, unless they are more than one piece.
        const isNear = isBehind && (block - end) * blockSizeBytes <= pieceBytes;
        pieceBytes = isNear ? Math.min(2 * pieceBytes, MAX_PIECE_BYTES) : MIN_PIECE_BYTES;
      }
      current = isAhead && ahead !== null ? ahead : begin(block, limit);
      piece = current;
      const next = current.first + current.count;
      const left = limit - (next - block);
      ahead = current.count >= maxCount && left > 0 ? begin(next, left) : null;
    }
    current.held = await current.bytes;
    return blockOf(current, current.held, block);
  };

  return (block, limit) => {
    if (piece === null || piece.held === null || !has(piece, block)) return awaited(block, limit);
    return blockOf(piece, piece.held, block);
  };
}

/** A piece of memory, and the last read into it. */
interface Slot {
  memory: Uint8Array;
  reading: Promise<unknown>;
}

/** Reads large pieces into two pieces of memory by turns: one for what is looked at, one for what is on its way. */
function pieceReader({ source, blockSizeBytes }: JournalPlace) {
  const maxBytes = Math.max(MAX_PIECE_BYTES, blockSizeBytes);
  const slot = (): Slot => ({ memory: new Uint8Array(0), reading: Promise.resolve() });
  let [current, other] = [slot(), slot()];
  const readInto = async ({ memory, reading }: Slot, offset: number, length: number) => {
    // A piece that was left out may be on its way still.
    await reading.catch(() => undefined);
    const target = memory.subarray(0, length);
    await source.readInto?.(offset, target);
    return target;
  };
  return (offsetBytes: number, lengthBytes: number): Promise<Uint8Array> => {
    if (source.readInto === undefined || lengthBytes <= MIN_PIECE_BYTES)
      return source.read(offsetBytes, lengthBytes);
    [current, other] = [other, current];
    if (current.memory.length === 0) current.memory = new Uint8Array(maxBytes);
    const bytes = readInto(current, offsetBytes, lengthBytes);
    current.reading = bytes;
    return bytes;
  };
}

function has({ first, count }: Piece, block: number): boolean {
  return block >= first && block < first + count;
}
