// Generated from formats/filesystem/romfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  decode,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestRomfs = Guest<Romfs>;

/** `romfs` from its bytes. @throws FormatError when they are none. */
export function parseRomfs(bytes: Uint8Array): GuestRomfs {
  return guest(new Romfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Romfs(new SafeStream(bytes));
  return guestClaims({
    type: 'romfs',
    isMountedCut: true,
    blockSize: 1024,
    blocks: div(big(it.lenImage) + 1023n, 1024n, 'Romfs blocks'),
    end: it.lenImage,
    free: 0,
    available: 0,
    label: it.volumeName,
  });
}

/**
 * The superblock of a small read-only filesystem. The kernel counts in blocks of
 * 1024 bytes, of which the last may be a part; nothing is ever free.
 * @see Linux Documentation/filesystems/romfs.rst
 * @see Linux fs/romfs/super.c: romfs_fill_super, romfs_checksum, romfs_statfs
 */
class Romfs {
  readonly _io: SafeStream;
  /** Called `word0` in the original. */
  readonly magic: Uint8Array;
  /**
   * Bytes that can be reached.
   * Called `size` in the original.
   */
  readonly lenImage: number;
  /** Makes the words of the first 512 bytes, or of all if there are fewer, add up to 0. */
  readonly checksum: number;
  /** Called `name` in the original. */
  readonly volumeName: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Romfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(45, 114, 111, 109, 49, 102, 115, 45)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(45, 114, 111, 109, 49, 102, 115, 45), this.magic, io, 'Romfs.magic', 'BAD_MAGIC');
    }
    this.lenImage = io.readU4be('Romfs.lenImage');
    if (this.lenImage < 32) {
      throw new ValidationLessThanError(32, this.lenImage, io, 'Romfs.lenImage');
    }
    this.checksum = io.readU4be('Romfs.checksum');
    this.volumeName = decode(terminate(io.take(128, 'Romfs.volumeName'), [0], false), 'UTF-8');
  }
}
