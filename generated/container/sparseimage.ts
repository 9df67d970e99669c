// Generated from formats/container/sparseimage.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestSparseimage = Guest<Sparseimage>;

/** `sparseimage` from its bytes. @throws FormatError when they are none. */
export function parseSparseimage(bytes: Uint8Array): GuestSparseimage {
  return guest(new Sparseimage(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Sparseimage(new SafeStream(bytes));
  return guestClaims({
    type: 'sparseimage',
  });
}

/**
 * A disk in bands, with a table of those that are stored.
 * @see libmodi documentation, "Mac OS sparse image (.sparseimage) format"
 */
class Sparseimage {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;
  readonly version: number;
  readonly sectorsPerBand: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Sparseimage.magic');
    if (compareBytes(this.magic, Uint8Array.of(115, 112, 114, 115)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(115, 112, 114, 115), this.magic, io, 'Sparseimage.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Sparseimage.version');
    if (this.version < 1) {
      throw new ValidationLessThanError(1, this.version, io, 'Sparseimage.version');
    }
    if (this.version > 3) {
      throw new ValidationGreaterThanError(3, this.version, io, 'Sparseimage.version');
    }
    this.sectorsPerBand = io.readU4be('Sparseimage.sectorsPerBand');
    if (this.sectorsPerBand < 1) {
      throw new ValidationLessThanError(1, this.sectorsPerBand, io, 'Sparseimage.sectorsPerBand');
    }
    if (this.sectorsPerBand > 1048576) {
      throw new ValidationGreaterThanError(1048576, this.sectorsPerBand, io, 'Sparseimage.sectorsPerBand');
    }
  }
}
