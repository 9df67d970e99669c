// Generated from formats/volume/recognised/ddf_raid.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDdfRaid = Guest<DdfRaid>;

/** `ddf_raid` from its bytes. @throws FormatError when they are none. */
export function parseDdfRaid(bytes: Uint8Array): GuestDdfRaid {
  return guest(new DdfRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new DdfRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'ddf_raid_member',
    version: it.version,
  });
}

/**
 * The anchor header in the last sector.
 * @see SNIA Common RAID Disk Data Format
 * @see util-linux libblkid/src/superblocks/ddf_raid.c
 */
class DdfRaid {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: number;
  /** Called `crc` in the original. */
  readonly checksum: number;
  /** Called `guid` in the original. */
  readonly guid: Uint8Array;
  /** Called `revision` in the original. */
  readonly version: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('DdfRaid.magic');
    this.checksum = io.readU4le('DdfRaid.checksum');
    this.guid = io.take(24, 'DdfRaid.guid');
    this.version = decode(terminate(io.take(8, 'DdfRaid.version'), [0], false), 'ASCII');
  }
}
