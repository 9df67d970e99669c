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
export function parseVxfs(bytes: Uint8Array): GuestVxfs {
  return guest(new Vxfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Vxfs(new SafeStream(bytes));
  return guestClaims({
    type: 'vxfs',
    version: it.version.toString(),
  });
}

/**
 * The superblock as UnixWare writes it.
 * @see Linux fs/freevxfs/vxfs.h: struct vxfs_sb
 * @see util-linux libblkid/src/superblocks/vxfs.c
 */
class Vxfs {
  readonly _io: SafeStream;
  /** Called `vs_magic` in the original. */
  readonly magic: number;
  /** Called `vs_version` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Vxfs.magic');
    this.version = io.readU4le('Vxfs.version');
  }
}
