// Generated from formats/container/ewf2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestEwf2 = Guest<Ewf2>;

/** `ewf2` from its bytes. @throws FormatError when they are none. */
export function parseEwf2(bytes: Uint8Array): GuestEwf2 {
  return guest(new Ewf2(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Ewf2(new SafeStream(bytes));
  return guestClaims({
    type: 'ewf2',
  });
}

/**
 * The second version of the Expert Witness Compression Format: a disk in compressed
 * chunks, perhaps encrypted, in one file or several.
 * @see libewf documentation, "Expert Witness Compression Format (EWF) version 2"
 */
class Ewf2 {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;
  readonly versionMajor: number;
  readonly versionMinor: number;
  /** Called `compression_method` in the original. */
  readonly compression: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Ewf2.magic');
    if (compareBytes(this.magic, Uint8Array.of(69, 86, 70, 50, 13, 10, 129, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(69, 86, 70, 50, 13, 10, 129, 0), this.magic, io, 'Ewf2.magic', 'BAD_MAGIC');
    }
    this.versionMajor = io.readU1('Ewf2.versionMajor');
    if (this.versionMajor > 9) {
      throw new ValidationGreaterThanError(9, this.versionMajor, io, 'Ewf2.versionMajor');
    }
    this.versionMinor = io.readU1('Ewf2.versionMinor');
    this.compression = io.readU2le('Ewf2.compression');
    if (this.compression > 2) {
      throw new ValidationGreaterThanError(2, this.compression, io, 'Ewf2.compression');
    }
  }
}
