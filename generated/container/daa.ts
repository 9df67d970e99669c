// Generated from formats/container/daa.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDaa = Guest<Daa>;

/** `daa` from its bytes. @throws FormatError when they are none. */
export function parseDaa(bytes: Uint8Array): GuestDaa {
  return guest(new Daa(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Daa(new SafeStream(bytes));
  return guestClaims({
    type: 'daa',
  });
}

/**
 * A disc in compressed chunks.
 * @see file magic/Magdir/filesystems, "PowerISO"
 */
class Daa {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Daa.magic');
    if (compareBytes(this.magic, Uint8Array.of(68, 65, 65, 0, 0, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(68, 65, 65, 0, 0, 0, 0, 0), this.magic, io, 'Daa.magic', 'BAD_MAGIC');
    }
  }
}
