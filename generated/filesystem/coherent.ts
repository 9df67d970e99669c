// Generated from formats/filesystem/coherent.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationLessThanError,
} from '../../src/kaitai/index.js';

export type GuestCoherent = Guest<Coherent>;

/** `coherent` from its bytes. @throws FormatError when they are none. */
export function parseCoherent(bytes: Uint8Array): GuestCoherent {
  return guest(new Coherent(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Coherent(new SafeStream(bytes));
  return guestClaims({
    type: 'coherent',
  });
}

/**
 * A filesystem of the Coherent system. It has no number to know it by: the names
 * that nobody ever set are its signature.
 *
 * Its size is not read: no program is left to compare with. Linux (until 6.14) looks
 * for the superblock in the wrong one of two blocks and cannot mount it.
 * @see Linux include/linux/sysv_fs.h: struct coh_super_block
 * @see Linux fs/sysv/super.c: detect_coherent
 */
class Coherent {
  readonly _io: SafeStream;
  /** Called `s_isize` in the original. */
  readonly firstDataZone: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstDataZone = io.readU2le('Coherent.firstDataZone');
    if (this.firstDataZone < 2) {
      throw new ValidationLessThanError(2, this.firstDataZone, io, 'Coherent.firstDataZone');
    }
  }
}
