// BoundedStream: Kaitai's stream over bytes of a guest, with all of its methods and errors and without its holes in
// positions, lengths and bytes: nothing is clamped or cut to 32 bits, every failure is a FormatError, and repetitions
// have a budget. The code that Kaitai's plain compiler writes runs on it too; its reads are those that name no field. They
// are counted one by one, since that code counts nothing before it loops, and the first that fails ends the stream, since
// that code does not go back to where it was before a failed `seek` and read.
// References: KaitaiStream.js 0.11.0; https://doc.kaitai.io/stream_api.html; docs/decisions/0003-dependencies.md.
import { KaitaiStream } from './base.js';
import { type Budget, fullBudget } from './budget.js';
import { EOFError, UnexpectedDataError } from './errors.js';
import { failure, type Int, type Located } from './failure.js';
import { indexOfUnit } from './text.js';

/** The position of a stream after a failure: it is behind every end, so no read succeeds, and no seek leads there. */
const SPOILT = Number.POSITIVE_INFINITY;

/** Bytes that a read without a field's name gave: a stream over them spends the budget of the stream they come from. */
const SPENDS = Symbol('spends');
type Bytes = Uint8Array & { [SPENDS]?: Budget };

/** The kinds of memory that a stream can be made of. */
export type StreamData = Uint8Array | DataView | ArrayBuffer;

export class BoundedStream extends KaitaiStream implements Located {
  readonly #bytes: Uint8Array;
  readonly #budget: Budget;
  readonly sizeBytes: number;
  #lastOffset = 0;
  /** Where the stream was when its end was last asked for. */
  #askedAt = -1;
  /** Positions that a seek left within a byte. Declared only: Kaitai's constructor aligns before our fields are there. */
  declare private _torn: Set<number> | undefined;

