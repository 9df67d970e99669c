// LZVN, decompressed: each code has some bytes that stand behind it, and a copy of bytes that were decompressed before.
// References: https://github.com/lzfse/lzfse src/lzvn_decode_base.c (no specification exists).
import { FormatError, invalidIn } from '../../errors.js';
import { type Output, repeat, store } from './output.js';

const invalid = invalidIn('lzvn: ');

/** What a code says: how long it is, and how many bytes and what copy it stands for. */
interface Code {
  readonly codeBytes: number;
  readonly literalCount: number;
  readonly matchCount: number;
  /** null: that of the copy before. */
  readonly distance: number | null;
}

const END = 0x06;
const NOTHING = [0x0e, 0x16];
const MIN_MATCH = 3;
/** The lengths that have a byte of their own are longer than those that fit the code. */
const MIN_LONG = 16;

/**
 * Decompresses a block behind what was decompressed before, up to `end`.
 * @throws FormatError INVALID, TRUNCATED; LIMIT when it holds more.
 */
export function decompressLzvn(payload: Uint8Array, end: number, output: Output): void {
  const byteAt = (at: number): number => {
    const byte = payload[at];
    if (byte !== undefined) return byte;
    throw new FormatError('TRUNCATED', `lzvn: the block ends after ${payload.length} bytes`);
  };
  let lastDistance = 0;
  for (let at = 0; ; ) {
    const first = byteAt(at);
    if (first === END) return;
    if (NOTHING.includes(first)) {
      at++;
      continue;
    }
    const { codeBytes, literalCount, matchCount, distance } = readCode(first, at, byteAt);
    at += codeBytes;
    if (output.length + literalCount + matchCount > end) {
      throw invalid(`a block holds more than the ${end} bytes that the stream says`);
    }
    if (literalCount > 0) {
      byteAt(at + literalCount - 1);
      store(output, payload.subarray(at, at + literalCount));
      at += literalCount;
    }
    lastDistance = distance ?? lastDistance;
    repeat(output, matchCount, lastDistance);
  }
}

function readCode(first: number, at: number, byteAt: (at: number) => number): Code {
  switch (first >> 4) {
    case 0x7:
    case 0xd:
      throw invalid(`the code 0x${first.toString(16)} has no meaning`);
    case 0xe: {
      const isLong = (first & 15) === 0;
      const literalCount = isLong ? byteAt(at + 1) + MIN_LONG : first & 15;
      return { codeBytes: isLong ? 2 : 1, literalCount, matchCount: 0, distance: null };
    }
    case 0xf: {
      const isLong = (first & 15) === 0;
      const matchCount = isLong ? byteAt(at + 1) + MIN_LONG : first & 15;
      return { codeBytes: isLong ? 2 : 1, literalCount: 0, matchCount, distance: null };
    }
    case 0xa:
    case 0xb: {
      const rest = byteAt(at + 1) | (byteAt(at + 2) << 8);
      return {
        codeBytes: 3,
        literalCount: (first >> 3) & 3,
        matchCount: (((first & 7) << 2) | (rest & 3)) + MIN_MATCH,
        distance: rest >> 2,
      };
    }
    default:
      return readShort(first, at, byteAt);
  }
}

/** Two bits for the bytes, three for the copy; the last three are the upper ones of its distance, or say how it is told. */
function readShort(first: number, at: number, byteAt: (at: number) => number): Code {
  const [literalCount, matchCount] = [first >> 6, ((first >> 3) & 7) + MIN_MATCH];
  switch (first & 7) {
    case 6:
      // Without a byte before the copy these are codes of their own: the end, nothing, and four that have no meaning.
      if (literalCount === 0) throw invalid(`the code 0x${first.toString(16)} has no meaning`);
      return { codeBytes: 1, literalCount, matchCount, distance: null };
    case 7: {
      const distance = byteAt(at + 1) | (byteAt(at + 2) << 8);
      return { codeBytes: 3, literalCount, matchCount, distance };
    }
    default: {
      const distance = ((first & 7) << 8) | byteAt(at + 1);
      return { codeBytes: 2, literalCount, matchCount, distance };
    }
  }
}
