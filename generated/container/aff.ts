// Generated from formats/container/aff.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestAff = Guest<Aff>;

/** `aff` from its bytes. @throws FormatError when they are none. */
export function parseAff(bytes: Uint8Array): GuestAff {
  return guest(new Aff(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Aff(new SafeStream(bytes));
  return guestClaims({
    type: 'aff',
  });
}

/**
 * A disk in compressed pages, each a segment with its name.
 * @see AFFLIBv3 lib/afflib_i.h: AF_HEADER
 */
class Aff {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Aff.magic');
    if (compareBytes(this.magic, Uint8Array.of(65, 70, 70, 49, 48, 13, 10, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(65, 70, 70, 49, 48, 13, 10, 0), this.magic, io, 'Aff.magic', 'BAD_MAGIC');
    }
  }
}
