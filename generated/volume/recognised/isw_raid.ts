// Generated from formats/volume/recognised/isw_raid.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestIswRaid = Guest<IswRaid>;

/** `isw_raid` from its bytes. @throws FormatError when they are none. */
export function parseIswRaid(bytes: Uint8Array): GuestIswRaid {
  return guest(new IswRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new IswRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'isw_raid_member',
    version: it.version,
  });
}

/**
 * The metadata in the sector before the last.
 * @see mdadm super-intel.c: struct imsm_super
 * @see util-linux libblkid/src/superblocks/isw_raid.c
 */
class IswRaid {
  readonly _io: SafeStream;
  /** Called `sig` in the original. */
  readonly magic: string;
  /** Called `sig` in the original. */
  readonly version: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(24, 'IswRaid.magic'), [0], false), 'ASCII');
    this.version = decode(io.take(6, 'IswRaid.version'), 'ASCII');
  }
}
