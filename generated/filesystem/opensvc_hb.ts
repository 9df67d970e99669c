// Generated from formats/filesystem/opensvc_hb.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestOpensvcHb = Guest<OpensvcHb>;

/** `opensvc_hb` from its bytes. @throws FormatError when they are none. */
export function parseOpensvcHb(bytes: Uint8Array): GuestOpensvcHb {
  return guest(new OpensvcHb(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new OpensvcHb(new SafeStream(bytes));
  return guestClaims({
    type: 'opensvc_hb',
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The header of a disk by which the nodes of a cluster know that the others live.
 * @see util-linux libblkid/src/superblocks/opensvc_hb.c
 */
class OpensvcHb {
  readonly _io: SafeStream;
  /** Called `crc` in the original. */
  readonly checksum: number;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `page_size` in the original. */
  readonly lenPage: number;
  /** Called `slot_size` in the original. */
  readonly lenSlot: number;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('OpensvcHb.checksum');
    this.magic = io.take(8, 'OpensvcHb.magic');
    this.version = io.readU4le('OpensvcHb.version');
    this.lenPage = io.readU4le('OpensvcHb.lenPage');
    this.lenSlot = io.readU4le('OpensvcHb.lenSlot');
    this.uuid = io.take(16, 'OpensvcHb.uuid');
  }
}
