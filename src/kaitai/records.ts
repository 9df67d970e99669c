// Flyweight records: a table of equal structures is one cursor over the bytes, not an object an entry.
// A million entries cost what a DataView costs; the generated subclass has a getter a field.
import { FormatError } from '../errors.js';
import { failure, type Int, type Located } from './failure.js';
import type { ByteOrder } from './stream.js';
import { type Guest, guest } from './untrusted.js';

/** A table of records. `at` moves its one cursor: a record that it gave before now shows the new one. */
export interface Records<T> {
  readonly length: number;
  /** @throws FormatError OUT_OF_BOUNDS unless 0 <= index < length. */
  at(index: number): T;
  /** The record that begins at any byte. @throws FormatError OUT_OF_BOUNDS unless all of it is there. */
  atByte(offset: number): T;
  /** How many records from `index` on, before `end`, have the same bytes as that one: at least 1. Compared natively. */
  sameFrom(index: number, end: number): number;
}

/** The base of generated records: the bytes, and where in them the current record begins. */
export class RecordCursor implements Located {
  // Only declared: to define each field before it is set takes longer than everything else that a small table costs.
  declare readonly _bytes: Uint8Array;
  declare readonly _view: DataView;
  declare readonly _order: ByteOrder;
  declare readonly _isLittle: boolean;
  declare _offset: number;

  constructor(bytes: Uint8Array, order: ByteOrder, offset: number = 0) {
    this._bytes = bytes;
    this._view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this._order = order;
    this._isLittle = order === 'le';
    this._offset = offset;
  }

  get _lastOffset(): number {
    return this._offset;
  }

  /** `length` bytes at `offset` of the record, as a view. */
  _take(offset: number, length: number): Uint8Array {
    const start = this._offset + offset;
    return this._bytes.subarray(start, start + length);
  }

  /** A bit field of up to 64 bits, the most significant bit first. */
  _bitsBe(firstBit: number, width: number): bigint {
    const end = firstBit + width;
    const bytes = this._take(
      Math.floor(firstBit / 8),
      Math.ceil(end / 8) - Math.floor(firstBit / 8),
    );
    let value = 0n;
    for (const byte of bytes) value = value * 256n + BigInt(byte);
    return BigInt.asUintN(width, value >> BigInt(Math.ceil(end / 8) * 8 - end));
  }

  /** A bit field of up to 64 bits, the least significant bit first. */
  _bitsLe(firstBit: number, width: number): bigint {
    const from = Math.floor(firstBit / 8);
    const bytes = this._take(from, Math.ceil((firstBit + width) / 8) - from);
    let value = 0n;
    let shift = 0n;
    for (const byte of bytes) {
      value += BigInt(byte) << shift;
      shift += 8n;
    }
    return BigInt.asUintN(width, value >> BigInt(firstBit - from * 8));
  }

  /** As the stream's byte order has it. */
  _bits(firstBit: number, width: number): bigint {
    return this._isLittle ? this._bitsLe(firstBit, width) : this._bitsBe(firstBit, width);
  }
}

/**
 * The records of `sizeBytes` bytes that begin at every multiple of `strideBytes`.
 * @throws FormatError INVALID when the stride is shorter than a record.
 */
export function records<R extends RecordCursor>(
  cursor: R,
  sizeBytes: number,
  strideBytes: number,
  where: string,
): Records<Guest<R>> {
  checkStride(sizeBytes, strideBytes, where);
  const length = Math.floor(cursor._bytes.length / strideBytes);
  const lastOffset = cursor._bytes.length - sizeBytes;
  const view = guest(cursor);
  return {
    length,
    at(index) {
      if (!Number.isInteger(index) || index < 0 || index >= length) {
        const problem = `has no record ${index} of ${length}`;
        throw failure('OUT_OF_BOUNDS', where, problem, cursor._offset);
      }
      cursor._offset = index * strideBytes;
      return view;
    },
    atByte(offset) {
      if (!Number.isInteger(offset) || offset < 0 || offset > lastOffset) {
        const problem = `has no record at ${offset} of ${lastOffset + sizeBytes} bytes`;
        throw failure('OUT_OF_BOUNDS', where, problem, cursor._offset);
      }
      cursor._offset = offset;
      return view;
    },
    sameFrom(index, end) {
      return sameRecords(cursor._bytes, strideBytes, index, Math.min(end, length));
    },
  };
}

/**
 * Records are equal from one to the next if a stretch of them is equal to itself moved by one record. Stretches grow while
 * they are equal, then shrink to the first difference.
 */
function sameRecords(bytes: Uint8Array, strideBytes: number, index: number, end: number): number {
  let last = index;
  let isGrowing = true;
  for (let step = 1; step > 0 && last + 1 < end; ) {
    const count = Math.min(step, end - 1 - last);
    const from = last * strideBytes;
    const to = from + count * strideBytes;
    const here = bytes.subarray(from, to);
    const isSame = Buffer.compare(here, bytes.subarray(from + strideBytes, to + strideBytes)) === 0;
    if (isSame) {
      last += count;
      if (isGrowing) step *= 4;
    } else {
      isGrowing = false;
      step = count === 1 ? 0 : Math.ceil(count / 4);
    }
  }
  return last - index + 1;
}

/** The sum of a value over all whole records. @throws FormatError INVALID as `records`. */
export function sumRecords<R extends RecordCursor>(
  cursor: R,
  sizeBytes: number,
  strideBytes: number,
  where: string,
  value: (record: R) => Int,
): bigint {
  checkStride(sizeBytes, strideBytes, where);
  let sum = 0n;
  for (let at = 0; at + sizeBytes <= cursor._bytes.length; at += strideBytes) {
    cursor._offset = at;
    sum += BigInt(value(cursor));
  }
  return sum;
}

function checkStride(sizeBytes: number, strideBytes: number, where: string): void {
  if (Number.isSafeInteger(strideBytes) && strideBytes >= sizeBytes && strideBytes > 0) return;
  const message = `${where}: records of ${sizeBytes} bytes cannot lie ${strideBytes} bytes apart`;
  throw new FormatError('INVALID', message, { data: { sizeBytes, strideBytes } });
}
