// SafeStream: the stream that all parsers read, generated ones and the plain compiler's. It is Kaitai's stream; generated
// parsers give each read the name of its field, for messages, and read numbers and bits in the stream's own byte order.
// References: https://doc.kaitai.io/stream_api.html; Kaitai's bit order: https://doc.kaitai.io/user_guide.html 6.4.4
import { BoundedStream, type StreamData } from './bounded.js';
import type { Budget } from './budget.js';
import * as errors from './errors.js';
import { failure, type Int } from './failure.js';
import * as plain from './plain.js';
import { inflated, xored } from './process.js';

/** The order of bytes in numbers; some formats are written in the order of the machine that made them. */
export type ByteOrder = 'le' | 'be';

const TWO_32 = 0x1_0000_0000n;
const MAX_BITS = 64;
const NO_BYTES = new Uint8Array(0);

export class SafeStream extends BoundedStream {
  readonly #isLittle: boolean;

  /** `order` is for numbers without one of their own; Kaitai has the byte of `data` in its place where the stream begins. */
  constructor(data: StreamData, order: ByteOrder | number = 'le', budget?: Budget) {
    super(data, typeof order === 'number' ? order : 0, budget);
    this.#isLittle = order !== 'be';
  }

  // Positions and repetitions

  /** Reads elsewhere and comes back, whatever happens. */
  at<T>(offset: Int, where: string, read: (io: SafeStream) => T): T {
    const { pos, bits, bitsLeft } = this;
    try {
      this.pos = this._checked(offset, this.sizeBytes, 'offset', where);
      this.alignToByte();
      return read(this);
    } finally {
      this.pos = pos;
      this.bits = bits;
      this.bitsLeft = bitsLeft;
    }
  }

  /** A repeat count, refused before the loop unless the bytes can be there and the budget allows it. */
  count(count: Int, minItemBytes: number, where: string): number {
    const left = this.sizeBytes - this.pos;
    const max = minItemBytes > 0 ? Math.floor(left / minItemBytes) : Number.MAX_SAFE_INTEGER;
    const n = this._checked(count, max, 'count', where);
    this._spend(n, where);
    return n;
  }

  /** One turn of an open-ended loop that began at `progress`: it must have consumed something. */
  step(progress: number, where: string): void {
    this._spend(1, where);
    if (this.progress === progress) {
      throw failure('LIMIT', where, 'repeats an item without size', this.pos);
    }
  }

  /** Called on the way into and out of a structure that may hold itself. */
  enter(where: string): void {
    if (this._budget.depth <= 0) throw failure('LIMIT', where, 'is nested too deeply', this.pos);
    this._budget.depth -= 1;
  }

  leave(): void {
    this._budget.depth += 1;
  }

