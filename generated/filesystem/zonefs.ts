// Generated from formats/filesystem/zonefs.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestZonefs = Guest<Zonefs>;

/** `zonefs` from its bytes. @throws FormatError when they are none. */
export function parseZonefs(bytes: Uint8Array): GuestZonefs {
  return guest(new Zonefs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Zonefs(new SafeStream(bytes));
  return guestClaims({
    type: 'zonefs',
    label: it.label,
    uuid: it.uuid,
  });
}

/**
 * The superblock of a filesystem that has a file for each zone of a zoned disk.
 * @see Linux fs/zonefs/zonefs.h: struct zonefs_super
 * @see util-linux libblkid/src/superblocks/zonefs.c
 */
class Zonefs {
  readonly _io: SafeStream;
  /** Called `s_magic` in the original. */
  readonly magic: number;
  /** Called `s_crc` in the original. */
  readonly checksum: number;
  /** Called `s_label` in the original. */
  readonly label: string;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Zonefs.magic');
    this.checksum = io.readU4le('Zonefs.checksum');
    this.label = decode(terminate(io.take(64, 'Zonefs.label'), [0], false), 'UTF-8');
    this.uuid = io.take(16, 'Zonefs.uuid');
  }
}
