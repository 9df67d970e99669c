// Generated from formats/filesystem/reiserfs_8k.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationLessThanError,
} from '../../src/kaitai/index.js';

export type GuestReiserfs8k = Guest<Reiserfs8k>;

/** `reiserfs_8k` from its bytes. @throws FormatError when they are none. */
export function parseReiserfs8k(bytes: Uint8Array): GuestReiserfs8k {
  return guest(new Reiserfs8k(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Reiserfs8k(new SafeStream(bytes));
  return guestClaims({
    type: 'reiserfs',
    version: '3.5',
  });
}

/**
 * The superblock of the oldest ReiserFS, which has no label and no UUID.
 * @see Linux fs/reiserfs/reiserfs.h: REISERFS_OLD_DISK_OFFSET_IN_BYTES
 * @see util-linux libblkid/src/superblocks/reiserfs.c
 */
class Reiserfs8k {
  readonly _io: SafeStream;
  /** Called `s_block_count` in the original. */
  readonly numBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numBlocks = io.readU4le('Reiserfs8k.numBlocks');
    if (this.numBlocks < 1) {
      throw new ValidationLessThanError(1, this.numBlocks, io, 'Reiserfs8k.numBlocks');
    }
  }
}
