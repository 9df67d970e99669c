// Generated from formats/filesystem/isw_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  type Spec,
  terminate,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'isw_raid',
  title: 'Member of an array of Intel Matrix Storage',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [
    {
      all: [
        {
          at: -1024,
          align: 512,
          magic: [
            73,
            110,
            116,
            101,
            108,
            32,
            82,
            97,
            105,
            100,
            32,
            73,
            83,
            77,
            32,
            67,
            102,
            103,
            32,
            83,
            105,
            103,
            46,
            32,
          ],
        },
      ],
    },
  ],
  window: { offsetBytes: -1024, alignBytes: 512, sizeBytes: 32 },
});

export type GuestIswRaid = Guest<IswRaid>;

/** `isw_raid` from its bytes. @throws FormatError when they are none. */
export function parseIswRaid(bytes: Uint8Array): GuestIswRaid {
  return guest(new IswRaid(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
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