  /** A stream over bytes that this one gave: same byte order, same budget. */
  substream(bytes: Uint8Array): SafeStream {
    return new SafeStream(bytes, this.#isLittle ? 'le' : 'be', this._budget);
  }

  /** `process: xor`. The copy is taken from the same budget as inflated bytes. */
  xor(bytes: Uint8Array, key: Int, where: string): Uint8Array {
    return xored(bytes, key, this._budget, where, this._lastOffset);
  }

  /** Decompresses within the budget. */
  inflate(bytes: Uint8Array, where: string): Uint8Array {
    return inflated(bytes, this._budget, where, this._lastOffset);
  }

  // Numbers

  override readU1(where?: string): number {
    return this._dataView.getUint8(this._need(1, where));
  }
  override readS1(where?: string): number {
    return this._dataView.getInt8(this._need(1, where));
  }
  override readU2le(where?: string): number {
    return this._dataView.getUint16(this._need(2, where), true);
  }
  override readU2be(where?: string): number {
    return this._dataView.getUint16(this._need(2, where));
  }
  override readU4le(where?: string): number {
    return this._dataView.getUint32(this._need(4, where), true);
  }
  override readU4be(where?: string): number {
    return this._dataView.getUint32(this._need(4, where));
  }
  override readU8le(where?: string): bigint {
    return this._dataView.getBigUint64(this._need(8, where), true);
  }
  override readU8be(where?: string): bigint {
    return this._dataView.getBigUint64(this._need(8, where));
  }
  override readS2le(where?: string): number {
    return this._dataView.getInt16(this._need(2, where), true);
  }
  override readS2be(where?: string): number {
    return this._dataView.getInt16(this._need(2, where));
  }
  override readS4le(where?: string): number {
    return this._dataView.getInt32(this._need(4, where), true);
  }
  override readS4be(where?: string): number {
    return this._dataView.getInt32(this._need(4, where));
  }
  override readS8le(where?: string): bigint {
    return this._dataView.getBigInt64(this._need(8, where), true);
  }
  override readS8be(where?: string): bigint {
    return this._dataView.getBigInt64(this._need(8, where));
  }
  override readF4le(where?: string): number {
    return this._dataView.getFloat32(this._need(4, where), true);
  }
  override readF4be(where?: string): number {
    return this._dataView.getFloat32(this._need(4, where));
  }
  override readF8le(where?: string): number {
    return this._dataView.getFloat64(this._need(8, where), true);
  }
  override readF8be(where?: string): number {
    return this._dataView.getFloat64(this._need(8, where));
  }

  // Numbers in the byte order that the stream was opened with

  readU2(where?: string): number {
    return this._dataView.getUint16(this._need(2, where), this.#isLittle);
  }
  readU4(where?: string): number {
    return this._dataView.getUint32(this._need(4, where), this.#isLittle);
  }
  readU8(where?: string): bigint {
    return this._dataView.getBigUint64(this._need(8, where), this.#isLittle);
  }
  readS2(where?: string): number {
    return this._dataView.getInt16(this._need(2, where), this.#isLittle);
  }
  readS4(where?: string): number {
    return this._dataView.getInt32(this._need(4, where), this.#isLittle);
  }
  readS8(where?: string): bigint {
    return this._dataView.getBigInt64(this._need(8, where), this.#isLittle);
  }
  readF4(where?: string): number {
    return this._dataView.getFloat32(this._need(4, where), this.#isLittle);
  }
  readF8(where?: string): number {
    return this._dataView.getFloat64(this._need(8, where), this.#isLittle);
  }

  // Bit fields. At most 7 leftover bits and 32 new ones meet: a double holds them exactly, `<<` would not.

  /** Up to 32 bits, the most significant first. */
  readBitsBe(width: number, where?: string): number {
    this._checkBits(where);
    const byteCount = Math.ceil((width - this.bitsLeft) / 8);
    let value = this.bits;
    for (const byte of this.#bitBytes(byteCount, where)) value = value * 256 + byte;
    const left = this.bitsLeft + byteCount * 8 - width;
    this.bits = value % 2 ** left;
    this.bitsLeft = left;
    return Math.floor(value / 2 ** left);
  }

  /** Up to 32 bits, the least significant first. */
  readBitsLe(width: number, where?: string): number {
    this._checkBits(where);
    const byteCount = Math.ceil((width - this.bitsLeft) / 8);
    let value = this.bits;
    let weight = 2 ** this.bitsLeft;
    for (const byte of this.#bitBytes(byteCount, where)) {
      value += byte * weight;
      weight *= 256;
    }
    this.bits = Math.floor(value / 2 ** width);
    this.bitsLeft += byteCount * 8 - width;
    return value % 2 ** width;
  }

  readBits(width: number, where?: string): number {
    return this.#isLittle ? this.readBitsLe(width, where) : this.readBitsBe(width, where);
  }

  /** 33 to 64 bits. */
  readWideBitsBe(width: number, where?: string): bigint {
    const high = BigInt(this.readBitsBe(width - 32, where));
    return high * TWO_32 + BigInt(this.readBitsBe(32, where));
  }

  readWideBitsLe(width: number, where?: string): bigint {
    const low = BigInt(this.readBitsLe(32, where));
    return BigInt(this.readBitsLe(width - 32, where)) * TWO_32 + low;
  }

  readWideBits(width: number, where?: string): bigint {
    return this.#isLittle ? this.readWideBitsLe(width, where) : this.readWideBitsBe(width, where);
  }

  // Bit fields by Kaitai's names, which give a bigint above 32 bits

  override readBitsIntBe(width: number): Int {
    return this.#isWide(width) ? this.readWideBitsBe(width) : this.readBitsBe(width);
  }

  override readBitsIntLe(width: number): Int {
    return this.#isWide(width) ? this.readWideBitsLe(width) : this.readBitsLe(width);
  }

  override readBitsInt(width: number): Int {
    return this.readBitsIntBe(width);
  }

  #isWide(width: number): boolean {
    return this._checked(width, MAX_BITS, 'width') > 32;
  }

  #bitBytes(count: number, where?: string): Uint8Array {
    return count > 0 ? this.take(count, where) : NO_BYTES;
  }

  // Static methods that the plain compiler's code calls. Inherited as they are: byteArrayCompare, createStringFromArray.

  static override readonly mod = plain.mod;
  static override readonly arrayMin = plain.arrayMin;
  static override readonly arrayMax = plain.arrayMax;
  static override readonly bytesToStr = plain.bytesToStr;
  static override readonly bytesStripRight = plain.bytesStripRight;
  static override readonly bytesTerminate = plain.bytesTerminate;
  static override readonly bytesTerminateMulti = plain.bytesTerminateMulti;
  static override readonly processXorOne = plain.processXorOne;
  static override readonly processXorMany = plain.processXorMany;
  static override readonly processRotateLeft = plain.processRotateLeft;
  static override readonly processZlib = plain.processZlib;
  static override readonly EOFError = errors.EOFError;
  static override readonly UnexpectedDataError = errors.UnexpectedDataError;
  static override readonly UndecidedEndiannessError = errors.UndecidedEndiannessError;
  static override readonly ValidationNotEqualError = errors.ValidationNotEqualError;
  static override readonly ValidationLessThanError = errors.ValidationLessThanError;
  static override readonly ValidationGreaterThanError = errors.ValidationGreaterThanError;
  static override readonly ValidationNotAnyOfError = errors.ValidationNotAnyOfError;
  static override readonly ValidationNotInEnumError = errors.ValidationNotInEnumError;
  static override readonly ValidationExprError = errors.ValidationExprError;
}
