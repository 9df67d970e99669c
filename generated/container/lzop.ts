// Generated from formats/container/lzop.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestLzop = Guest<Lzop>;

/** `lzop` from its bytes. @throws FormatError when they are none. */
export function parseLzop(bytes: Uint8Array): GuestLzop {
  return guest(new Lzop(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lzop(new SafeStream(bytes));
  return guestClaims({
    type: 'lzop',
  });
}

/**
 * Blocks of LZO.
 *
 * ### Making a test image
 *
 *     lzop disk.raw
 * @see lzop src/lzop.c: lzop_magic
 */
class Lzop {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(9, 'Lzop.magic');
    if (compareBytes(this.magic, Uint8Array.of(137, 76, 90, 79, 0, 13, 10, 26, 10)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(137, 76, 90, 79, 0, 13, 10, 26, 10), this.magic, io, 'Lzop.magic', 'BAD_MAGIC');
    }
  }
}
