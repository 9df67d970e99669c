// Generated from formats/container/acronis.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestAcronis = Guest<Acronis>;

/** `acronis` from its bytes. @throws FormatError when they are none. */
export function parseAcronis(bytes: Uint8Array): GuestAcronis {
  return guest(new Acronis(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Acronis(new SafeStream(bytes));
  return guestClaims({
    type: 'acronis',
  });
}

/**
 * The sectors of partitions, compressed.
 * @see file magic/Magdir/archive, "Acronis"
 */
class Acronis {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Acronis.magic');
    if (compareBytes(this.magic, Uint8Array.of(206, 36, 185, 162, 32, 0, 0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(206, 36, 185, 162, 32, 0, 0, 0), this.magic, io, 'Acronis.magic', 'BAD_MAGIC');
    }
  }
}
