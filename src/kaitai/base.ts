// Kaitai's own run time, `KaitaiStream` of the package kaitai-struct, with types that hold. Ours extends it.
// References: node_modules/kaitai-struct/KaitaiStream.js 0.11.0; its .d.ts says that the class is the module's `default`,
// which it is not, and that 64-bit reads give numbers.
import imported from 'kaitai-struct/KaitaiStream.js';

type Wide = number | bigint;
type Bytes = Uint8Array;

/** The members of Kaitai's class that ours keeps, overrides or reads. */
declare class Base {
  constructor(data: DataView);
  /** Undefined until the constructor has set it. */
  _dataView: DataView;
  pos: number;
  bits: number;
  bitsLeft: number;
  get buffer(): ArrayBufferLike;
  set buffer(value: ArrayBufferLike);
  get byteOffset(): number;
  set byteOffset(value: number);
  get dataView(): DataView;
  set dataView(value: DataView);
  get size(): number;
  isEof(): boolean;
  seek(position: Wide): void;
  ensureBytesLeft(length: Wide): void;
  mapUint8Array(length: Wide): Bytes;
  readS1(): number;
  readS2be(): number;
  readS4be(): number;
  readS8be(): Wide;
  readS2le(): number;
  readS4le(): number;
  readS8le(): Wide;
  readU1(): number;
  readU2be(): number;
  readU4be(): number;
  readU8be(): Wide;
  readU2le(): number;
  readU4le(): number;
  readU8le(): Wide;
  readF4be(): number;
  readF8be(): number;
  readF4le(): number;
  readF8le(): number;
  alignToByte(): void;
  readBitsIntBe(width: number): Wide;
  readBitsIntLe(width: number): Wide;
  readBitsInt(width: number): Wide;
  readBytes(length: Wide): Bytes;
  readBytesFull(): Bytes;
  readBytesTerm(end: number, include: boolean, consume: boolean, mustEnd: boolean): Bytes;
  readBytesTermMulti(end: Bytes, include: boolean, consume: boolean, mustEnd: boolean): Bytes;
  ensureFixedContents(expected: ArrayLike<number>): Bytes;
  static bytesStripRight(data: Bytes, pad: number): Bytes;
  static bytesTerminate(data: Bytes, end: number, include: boolean): Bytes;
  static bytesTerminateMulti(data: Bytes, end: Bytes, include: boolean): Bytes;
  static bytesToStr(data: Bytes, encoding: string): string;
  static processXorOne(data: Bytes, key: number): Bytes;
  static processXorMany(data: Bytes, key: Bytes): Bytes;
  static processRotateLeft(data: Bytes, amount: number, groupSize: number): Bytes;
  static processZlib(data: Bytes): Bytes;
  static mod(dividend: Wide, divisor: Wide): Wide;
  static arrayMin(list: ArrayLike<Wide>): Wide;
  static arrayMax(list: ArrayLike<Wide>): Wide;
  static byteArrayCompare(a: Bytes, b: Bytes): number;
  static createStringFromArray(data: Bytes): string;
  static readonly EOFError: ErrorClass;
  static readonly UnexpectedDataError: ErrorClass;
  static readonly UndecidedEndiannessError: ErrorClass;
  static readonly ValidationNotEqualError: ErrorClass;
  static readonly ValidationLessThanError: ErrorClass;
  static readonly ValidationGreaterThanError: ErrorClass;
  static readonly ValidationNotAnyOfError: ErrorClass;
  static readonly ValidationNotInEnumError: ErrorClass;
  static readonly ValidationExprError: ErrorClass;
}

/** One of Kaitai's error classes, of which only the prototype is used. */
export interface ErrorClass {
  readonly prototype: Error;
}

/** Kaitai's class. */
export const KaitaiStream = imported as unknown as typeof Base;
