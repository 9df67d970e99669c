// Generated from formats/container/partimage.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestPartimage = Guest<Partimage>;

/** `partimage` from its bytes. @throws FormatError when they are none. */
export function parsePartimage(bytes: Uint8Array): GuestPartimage {
  return guest(new Partimage(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Partimage(new SafeStream(bytes));
  return guestClaims({
    type: 'partimage',
  });
}

/**
 * The blocks of a partition that are in use, behind its headers and a bitmap.
 * @see partimage src/shared/partimage.h: CVolumeHeader
 */
class Partimage {
  readonly _io: SafeStream;
  /** Called `szMagicString` in the original. */
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(17, 'Partimage.magic');
    if (compareBytes(this.magic, Uint8Array.of(80, 97, 82, 116, 73, 109, 65, 103, 69, 45, 86, 111, 76, 117, 77, 101, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(80, 97, 82, 116, 73, 109, 65, 103, 69, 45, 86, 111, 76, 117, 77, 101, 0), this.magic, io, 'Partimage.magic', 'BAD_MAGIC');
    }
  }
}
