// Generated from formats/filesystem/mpool.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestMpool = Guest<Mpool>;

/** `mpool` from its bytes. @throws FormatError when they are none. */
export function parseMpool(bytes: Uint8Array): GuestMpool {
  return guest(new Mpool(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Mpool(new SafeStream(bytes));
  return guestClaims({
    type: 'mpool',
    label: it.label,
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The superblock of a device.
 * @see mpool-kmod omf.h: struct omf_sb_descriptor
 * @see util-linux libblkid/src/superblocks/mpool.c
 */
class Mpool {
  readonly _io: SafeStream;
  /** Called `osb_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `osb_name` in the original. */
  readonly label: string;
  /** Called `osb_poolid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `osb_vers` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Mpool.magic');
    this.label = decode(terminate(io.take(32, 'Mpool.label'), [0], false), 'UTF-8');
    this.uuid = io.take(16, 'Mpool.uuid');
    this.version = io.readU2le('Mpool.version');
  }
}