  constructor(data: StreamData, startBytes: number, budget: Budget | undefined) {
    const bytes: Bytes =
      data instanceof Uint8Array && startBytes === 0 ? data : part(data, startBytes);
    super(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#bytes = bytes;
    this.#budget = budget ?? budgetOf(bytes);
    this.sizeBytes = bytes.length;
    this._torn = undefined;
  }

  get _lastOffset(): number {
    return this.#lastOffset;
  }

  protected get _budget(): Budget {
    return this.#budget;
  }

  // The bytes of the stream. Kaitai's own view of a part would reach to the end of the buffer that the part lies in.

  override get size(): number {
    return this.sizeBytes;
  }

  override get dataView(): DataView {
    return this._dataView;
  }
  override set dataView(view: DataView) {
    if (this._dataView !== undefined) throw fixed();
    this._dataView = view;
  }

  /** A copy of the stream's bytes and of no others. */
  override get buffer(): ArrayBufferLike {
    return Uint8Array.from(this.#bytes).buffer;
  }
  override set buffer(_: ArrayBufferLike) {
    throw fixed();
  }

  /** Where in `buffer` the stream begins. */
  override get byteOffset(): number {
    return 0;
  }
  override set byteOffset(_: number) {
    throw fixed();
  }

  // Positions

  /** How far the stream is, in bits: each turn of a repetition must move it. */
  get progress(): number {
    return this.pos * 8 - this.bitsLeft;
  }

  override isEof(): boolean {
    const progress = this.progress;
    if (progress === this.#askedAt) this._spend(1);
    this.#askedAt = progress;
    return this.pos >= this.sizeBytes && this.bitsLeft === 0;
  }

  /** Drops the bits that are left of a byte; a later read of bits that comes back to them is refused. */
  override seek(offset: Int): void {
    const target = this._checked(offset, this.sizeBytes, 'offset');
    this._spend(1);
    if (this.bitsLeft > 0) {
      this._torn ??= new Set();
      this._torn.add(this.pos);
    }
    this.bits = 0;
    this.bitsLeft = 0;
    this.pos = target;
  }

  override alignToByte(): void {
    this.bits = 0;
    this.bitsLeft = 0;
    this._torn?.delete(this.pos);
  }

  /** Called before bits are read. @throws FormatError INVALID where a seek has lost some. */
  protected _checkBits(where?: string): void {
    if (this._torn === undefined || this.bitsLeft > 0 || !this._torn.has(this.pos)) return;
    throw this._failed(where, failure('INVALID', where, 'has lost the bits before it', this.pos));
  }

  // Bytes

  /** A fixed number of bytes, as a view. */
  take(length: number, where?: string): Uint8Array {
    const start = this._need(length, where);
    const bytes: Bytes = this.#bytes.subarray(start, start + length);
    if (where === undefined) bytes[SPENDS] = this.#budget;
    return bytes;
  }

  /** Reads as many bytes as a field of the guest tells, as a view. */
  override readBytes(length: Int, where?: string): Uint8Array {
    if (where === undefined) this.ensureBytesLeft(length);
    return this.take(this._checked(length, this.sizeBytes - this.pos, 'length', where), where);
  }

  override readBytesFull(where?: string): Uint8Array {
    return this.take(this.sizeBytes - this.pos, where);
  }

  override mapUint8Array(length: Int): Uint8Array {
    return this.readBytes(length);
  }

  /** Bytes up to a terminator of one or more bytes; a wide one is looked for in whole units. */
  override readBytesTerm(
    terminator: number | ArrayLike<number>,
    include: boolean,
    consume: boolean,
    mustEnd: boolean,
    where?: string,
  ): Uint8Array {
    const start = this.pos;
    const unit = typeof terminator === 'number' ? [terminator] : terminator;
    const end = indexOfUnit(this.#bytes, unit, start);
    if (end < 0) {
      if (mustEnd) throw this._short(this.sizeBytes - start + 1, where, 'has no terminator');
      return this.readBytesFull(where);
    }
    const bytes = this.take(end - start + (include ? unit.length : 0), where);
    if (consume) this.pos = end + unit.length;
    return bytes;
  }

  override readBytesTermMulti(
    terminator: ArrayLike<number>,
    include: boolean,
    consume: boolean,
    mustEnd: boolean,
  ): Uint8Array {
    return this.readBytesTerm(terminator, include, consume, mustEnd);
  }

  override ensureFixedContents(expected: ArrayLike<number>): Uint8Array {
    const actual = this.take(expected.length);
    if (actual.every((byte, i) => byte === expected[i])) return actual;
    throw this._failed(undefined, new UnexpectedDataError(Uint8Array.from(expected), actual, this));
  }

  override ensureBytesLeft(length: Int): void {
    if (length <= this.sizeBytes - this.pos) return;
    throw this._short(Number(length), undefined);
  }

  // Failures and budget

  /** Moves over `length` bytes and gives the offset where they begin. */
  protected _need(length: number, where?: string): number {
    const start = this.pos;
    if (!(length <= this.sizeBytes - start)) throw this._short(length, where);
    if (where === undefined) this._spend(1);
    this.pos = start + length;
    this.#lastOffset = start;
    return start;
  }

  /** The bytes end before `length` more. */
  protected _short(length: number, where?: string, problem?: string): Error {
    const { pos } = this;
    const left = this.sizeBytes - pos;
    return this._failed(
      where,
      pos === SPOILT
        ? failure('INVALID', where, 'is read after a failure', this.#lastOffset)
        : new EOFError(length, left, where, pos, problem),
    );
  }

  /** A length, count or offset of the guest as an exact number in 0..max. */
  protected _checked(value: Int, max: number, what: string, where?: string): number {
    if (!(value >= 0 && value <= max) || (typeof value === 'number' && !Number.isInteger(value))) {
      const problem = `${what} ${value < 0 ? 'below 0' : value} is not in 0..${max}`;
      throw this._failed(where, failure('OUT_OF_BOUNDS', where, problem, this.pos));
    }
    return Number(value);
  }

  protected _spend(itemCount: number, where?: string): void {
    if (itemCount > this.#budget.itemCount) {
      throw this._failed(where, failure('LIMIT', where, 'repeats too many items', this.pos));
    }
    this.#budget.itemCount -= itemCount;
  }

  /** The error, after which a stream that is read without names cannot be read any more. */
  protected _failed(where: string | undefined, error: Error): Error {
    if (where === undefined) this._spoil();
    return error;
  }

  _spoil(): void {
    this.pos = SPOILT;
    this.bits = 0;
    this.bitsLeft = 0;
  }
}

/** Marks the bytes that `process` made of others, so that a stream over them spends the same budget. */
export function processed(from: Bytes, bytes: Bytes): Uint8Array {
  if (from[SPENDS] !== undefined) bytes[SPENDS] = from[SPENDS];
  return bytes;
}

/** The budget of bytes that a read without a field's name gave, otherwise a new one. */
export function budgetOf(bytes: Bytes): Budget {
  return bytes[SPENDS] ?? fullBudget();
}

/** Bytes of a buffer or of a view of it, from a byte on. */
function part(data: StreamData, startBytes: number): Uint8Array {
  if (!(ArrayBuffer.isView(data) || data instanceof ArrayBuffer)) {
    throw new TypeError('a stream is made of bytes');
  }
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  if (Number.isInteger(startBytes) && startBytes >= 0 && startBytes <= bytes.length) {
    return bytes.subarray(startBytes);
  }
  throw failure('OUT_OF_BOUNDS', undefined, `begins at ${startBytes} of ${bytes.length}`, 0);
}

function fixed(): TypeError {
  return new TypeError('the bytes of a stream stay the same');
}
