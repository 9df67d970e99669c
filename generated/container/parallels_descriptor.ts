// Generated from formats/container/parallels_descriptor.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  defineFormat,
  guest,
  type Guest,
  SafeStream,
  type Spec,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'parallels_descriptor',
  title: 'Descriptor of a Parallels disk',
  layer: 'container',
  kind: 'container',
  understood: 'layout',
  license: 'CC0-1.0',
  probes: [
    { all: [{ at: 0, magic: [60, 63, 120, 109, 108] }] },
    {
      all: [
        {
          at: 0,
          magic: [
            60,
            80,
            97,
            114,
            97,
            108,
            108,
            101,
            108,
            115,
            95,
            100,
            105,
            115,
            107,
            95,
            105,
            109,
            97,
            103,
            101,
          ],
        },
      ],
    },
  ],
  window: { offsetBytes: 0, sizeBytes: 4096 },
});

export type GuestParallelsDescriptor = Guest<ParallelsDescriptor>;

/** `parallels_descriptor` from its bytes. @throws FormatError when they are none. */
export function parseParallelsDescriptor(bytes: Uint8Array): GuestParallelsDescriptor {
  return guest(new ParallelsDescriptor(new SafeStream(bytes)));
}

/**
 * The file DiskDescriptor.xml in the folder of a Parallels disk. It names the
 * files that hold the disk's parts, and tells which of them are snapshots of
 * which.
 *
 * ### Making a test image
 *
 * Parallels' own programs write it, and OpenVZ's:
 *
 *     ploop init -s 64M disk.hdd
 * @see QEMU docs/interop/prl-xml.txt
 */
class ParallelsDescriptor {
  readonly _io: SafeStream;
  readonly document: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.document = decode(io.readBytesFull('ParallelsDescriptor.document'), 'UTF-8');
  }
}
