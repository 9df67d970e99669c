// Generated from formats/container/lzip.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestLzip = Guest<Lzip>;

/** `lzip` from its bytes. @throws FormatError when they are none. */
export function parseLzip(bytes: Uint8Array): GuestLzip {
  return guest(new Lzip(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lzip(new SafeStream(bytes));
  return guestClaims({
    type: 'lzip',
  });
}

/**
 * Members of LZMA.
 * @see lzip manual, "File format"
 */
class Lzip {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly dictionary: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(5, 'Lzip.magic');
    if (compareBytes(this.magic, Uint8Array.of(76, 90, 73, 80, 1)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(76, 90, 73, 80, 1), this.magic, io, 'Lzip.magic', 'BAD_MAGIC');
    }
    this.dictionary = io.readU1('Lzip.dictionary');
    if (this.dictionary < 12) {
      throw new ValidationLessThanError(12, this.dictionary, io, 'Lzip.dictionary');
    }
    if (this.dictionary > 253) {
      throw new ValidationGreaterThanError(253, this.dictionary, io, 'Lzip.dictionary');
    }
  }
}
