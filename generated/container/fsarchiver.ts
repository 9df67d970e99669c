// Generated from formats/container/fsarchiver.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestFsarchiver = Guest<Fsarchiver>;

/** `fsarchiver` from its bytes. @throws FormatError when they are none. */
export function parseFsarchiver(bytes: Uint8Array): GuestFsarchiver {
  return guest(new Fsarchiver(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Fsarchiver(new SafeStream(bytes));
  return guestClaims({
    type: 'fsarchiver',
  });
}

/**
 * The files of filesystems, with what is needed to make the filesystems again.
 *
 * ### Making a test image
 *
 *     fsarchiver savedir image.fsa DIRECTORY
 * @see fsarchiver src/fsarchiver.h: FSA_MAGIC_VOLH; src/writebuf.c: writebuf_add_header
 */
class Fsarchiver {
  readonly _io: SafeStream;
  /** Called `FSA_MAGIC_VOLH` in the original. */
  readonly magic: Uint8Array;
  /** Called `archid` in the original. */
  readonly archive: number;
  /** Called `fsid` in the original. */
  readonly filesystem: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Fsarchiver.magic');
    if (compareBytes(this.magic, Uint8Array.of(70, 115, 65, 48)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(70, 115, 65, 48), this.magic, io, 'Fsarchiver.magic', 'BAD_MAGIC');
    }
    this.archive = io.readU4le('Fsarchiver.archive');
    this.filesystem = io.take(2, 'Fsarchiver.filesystem');
    if (compareBytes(this.filesystem, Uint8Array.of(255, 255)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(255, 255), this.filesystem, io, 'Fsarchiver.filesystem', 'BAD_MAGIC');
    }
  }
}
