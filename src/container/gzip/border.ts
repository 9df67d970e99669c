// Where a block of deflate begins, to the bit, and how a stream is begun there. zlib tells the byte in which it stopped, not
// the bit; and Node lets no stream begin within a byte.
// References: RFC 1951 section 3.2; zlib examples/zran.c, which has inflatePrime() for the same.
import { KIB } from '../../limits.js';

/** An empty block with fixed codes: no final block, type 1, the code of its end. */
const EMPTY_FIXED = '0' + '10' + '0000000';
/**
 * An empty block of an odd length: no final block, type 2, 258 codes of letters, one of distances, 18 lengths of codes (of
 * them those of 18 and of 1 have a bit), 256 letters without a code, two and a distance with one bit each, the block's end.
 */
const EMPTY_DYNAMIC =
  ['0', '01', '10000', '00000', '0111'].join('') +
  ['000000100', '000'.repeat(14), '100'].join('') +
  ['1', '1111111', '1', '1101011', '0', '0', '0', '0'].join('');

/** Empty blocks whose length in bits, modulo 8, is the index. */
const PREFIXES: readonly string[] = Array.from({ length: 8 }, (_, bit) => {
  let bits = bit % 2 === 0 ? '' : EMPTY_DYNAMIC;
  while (bits.length % 8 !== bit) bits += EMPTY_FIXED;
  return bits;
});

/** A stream that begins at a bit of its first byte, the lowest of which is bit 0, as one that begins with a whole byte. */
export function fromBit(stream: Uint8Array, bit: number): Uint8Array {
  const prefix = PREFIXES[bit] ?? '';
  if (prefix === '') return stream;
  const bytes = new Uint8Array(Math.floor(prefix.length / 8) + stream.length);
  for (const [i, one] of [...prefix].entries()) {
    const index = Math.floor(i / 8);
    if (one === '1') bytes[index] = (bytes[index] ?? 0) + 2 ** (i % 8);
  }
  const shared = Math.floor(prefix.length / 8);
  const [first = 0] = stream;
  bytes[shared] = (bytes[shared] ?? 0) + first - (first % 2 ** bit);
  bytes.set(stream.subarray(1), shared + 1);
  return bytes;
}

/** A place behind the last bit of a block. */
export interface Border {
  /** The last byte that was taken: the next block may begin in its upper bits. */
  readonly lastByte: number;
  /** What the block and those before it hold, 32 KiB at most. */
  readonly window: Uint8Array;
}

/** How much input behind a border tells where the next block begins. */
export const BORDER_INPUT_BYTES = 16 * KIB;

/**
 * The bit of `lastByte` at which the next block begins; 8: it begins with the next byte. The true place always gives what
 * was inflated; so if one place alone does, it is the true one. null: several do.
 * @param input what follows `lastByte`. @param inflated what zlib made of it.
 */
export function findBit(
  { lastByte, window }: Border,
  input: Uint8Array,
  inflated: Uint8Array,
): number | null {
  if (inflated.length === 0) return null;
  const stream = new Uint8Array(1 + input.length);
  stream[0] = lastByte;
  stream.set(input, 1);
  const found: number[] = [];
  for (let bit = 1; bit <= 8; bit++) if (gives(stream, bit, window, inflated)) found.push(bit);
  const [first = null] = found;
  if (found.length === 1 || haveSameStart(stream, found)) return first;
  return null;
}

/**
 * Whether it is all the same from which of these bits a block is read: it is stored, and its length begins with the next
 * whole byte.
 */
function haveSameStart(stream: Uint8Array, bits: readonly number[]): boolean {
  const [low = 0, high = 0] = stream;
  const starts = bits.map((bit) => {
    const head = Math.floor((low + 256 * high) / 2 ** bit) % 8;
    return { isLast: head % 2, type: Math.floor(head / 2), lengthAt: Math.ceil((bit + 3) / 8) };
  });
  const [first] = starts;
  return starts.every(
    (one) => one.type === 0 && one.isLast === first?.isLast && one.lengthAt === first?.lengthAt,
  );
}

function gives(stream: Uint8Array, bit: number, window: Uint8Array, inflated: Uint8Array): boolean {
  const { constants, inflateRawSync } = process.getBuiltinModule('node:zlib');
  const input = bit === 8 ? stream.subarray(1) : fromBit(stream, bit);
  try {
    const bytes = inflateRawSync(input, {
      ...(window.length === 0 ? {} : { dictionary: window }),
      chunkSize: Math.max(64, inflated.length + 64),
      maxOutputLength: inflated.length,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return Buffer.compare(bytes, inflated) === 0;
  } catch {
    return false;
  }
}
