// Generated from formats/container/ffu.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestFfu = Guest<Ffu>;

/** `ffu` from its bytes. @throws FormatError when they are none. */
export function parseFfu(bytes: Uint8Array): GuestFfu {
  return guest(new Ffu(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Ffu(new SafeStream(bytes));
  return guestClaims({
    type: 'ffu',
  });
}

/**
 * The blocks of a disk that are in use, behind a signed header.
 * @see Microsoft, "FFU image format": security header
 */
class Ffu {
  readonly _io: SafeStream;
  /** Called `cbSize` in the original. */
  readonly lenHeader: number;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `dwChunkSizeInKb` in the original. */
  readonly lenChunk: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenHeader = io.readU4le('Ffu.lenHeader');
    if (this.lenHeader !== 32) {
      throw new ValidationNotEqualError(32, this.lenHeader, io, 'Ffu.lenHeader');
    }
    this.magic = io.take(12, 'Ffu.magic');
    if (compareBytes(this.magic, Uint8Array.of(83, 105, 103, 110, 101, 100, 73, 109, 97, 103, 101, 32)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(83, 105, 103, 110, 101, 100, 73, 109, 97, 103, 101, 32), this.magic, io, 'Ffu.magic', 'BAD_MAGIC');
    }
    this.lenChunk = io.readU4le('Ffu.lenChunk');
    if (this.lenChunk < 1) {
      throw new ValidationLessThanError(1, this.lenChunk, io, 'Ffu.lenChunk');
    }
    if (this.lenChunk > 65536) {
      throw new ValidationGreaterThanError(65536, this.lenChunk, io, 'Ffu.lenChunk');
    }
  }
}
