// SafeStream: what generated parsers read from. It has the reads of Kaitai's stream without its holes: nothing is
// clamped, cut to 32 bits or rounded, every failure is a FormatError, and all that repeats or nests has a budget.
// References: https://doc.kaitai.io/stream_api.html; Kaitai's bit order: https://doc.kaitai.io/user_guide.html 6.4.4
import { type Budget, fullBudget } from './budget.js';
import { failure, type Int, type Located } from './failure.js';
import { inflate } from './inflate.js';

/** The order of bytes in numbers; some formats are written in the order of the machine that made them. */
export type ByteOrder = 'le' | 'be';

const TWO_32 = 0x1_0000_0000n;

export class SafeStream implements Located {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: Budget;
  readonly #isLittle: boolean;
  readonly sizeBytes: number;
  #pos = 0;
  #lastOffset = 0;
  /** Bits of the byte before `pos` that are not read yet. */
  #bits = 0;
  #bitCount = 0;

  constructor(bytes: Uint8Array, order: ByteOrder = 'le', budget: Budget = fullBudget()) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = budget;
    this.#isLittle = order === 'le';
    this.sizeBytes = bytes.length;
  }

  /** Offset of the next byte. */
  get pos(): number {
    return this.#pos;
  }

  get _lastOffset(): number {
    return this.#lastOffset;
  }

  /** How far the stream is, in bits: what a repetition must move. */
  get progress(): number {
    return this.#pos * 8 - this.#bitCount;
  }

  isEof(): boolean {
    return this.#pos >= this.sizeBytes && this.#bitCount === 0;
  }

  // Positions and repetitions

  /** Reads elsewhere and comes back, whatever happens. */
  at<T>(offset: Int, where: string, read: (io: SafeStream) => T): T {
    const [pos, bits, bitCount] = [this.#pos, this.#bits, this.#bitCount];
    try {
      this.#pos = this.#checked(offset, this.sizeBytes, 'offset', where);
      this.alignToByte();
      return read(this);
    } finally {
      this.#pos = pos;
      this.#bits = bits;
      this.#bitCount = bitCount;
    }
  }

  /** A repeat count, refused before the loop unless the bytes can be there and the budget allows it. */
  count(count: Int, minItemBytes: number, where: string): number {
    const left = this.sizeBytes - this.#pos;
    const max = minItemBytes > 0 ? Math.floor(left / minItemBytes) : Number.MAX_SAFE_INTEGER;
    const n = this.#checked(count, max, 'count', where);
    this.#spend(n, where);
    return n;
  }

  /** One turn of an open-ended loop that began at `progress`: it must have consumed something. */
  step(progress: number, where: string): void {
    this.#spend(1, where);
    if (this.progress === progress) {
      throw failure('LIMIT', where, 'repeats an item without size', this.#pos);
    }
  }

  /** Called on the way into and out of a structure that may hold itself. */
  enter(where: string): void {
    if (this.#budget.depth <= 0) throw failure('LIMIT', where, 'is nested too deeply', this.#pos);
    this.#budget.depth -= 1;
  }

  leave(): void {
    this.#budget.depth += 1;
  }

  /** A stream over bytes that this one gave: same byte order, same budget. */
  substream(bytes: Uint8Array): SafeStream {
    return new SafeStream(bytes, this.#isLittle ? 'le' : 'be', this.#budget);
  }

  // Bytes

  /** A fixed number of bytes, as a view. */
  take(length: number, where: string): Uint8Array {
    const start = this.#need(length, where);
    return this.#bytes.subarray(start, start + length);
  }

  /** As many bytes as the guest says, as a view. */
  readBytes(length: Int, where: string): Uint8Array {
    return this.take(this.#checked(length, this.sizeBytes - this.#pos, 'length', where), where);
  }

  readBytesFull(where: string): Uint8Array {
    return this.take(this.sizeBytes - this.#pos, where);
  }

  /** Bytes up to a terminator of one or more bytes; a wide one is looked for in whole units. */
  readBytesTerm(
    terminator: readonly number[],
    include: boolean,
    consume: boolean,
    mustEnd: boolean,
    where: string,
  ): Uint8Array {
    const start = this.#pos;
    const end = indexOfUnit(this.#bytes, terminator, start);
    if (end < 0) {
      if (mustEnd) throw failure('TRUNCATED', where, 'has no terminator', start);
      return this.readBytesFull(where);
    }
    const bytes = this.take(end - start + (include ? terminator.length : 0), where);
    if (consume) this.#pos = end + terminator.length;
    return bytes;
  }

  /** Decompresses within the budget. */
  inflate(bytes: Uint8Array, where: string): Uint8Array {
    const inflated = inflate(bytes, this.#budget.inflatedBytes, where, this.#lastOffset);
    this.#budget.inflatedBytes -= inflated.length;
    return inflated;
  }

  // Numbers

  readU1(where: string): number {
    return this.#view.getUint8(this.#need(1, where));
  }
  readS1(where: string): number {
    return this.#view.getInt8(this.#need(1, where));
  }
  readU2le(where: string): number {
    return this.#view.getUint16(this.#need(2, where), true);
  }
  readU2be(where: string): number {
    return this.#view.getUint16(this.#need(2, where));
  }
  readU4le(where: string): number {
    return this.#view.getUint32(this.#need(4, where), true);
  }
  readU4be(where: string): number {
    return this.#view.getUint32(this.#need(4, where));
  }
  readU8le(where: string): bigint {
    return this.#view.getBigUint64(this.#need(8, where), true);
  }
  readU8be(where: string): bigint {
    return this.#view.getBigUint64(this.#need(8, where));
  }
  readS2le(where: string): number {
    return this.#view.getInt16(this.#need(2, where), true);
  }
  readS2be(where: string): number {
    return this.#view.getInt16(this.#need(2, where));
  }
  readS4le(where: string): number {
    return this.#view.getInt32(this.#need(4, where), true);
  }
  readS4be(where: string): number {
    return this.#view.getInt32(this.#need(4, where));
  }
  readS8le(where: string): bigint {
    return this.#view.getBigInt64(this.#need(8, where), true);
  }
  readS8be(where: string): bigint {
    return this.#view.getBigInt64(this.#need(8, where));
  }
  readF4le(where: string): number {
    return this.#view.getFloat32(this.#need(4, where), true);
  }
  readF4be(where: string): number {
    return this.#view.getFloat32(this.#need(4, where));
  }
  readF8le(where: string): number {
    return this.#view.getFloat64(this.#need(8, where), true);
  }
  readF8be(where: string): number {
    return this.#view.getFloat64(this.#need(8, where));
  }

  // Numbers in the byte order that the stream was opened with

  readU2(where: string): number {
    return this.#view.getUint16(this.#need(2, where), this.#isLittle);
  }
  readU4(where: string): number {
    return this.#view.getUint32(this.#need(4, where), this.#isLittle);
  }
  readU8(where: string): bigint {
    return this.#view.getBigUint64(this.#need(8, where), this.#isLittle);
  }
  readS2(where: string): number {
    return this.#view.getInt16(this.#need(2, where), this.#isLittle);
  }
  readS4(where: string): number {
    return this.#view.getInt32(this.#need(4, where), this.#isLittle);
  }
  readS8(where: string): bigint {
    return this.#view.getBigInt64(this.#need(8, where), this.#isLittle);
  }
  readF4(where: string): number {
    return this.#view.getFloat32(this.#need(4, where), this.#isLittle);
  }
  readF8(where: string): number {
    return this.#view.getFloat64(this.#need(8, where), this.#isLittle);
  }

  // Bit fields. At most 7 leftover bits and 32 new ones meet: a double holds them exactly, `<<` would not.

  alignToByte(): void {
    this.#bits = 0;
    this.#bitCount = 0;
  }

  /** Up to 32 bits, the most significant first. */
  readBitsBe(width: number, where: string): number {
    const byteCount = Math.ceil((width - this.#bitCount) / 8);
    let value = this.#bits;
    for (const byte of this.#bitBytes(byteCount, where)) value = value * 256 + byte;
    const left = this.#bitCount + byteCount * 8 - width;
    this.#bits = value % 2 ** left;
    this.#bitCount = left;
    return Math.floor(value / 2 ** left);
  }

  /** Up to 32 bits, the least significant first. */
  readBitsLe(width: number, where: string): number {
    const byteCount = Math.ceil((width - this.#bitCount) / 8);
    let value = this.#bits;
    let weight = 2 ** this.#bitCount;
    for (const byte of this.#bitBytes(byteCount, where)) {
      value += byte * weight;
      weight *= 256;
    }
    this.#bits = Math.floor(value / 2 ** width);
    this.#bitCount += byteCount * 8 - width;
    return value % 2 ** width;
  }

  readBits(width: number, where: string): number {
    return this.#isLittle ? this.readBitsLe(width, where) : this.readBitsBe(width, where);
  }

  /** 33 to 64 bits. */
  readWideBitsBe(width: number, where: string): bigint {
    const high = BigInt(this.readBitsBe(width - 32, where));
    return high * TWO_32 + BigInt(this.readBitsBe(32, where));
  }

  readWideBitsLe(width: number, where: string): bigint {
    const low = BigInt(this.readBitsLe(32, where));
    return BigInt(this.readBitsLe(width - 32, where)) * TWO_32 + low;
  }

  readWideBits(width: number, where: string): bigint {
    return this.#isLittle ? this.readWideBitsLe(width, where) : this.readWideBitsBe(width, where);
  }

  #bitBytes(count: number, where: string): Uint8Array {
    return count > 0 ? this.take(count, where) : this.#bytes.subarray(0, 0);
  }

  /** Moves over `length` bytes and gives the offset where they begin. */
  #need(length: number, where: string): number {
    const start = this.#pos;
    if (length > this.sizeBytes - start) {
      const problem = `needs ${length} bytes, ${this.sizeBytes - start} are left`;
      throw failure('TRUNCATED', where, problem, start);
    }
    this.#pos = start + length;
    this.#lastOffset = start;
    return start;
  }

  /** A length, count or offset of the guest as an exact number in 0..max. */
  #checked(value: Int, max: number, what: string, where: string): number {
    if (!(value >= 0 && value <= max) || (typeof value === 'number' && !Number.isInteger(value))) {
      throw failure('OUT_OF_BOUNDS', where, `${what} ${value} is not in 0..${max}`, this.#pos);
    }
    return Number(value);
  }

  #spend(itemCount: number, where: string): void {
    if (itemCount > this.#budget.itemCount) {
      throw failure('LIMIT', where, 'repeats too many items', this.#pos);
    }
    this.#budget.itemCount -= itemCount;
  }
}

/** Where a terminator of `unit.length` bytes begins, at a multiple of its length from `start`; -1 if nowhere. */
export function indexOfUnit(bytes: Uint8Array, unit: readonly number[], start: number): number {
  const [first] = unit;
  if (first === undefined) return -1;
  if (unit.length === 1) return bytes.indexOf(first, start);
  for (let at = start; at + unit.length <= bytes.length; at += unit.length) {
    if (unit.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
