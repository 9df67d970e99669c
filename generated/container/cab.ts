// Generated from formats/container/cab.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestCab = Guest<Cab>;

/** `cab` from its bytes. @throws FormatError when they are none. */
export function parseCab(bytes: Uint8Array): GuestCab {
  return guest(new Cab(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Cab(new SafeStream(bytes));
  return guestClaims({
    type: 'cab',
  });
}

/**
 * An archive of files.
 * @see [MS-CAB] section 2.1, CFHEADER
 */
class Cab {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Cab.magic');
    if (compareBytes(this.magic, Uint8Array.of(77, 83, 67, 70, 0, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(77, 83, 67, 70, 0, 0, 0, 0), this.magic, io, 'Cab.magic', 'BAD_MAGIC');
    }
  }
}
