// Generated from formats/volume/recognised/lsi_mega_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestLsiMegaRaid = Guest<LsiMegaRaid>;

/** `lsi_mega_raid` from its bytes. @throws FormatError when they are none. */
export function parseLsiMegaRaid(bytes: Uint8Array): GuestLsiMegaRaid {
  return guest(new LsiMegaRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new LsiMegaRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'lsi_mega_raid_member',
  });
}

/**
 * The metadata in the last sector.
 * @see dmraid lib/format/ataraid/lsi.h
 * @see util-linux libblkid/src/superblocks/lsi_raid.c
 */
class LsiMegaRaid {
  readonly _io: SafeStream;
  /** Called `sig` in the original. */
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(6, 'LsiMegaRaid.magic');
  }
}
