// Generated from formats/filesystem/hpfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  type Spec,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'hpfs',
  title: 'HPFS, the filesystem of OS/2',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [
    {
      all: [
        { at: 8192, magic: [73, 232, 149, 249] },
        { at: 8704, magic: [73, 24, 145, 249] },
      ],
    },
  ],
  window: { offsetBytes: 8192, sizeBytes: 16 },
});

export type GuestHpfs = Guest<Hpfs>;

/** `hpfs` from its bytes. @throws FormatError when they are none. */
export function parseHpfs(bytes: Uint8Array): GuestHpfs {
  return guest(new Hpfs(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
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
