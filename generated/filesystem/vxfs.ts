// Generated from formats/filesystem/vxfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestVxfs = Guest<Vxfs>;

/** `vxfs` from its bytes. @throws FormatError when they are none. */
export function parseVxfs(bytes: Uint8Array, order: ByteOrder): GuestVxfs {
  return guest(new Vxfs(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Vxfs(new SafeStream(bytes, order));
  return guestClaims({
    type: 'vxfs',
    version: it.superblock.version.toString(),
  });
}

/**
 * The superblock as UnixWare writes it, and in the other byte order HP-UX, at
 * another place.
 * @see Linux fs/freevxfs/vxfs.h: struct vxfs_sb; vxfs_super.c: vxfs_fill_super
 * @see util-linux libblkid/src/superblocks/vxfs.c
 */
class Vxfs {
  readonly _io: SafeStream;
  readonly firstMagic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstMagic = io.readU4('Vxfs.firstMagic');
  }

  #superblock: VxfsSuperblock | undefined;
  get superblock(): VxfsSuperblock {
    if (this.#superblock !== undefined) return this.#superblock;
    return (this.#superblock = this._io.at(this.firstMagic === 2768370933 ? 0 : 7168, 'Vxfs.superblock', (io) => new VxfsSuperblock(io)));
  }
}

class VxfsSuperblock {
  readonly _io: SafeStream;
  /** Called `vs_magic` in the original. */
  readonly magic: number;
  /** Called `vs_version` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4('VxfsSuperblock.magic');
    this.version = io.readU4('VxfsSuperblock.version');
  }
}
