// Generated from formats/container/cpio.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestCpio = Guest<Cpio>;

/** `cpio` from its bytes. @throws FormatError when they are none. */
export function parseCpio(bytes: Uint8Array): GuestCpio {
  return guest(new Cpio(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Cpio(new SafeStream(bytes));
  return guestClaims({
    type: 'cpio',
  });
}

/**
 * Files one behind the other, each with a header of text.
 *
 * ### Making a test image
 *
 *     find . | cpio -o -H newc > files.cpio
 * @see POSIX pax, "cpio Interchange Format"
 * @see Linux Documentation/driver-api/early-userspace/buffer-format.rst
 */
class Cpio {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly kind: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Cpio.magic');
    if (compareBytes(this.magic, Uint8Array.of(48, 55, 48, 55)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(48, 55, 48, 55), this.magic, io, 'Cpio.magic', 'BAD_MAGIC');
    }
    this.kind = io.take(2, 'Cpio.kind');
  }
}
