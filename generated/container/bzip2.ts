// Generated from formats/container/bzip2.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestBzip2 = Guest<Bzip2>;

/** `bzip2` from its bytes. @throws FormatError when they are none. */
export function parseBzip2(bytes: Uint8Array): GuestBzip2 {
  return guest(new Bzip2(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Bzip2(new SafeStream(bytes));
  return guestClaims({
    type: 'bzip2',
  });
}

/**
 * Blocks of up to 900 KB that begin at any bit; nothing says where, so it
 * cannot be read at random.
 *
 * ### Making a test image
 *
 *     bzip2 -k disk.raw
 * @see https://en.wikipedia.org/wiki/Bzip2#File_format
 */
class Bzip2 {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** A digit, the size of a block in units of 100,000 bytes. */
  readonly level: number;
  /** Of the first block. */
  readonly blockMagic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(3, 'Bzip2.magic');
    if (compareBytes(this.magic, Uint8Array.of(66, 90, 104)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(66, 90, 104), this.magic, io, 'Bzip2.magic', 'BAD_MAGIC');
    }
    this.level = io.readU1('Bzip2.level');
    if (this.level < 49) {
      throw new ValidationLessThanError(49, this.level, io, 'Bzip2.level');
    }
    if (this.level > 57) {
      throw new ValidationGreaterThanError(57, this.level, io, 'Bzip2.level');
    }
    this.blockMagic = io.take(6, 'Bzip2.blockMagic');
    if (compareBytes(this.blockMagic, Uint8Array.of(49, 65, 89, 38, 83, 89)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(49, 65, 89, 38, 83, 89), this.blockMagic, io, 'Bzip2.blockMagic', 'BAD_MAGIC');
    }
  }
}
