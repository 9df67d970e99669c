// Generated from formats/filesystem/reiser4.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestReiser4 = Guest<Reiser4>;

/** `reiser4` from its bytes. @throws FormatError when they are none. */
export function parseReiser4(bytes: Uint8Array): GuestReiser4 {
  return guest(new Reiser4(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Reiser4(new SafeStream(bytes));
  return guestClaims({
    type: 'reiser4',
    label: it.label,
    uuid: it.uuid,
    version: '4',
  });
}

/**
 * The master superblock; the one of the disk format lies behind it.
 * @see reiser4progs: struct reiser4_master_sb
 * @see util-linux libblkid/src/superblocks/reiserfs.c
 */
class Reiser4 {
  readonly _io: SafeStream;
  /** Called `ms_magic` in the original. */
  readonly magic: string;
  /** Called `ms_format` in the original. */
  readonly diskPlugin: number;
  /** Called `ms_blksize` in the original. */
  readonly lenBlock: number;
  /** Called `ms_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `ms_label` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(16, 'Reiser4.magic'), [0], false), 'UTF-8');
    this.diskPlugin = io.readU2le('Reiser4.diskPlugin');
    this.lenBlock = io.readU2le('Reiser4.lenBlock');
    this.uuid = io.take(16, 'Reiser4.uuid');
    this.label = decode(terminate(io.take(16, 'Reiser4.label'), [0], false), 'UTF-8');
  }
}
