// Generated from formats/volume/recognised/hpt45x_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestHpt45xRaid = Guest<Hpt45xRaid>;

/** `hpt45x_raid` from its bytes. @throws FormatError when they are none. */
export function parseHpt45xRaid(bytes: Uint8Array): GuestHpt45xRaid {
  return guest(new Hpt45xRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Hpt45xRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'hpt45x_raid_member',
  });
}

/**
 * The metadata in the eleventh sector before the end. With 0xfd the disk was found
 * broken.
 * @see dmraid lib/format/ataraid/hpt45x.h
 * @see util-linux libblkid/src/superblocks/highpoint_raid.c
 */
class Hpt45xRaid {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Hpt45xRaid.magic');
  }
}
