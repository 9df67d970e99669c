// Generated from formats/container/deb.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDeb = Guest<Deb>;

/** `deb` from its bytes. @throws FormatError when they are none. */
export function parseDeb(bytes: Uint8Array): GuestDeb {
  return guest(new Deb(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Deb(new SafeStream(bytes));
  return guestClaims({
    type: 'deb',
  });
}

/**
 * An ar archive of a version and two tars.
 *
 * ### Making a test image
 *
 *     dpkg-deb -b DIRECTORY package.deb
 * @see deb(5)
 */
class Deb {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly member: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Deb.magic');
    this.member = io.take(13, 'Deb.member');
    if (compareBytes(this.member, Uint8Array.of(100, 101, 98, 105, 97, 110, 45, 98, 105, 110, 97, 114, 121)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(100, 101, 98, 105, 97, 110, 45, 98, 105, 110, 97, 114, 121), this.member, io, 'Deb.member', 'BAD_MAGIC');
    }
  }
}
