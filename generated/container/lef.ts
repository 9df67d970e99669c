// Generated from formats/container/lef.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestLef = Guest<Lef>;

/** `lef` from its bytes. @throws FormatError when they are none. */
export function parseLef(bytes: Uint8Array): GuestLef {
  return guest(new Lef(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lef(new SafeStream(bytes));
  return guestClaims({
    type: 'lef',
  });
}

/**
 * Files that were taken from a disk, in the form of EnCase's images of disks.
 * @see libewf documentation, "Expert Witness Compression Format (EWF)"
 */
class Lef {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Lef.magic');
  }
}
