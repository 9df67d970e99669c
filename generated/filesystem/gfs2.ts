// Generated from formats/filesystem/gfs2.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestGfs2 = Guest<Gfs2>;

/** `gfs2` from its bytes. @throws FormatError when they are none. */
export function parseGfs2(bytes: Uint8Array): GuestGfs2 {
  return guest(new Gfs2(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Gfs2(new SafeStream(bytes));
  return guestClaims({
    type: it.format < 1800 ? 'gfs' : 'gfs2',
    label: it.lockTable,
    uuid: it.uuid,
    version: it.format < 1800 ? '' : '1',
  });
}

/**
 * The superblock of GFS2, and of its predecessor GFS, which has another number
 * of its format. How many blocks are free stands in the resource groups and in
 * an inode.
 * @see Linux include/uapi/linux/gfs2_ondisk.h: struct gfs2_sb
 * @see util-linux libblkid/src/superblocks/gfs.c
 */
class Gfs2 {
  readonly _io: SafeStream;
  /** Called `mh_magic` in the original. */
  readonly magic: number;
  /** Called `mh_type` in the original. */
  readonly type: number;
  readonly header: Uint8Array;
  /** Called `sb_fs_format` in the original. */
  readonly format: number;
  /** Called `sb_multihost_format` in the original. */
  readonly multihostFormat: number;
  /** Called `__pad0` in the original. */
  readonly pad: number;
  /** Called `sb_bsize` in the original. */
  readonly lenBlock: number;
  /** Called `sb_bsize_shift` in the original. */
  readonly log2LenBlock: number;
  /** Called `__pad1` in the original. */
  readonly pad1: number;
  /** Called `sb_master_dir` in the original. */
  readonly masterInode: Uint8Array;
  /** Called `__pad2` in the original. */
  readonly pad2: Uint8Array;
  /** Called `sb_root_dir` in the original. */
  readonly rootInode: Uint8Array;
  /** Called `sb_lockproto` in the original. */
  readonly lockProtocol: string;
  /** Called `sb_locktable` in the original. */
  readonly lockTable: string;
  /** Called `__pad3` in the original. */
  readonly pad3: Uint8Array;
  /** Called `__pad4` in the original. */
  readonly pad4: Uint8Array;
  /** Called `sb_uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4be('Gfs2.magic');
    this.type = io.readU4be('Gfs2.type');
    this.header = io.take(16, 'Gfs2.header');
    this.format = io.readU4be('Gfs2.format');
    this.multihostFormat = io.readU4be('Gfs2.multihostFormat');
    this.pad = io.readU4be('Gfs2.pad');
    this.lenBlock = io.readU4be('Gfs2.lenBlock');
    this.log2LenBlock = io.readU4be('Gfs2.log2LenBlock');
    this.pad1 = io.readU4be('Gfs2.pad1');
    this.masterInode = io.take(16, 'Gfs2.masterInode');
    this.pad2 = io.take(16, 'Gfs2.pad2');
    this.rootInode = io.take(16, 'Gfs2.rootInode');
    this.lockProtocol = decode(terminate(io.take(64, 'Gfs2.lockProtocol'), [0], false), 'UTF-8');
    this.lockTable = decode(terminate(io.take(64, 'Gfs2.lockTable'), [0], false), 'UTF-8');
    this.pad3 = io.take(16, 'Gfs2.pad3');
    this.pad4 = io.take(16, 'Gfs2.pad4');
    this.uuid = io.take(16, 'Gfs2.uuid');
  }
}
