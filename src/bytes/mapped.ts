// A source whose bytes lie where a table of blocks says, in others: the blocks of a thin volume, the chunks of a snapshot.
import { aheadByRuns } from './ahead-by-runs.js';
import { checkedRange, checkedRead } from './range.js';
import { type ByteSource, dataRuns, MAX_RUNS, type SourceRun } from './source.js';

/** Bytes that lie together; `from` null: zeros that lie nowhere. */
export interface MappedPiece {
  readonly lengthBytes: number;
  readonly from: { readonly source: ByteSource; readonly offsetBytes: number } | null;
}

/** Where the bytes of a range lie, at least its first one. */
type PieceAt = (offsetBytes: number, lengthBytes: number) => Promise<MappedPiece>;

/** Pieces that one call of `runs` looks up, however many of them make a run: its caller checks the time between calls. */
const MAX_PIECES = 4 * MAX_RUNS;

/** How many pieces may still be looked up. */
interface Budget {
  left: number;
}

/** @param parents the sources in which bytes may lie. */
export function mapped(
  sizeBytes: number,
  parents: readonly ByteSource[],
  pieceAt: PieceAt,
): ByteSource {
  const runs = (offset: number, length: number) => runsOf(pieceAt, offset, length);
  return {
    sizeBytes,
    ...aheadByRuns(parents, sizeBytes, runs),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      return readPieces(pieceAt, offset, length);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return runs(offset, length);
    },
  };
}

async function runsOf(
  pieceAt: PieceAt,
  offset: number,
  length: number,
): Promise<readonly SourceRun[]> {
  const found: SourceRun[] = [];
  const budget = { left: MAX_PIECES };
  for (let at = offset; at < offset + length && found.length < MAX_RUNS && budget.left > 0; ) {
    const { from, lengthBytes } = await joinedPiece(pieceAt, at, offset + length - at, budget);
    if (from === null) found.push({ kind: 'zero', offsetBytes: at, lengthBytes });
    else found.push(...dataRuns(from.source, at, lengthBytes, from.offsetBytes));
    at += lengthBytes;
  }
  return found;
}

async function readPieces(pieceAt: PieceAt, offset: number, length: number): Promise<Uint8Array> {
  let result: Uint8Array | null = null;
  const budget = { left: Number.POSITIVE_INFINITY };
  for (let at = offset; at < offset + length; ) {
    const { from, lengthBytes } = await joinedPiece(pieceAt, at, offset + length - at, budget);
    const bytes = from === null ? null : await from.source.read(from.offsetBytes, lengthBytes);
    if (bytes !== null && lengthBytes === length) return bytes;
    result ??= new Uint8Array(length);
    if (bytes !== null) result.set(bytes, at - offset);
    at += lengthBytes;
  }
  return result ?? new Uint8Array(0);
}

/** The first piece of a range, with those behind it that go on where it ends: one read does for all. */
async function joinedPiece(
  pieceAt: PieceAt,
  at: number,
  length: number,
  budget: Budget,
): Promise<MappedPiece> {
  const { from, lengthBytes: firstBytes } = await pieceAt(at, length);
  let lengthBytes = Math.min(length, firstBytes);
  for (budget.left--; lengthBytes < length && budget.left > 0; budget.left--) {
    const next = await pieceAt(at + lengthBytes, length - lengthBytes);
    if (next.from?.source !== from?.source) break;
    if (from !== null && next.from?.offsetBytes !== from.offsetBytes + lengthBytes) break;
    lengthBytes = Math.min(length, lengthBytes + next.lengthBytes);
  }
  return { from, lengthBytes };
}
