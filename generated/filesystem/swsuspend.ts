// Generated from formats/filesystem/swsuspend.ksy by `npm run generate`. Do not edit: change the specification.
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
  name: 'swsuspend',
  title: 'Hibernation image in a Linux swap area',
  layer: 'filesystem',
  kind: 'other',
  understood: 'layout',
  license: 'CC0-1.0',
  probes: [
    { all: [{ at: 0, magic: [237, 195, 2, 233, 152, 86, 229, 12] }] },
    { all: [{ at: 4086, magic: [83, 49, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 4086, magic: [83, 50, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 4086, magic: [85, 76, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 4086, magic: [76, 73, 78, 72, 73, 66, 48, 48, 48, 49] }] },
    { all: [{ at: 8182, magic: [83, 49, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 8182, magic: [83, 50, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 8182, magic: [85, 76, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 8182, magic: [76, 73, 78, 72, 73, 66, 48, 48, 48, 49] }] },
    { all: [{ at: 16374, magic: [83, 49, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 16374, magic: [83, 50, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 16374, magic: [85, 76, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 16374, magic: [76, 73, 78, 72, 73, 66, 48, 48, 48, 49] }] },
    { all: [{ at: 32758, magic: [83, 49, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 32758, magic: [83, 50, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 32758, magic: [85, 76, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 32758, magic: [76, 73, 78, 72, 73, 66, 48, 48, 48, 49] }] },
    { all: [{ at: 65526, magic: [83, 49, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 65526, magic: [83, 50, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 65526, magic: [85, 76, 83, 85, 83, 80, 69, 78, 68] }] },
    { all: [{ at: 65526, magic: [76, 73, 78, 72, 73, 66, 48, 48, 48, 49] }] },
  ],
  window: { offsetBytes: 0, sizeBytes: 1536 },
});

export type GuestSwsuspend = Guest<Swsuspend>;

/** `swsuspend` from its bytes. @throws FormatError when they are none. */
export function parseSwsuspend(bytes: Uint8Array): GuestSwsuspend {
  return guest(new Swsuspend(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Swsuspend(new SafeStream(bytes));
  return guestClaims({
    type: 'swsuspend',
    label: it.label,
    uuid: it.uuid,
  });
}

/**
 * A swap area that holds the memory of a hibernated machine. The kernel, uswsusp
 * (`ULSUSPEND`) and TuxOnIce (eight bytes at the beginning) replace the signature
 * of the swap header; its label and UUID stay. What such a machine had mounted is
 * not up to date on its disks.
 * @see Linux kernel/power/swap.c: mark_swapfiles
 * @see util-linux libblkid/src/superblocks/swap.c
 */
class Swsuspend {
  readonly _io: SafeStream;
  /** Called `bootbits` in the original. */
  readonly bootBits: Uint8Array;
  readonly version: Uint8Array;
  readonly lastPage: Uint8Array;
  /** Called `nr_badpages` in the original. */
  readonly numBadPages: Uint8Array;
  /** Called `sws_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `sws_volume` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootBits = io.take(1024, 'Swsuspend.bootBits');
    this.version = io.take(4, 'Swsuspend.version');
    this.lastPage = io.take(4, 'Swsuspend.lastPage');
    this.numBadPages = io.take(4, 'Swsuspend.numBadPages');
    this.uuid = io.take(16, 'Swsuspend.uuid');
    this.label = decode(terminate(io.take(16, 'Swsuspend.label'), [0], false), 'UTF-8');
  }
}
