// Generated from formats/filesystem/hpt45x_raid.ksy by `npm run generate`. Do not edit: change the specification.
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
  name: 'hpt45x_raid',
  title: 'Member of an array of HighPoint HPT45X',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [
    { all: [{ at: -5632, align: 512, magic: [243, 22, 120, 90] }] },
    { all: [{ at: -5632, align: 512, magic: [253, 22, 120, 90] }] },
  ],
  window: { offsetBytes: -5632, alignBytes: 512, sizeBytes: 4 },
});

export type GuestHpt45xRaid = Guest<Hpt45xRaid>;

/** `hpt45x_raid` from its bytes. @throws FormatError when they are none. */
export function parseHpt45xRaid(bytes: Uint8Array): GuestHpt45xRaid {
  return guest(new Hpt45xRaid(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
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
