// Generated from formats/volume/recognised/vdo.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../../src/kaitai/index.js';

export type GuestVdo = Guest<Vdo>;

/** `vdo` from its bytes. @throws FormatError when they are none. */
export function parseVdo(bytes: Uint8Array): GuestVdo {
  return guest(new Vdo(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Vdo(new SafeStream(bytes));
  return guestClaims({
    type: 'vdo',
    uuid: it.uuid,
  });
}

/**
 * The geometry block.
 * @see Linux drivers/md/dm-vdo/encodings.h: struct volume_geometry
 * @see util-linux libblkid/src/superblocks/vdo.c
 */
class Vdo {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: string;
  readonly header: Uint8Array;
  /** Called `release_version` in the original. */
  readonly releaseVersion: number;
  /** Called `nonce` in the original. */
  readonly nonce: bigint;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(8, 'Vdo.magic'), [0], false), 'UTF-8');
    this.header = io.take(20, 'Vdo.header');
    this.releaseVersion = io.readU4le('Vdo.releaseVersion');
    this.nonce = io.readU8le('Vdo.nonce');
    this.uuid = io.take(16, 'Vdo.uuid');
  }
}
