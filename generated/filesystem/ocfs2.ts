// Generated from formats/filesystem/ocfs2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestOcfs2 = Guest<Ocfs2>;

/** `ocfs2` from its bytes. @throws FormatError when they are none. */
export function parseOcfs2(bytes: Uint8Array): GuestOcfs2 {
  return guest(new Ocfs2(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Ocfs2(new SafeStream(bytes));
  return guestClaims({
    type: 'ocfs2',
    label: it.superblock.label,
    uuid: it.superblock.uuid,
    version: concat('Ocfs2 version', it.superblock.major.toString(), '.', it.superblock.minor < 10 ? '0' : '', it.superblock.minor.toString()),
  });
}

/**
 * The superblock is the block 2 of 512, 1024, 2048 or 4096 bytes, and has the
 * form of an inode.
 * @see Linux fs/ocfs2/ocfs2_fs.h: struct ocfs2_dinode, struct ocfs2_super_block
 * @see util-linux libblkid/src/superblocks/ocfs.c
 */
class Ocfs2 {
  readonly _io: SafeStream;
  readonly bootBlocks: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootBlocks = io.take(1024, 'Ocfs2.bootBlocks');
  }

  #isBlock512: string | undefined;
  get isBlock512(): string {
    if (this.#isBlock512 !== undefined) return this.#isBlock512;
    return (this.#isBlock512 = this._io.at(1024, 'Ocfs2.isBlock512', (io) => decode(io.take(6, 'Ocfs2.isBlock512'), 'ASCII')));
  }

  #isBlock1024: string | undefined;
  get isBlock1024(): string {
    if (this.#isBlock1024 !== undefined) return this.#isBlock1024;
    return (this.#isBlock1024 = this._io.at(2048, 'Ocfs2.isBlock1024', (io) => decode(io.take(6, 'Ocfs2.isBlock1024'), 'ASCII')));
  }

  #isBlock2048: string | undefined;
  get isBlock2048(): string {
    if (this.#isBlock2048 !== undefined) return this.#isBlock2048;
    return (this.#isBlock2048 = this._io.at(4096, 'Ocfs2.isBlock2048', (io) => decode(io.take(6, 'Ocfs2.isBlock2048'), 'ASCII')));
  }

  #superblock: Ocfs2Superblock | undefined;
  get superblock(): Ocfs2Superblock {
    if (this.#superblock !== undefined) return this.#superblock;
    return (this.#superblock = this._io.at(this.isBlock512 === 'OCFSV2' ? 1024 : this.isBlock1024 === 'OCFSV2' ? 2048 : this.isBlock2048 === 'OCFSV2' ? 4096 : 8192, 'Ocfs2.superblock', (io) => new Ocfs2Superblock(io)));
  }
}

class Ocfs2Superblock {
  readonly _io: SafeStream;
  /** Called `i_signature` in the original. */
  readonly magic: string;
  readonly inode: Uint8Array;
  /** Called `s_major_rev_level` in the original. */
  readonly major: number;
  /** Called `s_minor_rev_level` in the original. */
  readonly minor: number;
  readonly settings: Uint8Array;
  /** Called `s_label` in the original. */
  readonly label: string;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(8, 'Ocfs2Superblock.magic'), [0], false), 'UTF-8');
    this.inode = io.take(184, 'Ocfs2Superblock.inode');
    this.major = io.readU2le('Ocfs2Superblock.major');
    this.minor = io.readU2le('Ocfs2Superblock.minor');
    this.settings = io.take(76, 'Ocfs2Superblock.settings');
    this.label = decode(terminate(io.take(64, 'Ocfs2Superblock.label'), [0], false), 'UTF-8');
    this.uuid = io.take(16, 'Ocfs2Superblock.uuid');
  }
}
