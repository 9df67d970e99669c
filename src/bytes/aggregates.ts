// Counting in the image itself: the zero bits of a bitmap, the zero entries of a table, a sum over records.
// A guest's number says where the bitmap or table lies, so its range is checked against the source before the first read,
// and it is read in chunks.

import { FormatError } from '../errors.js';
import { MAX_COUNTED_BYTES, MIB } from '../limits.js';
import { pieces, piecesIn } from './pieces.js';
import { checkedRange } from './range.js';
import type { ByteSource } from './source.js';
import { type TableCounter, tableCounter, wholeSteps } from './table-counter.js';

const CHUNK_BYTES = MIB;

/**
 * The zero bits among the first `bits` of the bitmap at `offsetBytes`; in a byte, the least significant bit is the
 * first.
 * @throws FormatError OUT_OF_BOUNDS when the bitmap does not lie within the source, LIMIT when it is too long.
 */
export async function countZeroBits(
  source: ByteSource,
  offsetBytes: number,
  bits: number,
): Promise<number> {
  checkLength(source, offsetBytes, Math.ceil(bits / 8), 'a bitmap');
  return zeroBitsIn(source, offsetBytes, bits, tableCounter(bits / 8));
}

/**
 * The same of a bitmap that may be longer: a volume's own, which is as long as the volume needs.
 * @param counter for all pieces of the bitmap. @throws FormatError OUT_OF_BOUNDS.
 */
export async function zeroBitsIn(
  source: ByteSource,
  offsetBytes: number,
  bits: number,
  counter: TableCounter | null,
): Promise<number> {
  checkedRange(offsetBytes, Math.ceil(bits / 8), source.sizeBytes, 'a bitmap');
  const wholeBytes = Math.floor(bits / 8);
  let zeros = wholeBytes * 8;
  if (counter === null) {
    for await (const bytes of pieces(source, offsetBytes, wholeBytes)) zeros -= setBits(bytes);
  } else {
    for await (const bytes of piecesIn(counter.memory, source, offsetBytes, wholeBytes)) {
      zeros -= counter.setBits(bytes.length) + setBits(bytes.subarray(wholeSteps(bytes.length)));
    }
  }
  const rest = bits % 8;
  if (rest > 0) {
    const [last = 0] = await source.read(offsetBytes + wholeBytes, 1);
    for (let bit = 0; bit < rest; bit++) if (((last >> bit) & 1) === 0) zeros++;
  }
  return zeros;
}

/**
 * How many of `count` entries of `widthBytes` bytes at `offsetBytes` are zero in every byte.
 * @throws FormatError OUT_OF_BOUNDS when the table does not lie within the source, LIMIT when it is too long.
 */
export async function countZeroEntries(
  source: ByteSource,
  offsetBytes: number,
  count: number,
  widthBytes: number,
): Promise<number> {
  let zeros = 0;
  await eachChunk(source, { offsetBytes, count, strideBytes: widthBytes }, (bytes, entries) => {
    for (let entry = 0, at = 0; entry < entries; entry++) {
      let isZero = true;
      for (let i = 0; i < widthBytes; i++) if (bytes[at + i] !== 0) isZero = false;
      if (isZero) zeros++;
      at += widthBytes;
    }
  });
  return zeros;
}

/** A table of equal records in the image. */
interface Table {
  readonly offsetBytes: number;
  readonly count: number;
  readonly strideBytes: number;
}

/**
 * Calls `visit` with the bytes of as many whole records as a chunk holds, until all were seen.
 * @throws FormatError OUT_OF_BOUNDS when the table does not lie within the source, LIMIT when it is too long.
 */
export async function eachChunk(
  source: ByteSource,
  { offsetBytes, count, strideBytes }: Table,
  visit: (bytes: Uint8Array, count: number) => void,
): Promise<void> {
  checkLength(source, offsetBytes, count * strideBytes, 'a table');
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / strideBytes));
  for (let done = 0; done < count; ) {
    const entries = Math.min(perChunk, count - done);
    visit(await source.read(offsetBytes + done * strideBytes, entries * strideBytes), entries);
    done += entries;
  }
}

/** @throws FormatError OUT_OF_BOUNDS, LIMIT */
function checkLength(source: ByteSource, offset: number, lengthBytes: number, what: string): void {
  checkedRange(offset, lengthBytes, source.sizeBytes, what);
  if (lengthBytes <= MAX_COUNTED_BYTES) return;
  throw new FormatError(
    'LIMIT',
    `${what} of ${lengthBytes} bytes is longer than the ${MAX_COUNTED_BYTES} that virt-df counts`,
    { data: { lengthBytes, limit: MAX_COUNTED_BYTES } },
  );
}

/** The set bits of `bytes`, eight words at a time. */
export function setBits(bytes: Uint8Array): number {
  const wordCount = Math.floor(bytes.length / 4);
  const all = words(bytes, wordCount);
  const stepWords = wordCount - (wordCount % STEP_WORDS);
  let set = setBitsOfSteps(all.subarray(0, stepWords));
  for (let i = stepWords; i < wordCount; i++) set += setBitsOfWord(all[i] ?? 0);
  for (let i = wordCount * 4; i < bytes.length; i++) set += setBitsOfWord(bytes[i] ?? 0);
  return set;
}

/** The bytes as 32-bit words; copied if they do not lie on a multiple of four. */
function words(bytes: Uint8Array, count: number): Uint32Array {
  return bytes.byteOffset % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, count)
    : new Uint32Array(Uint8Array.from(bytes.subarray(0, count * 4)).buffer, 0, count);
}

const STEP_WORDS = 8;

/**
 * Adds eight words at each of their 32 places at once: `ones` has the lowest digit of the sums, `twos` the next one,
 * and only the carries beyond `fours` are counted bit by bit. References: Henry S. Warren, Hacker's Delight, 5-1.
 */
function setBitsOfSteps(all: Uint32Array): number {
  let ones = 0;
  let twos = 0;
  let fours = 0;
  let eights = 0;
  for (let i = 0; i < all.length; i += STEP_WORDS) {
    const a = all[i] ?? 0;
    const b = all[i + 1] ?? 0;
    const ab = carry(ones, a, b);
    ones ^= a ^ b;
    const c = all[i + 2] ?? 0;
    const d = all[i + 3] ?? 0;
    const cd = carry(ones, c, d);
    ones ^= c ^ d;
    const e = all[i + 4] ?? 0;
    const f = all[i + 5] ?? 0;
    const ef = carry(ones, e, f);
    ones ^= e ^ f;
    const g = all[i + 6] ?? 0;
    const h = all[i + 7] ?? 0;
    const gh = carry(ones, g, h);
    ones ^= g ^ h;
    const abcd = carry(twos, ab, cd);
    twos ^= ab ^ cd;
    const efgh = carry(twos, ef, gh);
    twos ^= ef ^ gh;
    eights += setBitsOfWord(carry(fours, abcd, efgh));
    fours ^= abcd ^ efgh;
  }
  return 8 * eights + 4 * setBitsOfWord(fours) + 2 * setBitsOfWord(twos) + setBitsOfWord(ones);
}

/** The places where at least two of the three have a bit. */
function carry(a: number, b: number, c: number): number {
  return (a & b) | ((a ^ b) & c);
}

/** Adds up neighbouring bits, then pairs, then nibbles; the product adds the four bytes. All of it fits 32 bits. */
function setBitsOfWord(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  n = (n + (n >>> 4)) & 0x0f0f0f0f;
  return Math.imul(n, 0x01010101) >>> 24;
}
