// Generated from formats/volume/recognised/dm_integrity.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDmIntegrity = Guest<DmIntegrity>;

/** `dm_integrity` from its bytes. @throws FormatError when they are none. */
export function parseDmIntegrity(bytes: Uint8Array): GuestDmIntegrity {
  return guest(new DmIntegrity(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new DmIntegrity(new SafeStream(bytes));
  return guestClaims({
    type: 'DM_integrity',
    version: it.version.toString(),
  });
}

/**
 * The superblock; what it protects lies behind it, with tags in between.
 * @see Linux drivers/md/dm-integrity.c: struct superblock
 * @see util-linux libblkid/src/superblocks/lvm.c
 */
class DmIntegrity {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: string;
  /** Called `version` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(8, 'DmIntegrity.magic'), [0], false), 'UTF-8');
    this.version = io.readU1('DmIntegrity.version');
  }
}
