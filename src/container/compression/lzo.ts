// A block of LZO1X: literals and copies of what came before. What an instruction of less than 16 means depends on how many literals
// the one before it has copied.
// References: Linux Documentation/staging/lzo.rst.
import { FormatError } from '../../errors.js';
import { type Output, repeat, store } from './output.js';

/** A first byte of more than this is so many literals. */
const FIRST_BASE = 17;
const LONG_RUN = 4;
const ZEROS = 255;
/** Distances of copies behind many literals, of those of 16 KiB and more, and where the stream ends. */
const BEHIND_RUN = 2049;
const FAR = 16_384;

interface Stream {
  readonly bytes: Uint8Array;
  readonly output: Output;
  at: number;
  /** Literals of the last instruction: 0 to 3, or 4 for more. */
  state: number;
}

/** Decompresses a block to at most `maxBytes`. @throws FormatError INVALID, TRUNCATED, LIMIT. */
export function decodeLzo(bytes: Uint8Array, maxBytes: number, format: string): Uint8Array {
  const output: Output = { format, bytes: new Uint8Array(maxBytes), length: 0 };
  const stream: Stream = { bytes, output, at: 0, state: 0 };
  const first = bytes[0] ?? 0;
  if (first > FIRST_BASE) {
    stream.at = 1;
    literals(stream, first - FIRST_BASE);
    stream.state = Math.min(LONG_RUN, first - FIRST_BASE);
  }
  while (step(stream));
  return output.bytes.subarray(0, output.length);
}

/** false: it was the end. */
function step(stream: Stream): boolean {
  const code = next(stream);
  if (code >= 64) {
    nearCopy(stream, code);
    return true;
  }
  if (code >= 32) {
    const length = 2 + lengthOf(stream, code % 32, 31);
    const word = nextWord(stream);
    copy(stream, length, Math.floor(word / 4) + 1, word % 4);
    return true;
  }
  if (code >= 16) return farCopy(stream, code);
  if (stream.state > 0) {
    shortCopy(stream, code);
    return true;
  }
  literals(stream, 3 + lengthOf(stream, code, 15));
  stream.state = LONG_RUN;
  return true;
}

/** Of three to eight bytes, within 2 KiB. */
function nearCopy(stream: Stream, code: number): void {
  const length = code >= 128 ? 5 + (Math.floor(code / 32) % 4) : 3 + (Math.floor(code / 32) % 2);
  const distance = next(stream) * 8 + (Math.floor(code / 4) % 8) + 1;
  copy(stream, length, distance, code % 4);
}

function farCopy(stream: Stream, code: number): boolean {
  const length = 2 + lengthOf(stream, code % 8, 7);
  const word = nextWord(stream);
  const distance = FAR + (Math.floor(code / 8) % 2) * FAR + Math.floor(word / 4);
  if (distance === FAR) return false;
  copy(stream, length, distance, word % 4);
  return true;
}

/** Of two bytes behind a few literals, of three behind many. */
function shortCopy(stream: Stream, code: number): void {
  const isBehindRun = stream.state === LONG_RUN;
  const back = next(stream) * 4 + Math.floor(code / 4);
  copy(stream, isBehindRun ? 3 : 2, back + (isBehindRun ? BEHIND_RUN : 1), code % 4);
}

/** A copy, and the few literals behind it. */
function copy(stream: Stream, length: number, distance: number, count: number): void {
  repeat(stream.output, length, distance);
  literals(stream, count);
  stream.state = count;
}

function literals(stream: Stream, count: number): void {
  const { bytes, at, output } = stream;
  if (count > bytes.length - at) throw cut(stream);
  store(output, bytes.subarray(at, at + count));
  stream.at += count;
}

/** What has no room in an instruction follows it: zeros of 255 each, and a last byte. */
function lengthOf(stream: Stream, short: number, base: number): number {
  if (short > 0) return short;
  let length = base;
  for (;;) {
    const more = next(stream);
    if (more > 0) return length + more;
    length += ZEROS;
  }
}

function nextWord(stream: Stream): number {
  const low = next(stream);
  return low + 256 * next(stream);
}

function next(stream: Stream): number {
  const value = stream.bytes[stream.at];
  if (value === undefined) throw cut(stream);
  stream.at++;
  return value;
}

function cut({ output: { format }, bytes }: Stream): FormatError {
  const words = `a block of LZO ends at byte ${bytes.length}, within a part`;
  return new FormatError('TRUNCATED', `${format}: ${words}`);
}
