// Takes from a source what a target reads of it, as an input.
import type { ByteSource } from '../../src/bytes/source.js';
import { type Input, MAX_INPUT_BYTES, type Piece } from './input.js';
import type { Target } from './target.js';

/** Zeros between two pieces are kept if they are fewer; fields that are zero are worth a change as well. */
const MAX_GAP_BYTES = 32;
/** A large read is a table or a bitmap, whose first entries are as good as all. */
const FIRST_BYTES = 2048;
const MAX_SCAN_BYTES = 1024 * 1024;

interface Read {
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

/** First the beginnings of all reads in their order, then what room is left for. */
export async function captured(source: ByteSource, target: Target): Promise<Input> {
  const reads: Read[] = [];
  // Without the functions that only files have: what they read would not be seen.
  const watched: ByteSource = {
    sizeBytes: source.sizeBytes,
    runs: (offset, length) => source.runs(offset, length),
    async read(offset, length) {
      const bytes = await source.read(offset, length);
      reads.push({ offsetBytes: offset, bytes: Uint8Array.from(bytes) });
      return bytes;
    },
  };
  await target.run(watched).catch(() => undefined);
  const first = reads.map(({ offsetBytes, bytes }) => ({
    offsetBytes,
    bytes: bytes.subarray(0, FIRST_BYTES),
  }));
  const pieces: Piece[] = [];
  for (const read of [...first, ...reads]) {
    if (room(pieces) <= 0) break;
    for (const piece of nonzero(read)) addMissing(pieces, piece);
  }
  return { sizeBytes: source.sizeBytes, pieces: joined(pieces) };
}

function room(pieces: readonly Piece[]): number {
  return MAX_INPUT_BYTES - pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** The parts that are not zeros; of a large read the first ones. */
function nonzero({ offsetBytes, bytes }: Read): readonly Piece[] {
  const found: Piece[] = [];
  for (let at = 0; at < Math.min(bytes.length, MAX_SCAN_BYTES); ) {
    while (at < bytes.length && bytes[at] === 0) at++;
    if (at === bytes.length) break;
    const start = at;
    let end = at;
    for (; at < bytes.length && at - end < MAX_GAP_BYTES; at++) if (bytes[at] !== 0) end = at + 1;
    const from = Math.max(0, start - MAX_GAP_BYTES / 4);
    const to = Math.min(bytes.length, end + MAX_GAP_BYTES / 4);
    found.push({ offsetBytes: offsetBytes + from, bytes: bytes.subarray(from, to) });
    at = end + MAX_GAP_BYTES;
  }
  return found;
}

/** Adds what no piece has yet, as far as there is room. */
function addMissing(pieces: Piece[], piece: Piece): void {
  const overlap = pieces.find(
    ({ offsetBytes, bytes }) =>
      offsetBytes < piece.offsetBytes + piece.bytes.length &&
      offsetBytes + bytes.length > piece.offsetBytes,
  );
  if (overlap === undefined) {
    const bytes = piece.bytes.subarray(0, Math.max(0, room(pieces)));
    if (bytes.length > 0) pieces.push({ ...piece, bytes });
    return;
  }
  const before = overlap.offsetBytes - piece.offsetBytes;
  if (before > 0) addMissing(pieces, { ...piece, bytes: piece.bytes.subarray(0, before) });
  const covered = before + overlap.bytes.length;
  if (covered < piece.bytes.length) {
    const offsetBytes = piece.offsetBytes + covered;
    addMissing(pieces, { offsetBytes, bytes: piece.bytes.subarray(covered) });
  }
}

/** In order, those that touch each other as one. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.offsetBytes - b.offsetBytes)) {
    const last = all.at(-1);
    if (last === undefined || last.offsetBytes + last.bytes.length < piece.offsetBytes) {
      all.push(piece);
      continue;
    }
    const bytes = Uint8Array.from([...last.bytes, ...piece.bytes]);
    all[all.length - 1] = { offsetBytes: last.offsetBytes, bytes };
  }
  return all;
}
