// Generated from formats/filesystem/lsi_mega_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  type Spec,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'lsi_mega_raid',
  title: 'Member of an array of LSI MegaRAID',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [{ all: [{ at: -512, align: 512, magic: [36, 88, 73, 68, 69, 36] }] }],
  window: { offsetBytes: -512, alignBytes: 512, sizeBytes: 6 },
});

export type GuestLsiMegaRaid = Guest<LsiMegaRaid>;

/** `lsi_mega_raid` from its bytes. @throws FormatError when they are none. */
export function parseLsiMegaRaid(bytes: Uint8Array): GuestLsiMegaRaid {
  return guest(new LsiMegaRaid(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
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
