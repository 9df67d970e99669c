// Generated from formats/volume/recognised/adaptec_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestAdaptecRaid = Guest<AdaptecRaid>;

/** `adaptec_raid` from its bytes. @throws FormatError when they are none. */
export function parseAdaptecRaid(bytes: Uint8Array): GuestAdaptecRaid {
  return guest(new AdaptecRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new AdaptecRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'adaptec_raid_member',
    version: it.version.toString(),
  });
}

/**
 * The metadata in the last sector.
 * @see dmraid lib/format/ataraid/asr.h
 * @see util-linux libblkid/src/superblocks/adaptec_raid.c
 */
class AdaptecRaid {
  readonly _io: SafeStream;
  /** Called `b0idcode` in the original. */
  readonly magic: number;
  readonly settings: Uint8Array;
  /** Called `resver` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4be('AdaptecRaid.magic');
    this.settings = io.take(59, 'AdaptecRaid.settings');
    this.version = io.readU1('AdaptecRaid.version');
  }
}
