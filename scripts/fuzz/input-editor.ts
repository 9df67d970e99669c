// Changes an input: what test/hostile damages files and contents by, over pieces in memory. What is written between pieces
// becomes a piece, as long as there is room.
import type { Editor } from '../../test/hostile/editor.js';
import type { Range } from '../../test/hostile/mutations.js';
import { type Input, inputBytes, MAX_INPUT_BYTES, type Piece, readInput } from './input.js';

export interface InputEditor extends Editor {
  /** The input with all changes. */
  input(): Input;
}

/** An input may get somewhat larger than a seed is, so that a checksum finds room. */
const MAX_EDITED_BYTES = MAX_INPUT_BYTES + 4096;

export function inputEditor(original: Input): InputEditor {
  let now = original;
  let copied = new Set<Piece>();
  let done: Range[] = [];
  const read = (offset: number, length: number): Buffer => {
    const there = Math.max(0, Math.min(length, now.sizeBytes - offset));
    return Buffer.from(offset < 0 ? new Uint8Array(0) : readInput(now, offset, there));
  };
  return {
    path: 'input',
    sizeBytes: () => now.sizeBytes,
    read,
    write(offset, bytes) {
      const length = Math.min(bytes.length, now.sizeBytes - offset);
      if (length <= 0 || offset < 0) return;
      const pieces = written(now.pieces, offset, bytes.subarray(0, length), copied);
      if (pieces === null) return;
      now = { sizeBytes: now.sizeBytes, pieces };
      done.push([offset, length]);
    },
    resize(sizeBytes) {
      now = { sizeBytes, pieces: cutOff(now.pieces, sizeBytes) };
    },
    changes: () => done,
    undo() {
      now = original;
      copied = new Set();
      done = [];
    },
    close: () => undefined,
    input: () => now,
  };
}

function cutOff(pieces: readonly Piece[], sizeBytes: number): readonly Piece[] {
  return pieces
    .filter(({ offsetBytes }) => offsetBytes < sizeBytes)
    .map(({ offsetBytes, bytes }) => ({
      offsetBytes,
      bytes: bytes.subarray(0, sizeBytes - offsetBytes),
    }));
}

/** The pieces with the bytes in them; null where there is no room. @param copied pieces that are not the original's. */
function written(
  pieces: readonly Piece[],
  offset: number,
  bytes: Uint8Array,
  copied: Set<Piece>,
): readonly Piece[] | null {
  const end = offset + bytes.length;
  const touched = pieces.filter(
    (piece) => piece.offsetBytes <= end && piece.offsetBytes + piece.bytes.length >= offset,
  );
  const [first] = touched;
  const last = touched.at(-1);
  const from = Math.min(offset, first?.offsetBytes ?? offset);
  const to = Math.max(end, last === undefined ? end : last.offsetBytes + last.bytes.length);
  if (first !== undefined && first === last && copied.has(first) && isWithin(first, offset, end)) {
    first.bytes.set(bytes, offset - first.offsetBytes);
    return pieces;
  }
  const held = touched.reduce((sum, piece) => sum + piece.bytes.length, 0);
  const others = inputBytes({ sizeBytes: 0, pieces }) - held;
  if (others + to - from > MAX_EDITED_BYTES) return null;
  const joined = { offsetBytes: from, bytes: new Uint8Array(to - from) };
  for (const piece of touched) joined.bytes.set(piece.bytes, piece.offsetBytes - from);
  joined.bytes.set(bytes, offset - from);
  copied.add(joined);
  const before = pieces.filter((piece) => piece.offsetBytes + piece.bytes.length < offset);
  const behind = pieces.filter((piece) => piece.offsetBytes > end);
  return [...before, joined, ...behind];
}

function isWithin({ offsetBytes, bytes }: Piece, offset: number, end: number): boolean {
  return offset >= offsetBytes && end <= offsetBytes + bytes.length;
}
