// Generated from formats/container/ghost.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestGhost = Guest<Ghost>;

/** `ghost` from its bytes. @throws FormatError when they are none. */
export function parseGhost(bytes: Uint8Array): GuestGhost {
  return guest(new Ghost(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Ghost(new SafeStream(bytes));
  return guestClaims({
    type: 'ghost',
  });
}

/**
 * The files of a partition, or its sectors, compressed.
 * @see file magic/Magdir/filesystems, "Norton GHost image"
 */
class Ghost {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly compression: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(3, 'Ghost.magic');
    if (compareBytes(this.magic, Uint8Array.of(254, 239, 1)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(254, 239, 1), this.magic, io, 'Ghost.magic', 'BAD_MAGIC');
    }
    this.compression = io.readU1('Ghost.compression');
    if (this.compression > 10) {
      throw new ValidationGreaterThanError(10, this.compression, io, 'Ghost.compression');
    }
  }
}
