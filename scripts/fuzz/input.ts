// An input of the fuzzer: a source of any size that is zeros but for some pieces, so that the metadata of a large disk are a
// few KiB.
import { checkedRead } from '../../src/bytes/range.js';
import { type ByteSource, memoryRuns, type SourceRun } from '../../src/bytes/source.js';
import { meter } from '../../src/host/meter.js';
import { KIB, MAX_GUEST_READ_BYTES, MAX_GUEST_READS, MIB } from '../../src/limits.js';

/** The bytes of all pieces of one input. */
export const MAX_INPUT_BYTES = 16 * 1024;

export interface Piece {
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

/** The pieces are in order and do not touch each other. */
export interface Input {
  readonly sizeBytes: number;
  readonly pieces: readonly Piece[];
}

/** Of a piece as text, for files: `{"sizeBytes":65536,"pieces":[[1024,"53ef"]]}`. */
export function inputText({ sizeBytes, pieces }: Input): string {
  const shown = pieces.map(({ offsetBytes, bytes }) => [
    offsetBytes,
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex'),
  ]);
  return JSON.stringify({ sizeBytes, pieces: shown });
}

export function inputOf(text: string): Input {
  const { sizeBytes, pieces }: { sizeBytes: number; pieces: [number, string][] } = JSON.parse(text);
  return {
    sizeBytes,
    pieces: pieces.map(([offsetBytes, hex]) => ({
      offsetBytes,
      bytes: Uint8Array.from(Buffer.from(hex, 'hex')),
    })),
  };
}

export function inputBytes({ pieces }: Input): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** What all reads of nothing give; nobody may write to what a source gives, and the fuzzer looks whether somebody did. */
const ZEROS = new Uint8Array(4 * MIB);
const LOOKED_AT_BYTES = 64 * KIB;
const MORE_ZEROS = new Uint8Array(LOOKED_AT_BYTES);

/** Whether a reader wrote to bytes that it was given. */
export function isZeroTorn(): boolean {
  return Buffer.compare(ZEROS.subarray(0, LOOKED_AT_BYTES), MORE_ZEROS) !== 0;
}

/** The first piece that ends behind the offset; as many as there are pieces: none does. */
function pieceAt(pieces: readonly Piece[], offset: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const piece = pieces[middle];
    if (piece !== undefined && piece.offsetBytes + piece.bytes.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The input as a source, with what a guest may read. */
export function inputSource(input: Input): ByteSource {
  const { sizeBytes, pieces } = input;
  const { charge } = meter({
    deadlineMs: null,
    maxReadCount: MAX_GUEST_READS,
    maxReadBytes: MAX_GUEST_READ_BYTES,
  });
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      charge(length);
      return readInput(input, offset, length);
    },
    runs: (offset, length) => runsOf(pieces, offset, length),
  };
}

/** A range that lies within the source; a view where it can be one. */
export function readInput({ pieces }: Input, offset: number, length: number): Uint8Array {
  const end = offset + length;
  let i = pieceAt(pieces, offset);
  const first = pieces[i];
  if (first === undefined || first.offsetBytes >= end) {
    return length <= ZEROS.length ? ZEROS.subarray(0, length) : new Uint8Array(length);
  }
  const within = offset - first.offsetBytes;
  if (within >= 0 && within + length <= first.bytes.length) {
    return first.bytes.subarray(within, within + length);
  }
  const bytes = new Uint8Array(length);
  for (; i < pieces.length; i++) {
    const piece = pieces[i];
    if (piece === undefined || piece.offsetBytes >= end) break;
    const at = piece.offsetBytes - offset;
    bytes.set(piece.bytes.subarray(Math.max(0, -at), length - at), Math.max(0, at));
  }
  return bytes;
}

/** Between pieces there are zeros that lie nowhere, so that who looks for data finds it at once. */
async function runsOf(
  pieces: readonly Piece[],
  offset: number,
  length: number,
): Promise<readonly SourceRun[]> {
  const next = pieces[pieceAt(pieces, offset)];
  const end = offset + length;
  const start = next === undefined ? end : Math.min(end, next.offsetBytes);
  if (start <= offset) return memoryRuns(offset, Math.min(length, pieceEnd(next) - offset));
  return [{ kind: 'zero', offsetBytes: offset, lengthBytes: start - offset }];
}

function pieceEnd(piece: Piece | undefined): number {
  return piece === undefined ? 0 : piece.offsetBytes + piece.bytes.length;
}
