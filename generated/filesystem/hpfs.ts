// Generated from formats/filesystem/hpfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestHpfs = Guest<Hpfs>;

/** `hpfs` from its bytes. @throws FormatError when they are none. */
export function parseHpfs(bytes: Uint8Array): GuestHpfs {
  return guest(new Hpfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Hpfs(new SafeStream(bytes));
  return guestClaims({
    type: 'hpfs',
    version: it.version.toString(),
  });
}

/**
 * The superblock.
 * @see Linux fs/hpfs/hpfs.h: struct hpfs_super_block
 * @see util-linux libblkid/src/superblocks/hpfs.c
 */
class Hpfs {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `magic1` in the original. */
  readonly magic1: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `funcversion` in the original. */
  readonly functionalVersion: number;
  /** Called `zero` in the original. */
  readonly zero: number;
  /** Called `root` in the original. */
  readonly rootFnode: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Hpfs.magic');
    this.magic1 = io.readU4le('Hpfs.magic1');
    this.version = io.readU1('Hpfs.version');
    this.functionalVersion = io.readU1('Hpfs.functionalVersion');
    this.zero = io.readU2le('Hpfs.zero');
    this.rootFnode = io.readU4le('Hpfs.rootFnode');
  }
}
