// Generated from formats/filesystem/udf.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  invalid,
  SafeStream,
  type Spec,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'udf',
  title: 'UDF, the filesystem of DVDs',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [
    {
      all: [
        { at: 32769, magic: [66, 69, 65, 48, 49] },
        { at: 34817, magic: [78, 83, 82, 48, 50] },
      ],
    },
    {
      all: [
        { at: 32769, magic: [66, 69, 65, 48, 49] },
        { at: 34817, magic: [78, 83, 82, 48, 51] },
      ],
    },
  ],
  window: { offsetBytes: 34816, sizeBytes: 7 },
});

export type GuestUdf = Guest<Udf>;

/** `udf` from its bytes. @throws FormatError when they are none. */
export function parseUdf(bytes: Uint8Array): GuestUdf {
  return guest(new Udf(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Udf(new SafeStream(bytes));
  return guestClaims({
    type: 'udf',
  });
}

/**
 * The volume recognition sequence of a volume that is not an ISO 9660 one too. Its
 * names stand behind an anchor whose place depends on the size of a block, and are
 * not read.
 * @see ECMA-167 part 3
 * @see util-linux libblkid/src/superblocks/udf.c
 */
class Udf {
  readonly _io: SafeStream;
  readonly structureType: number;
  readonly magic: Uint8Array;
  readonly structureVersion: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.structureType = io.readU1('Udf.structureType');
    if (this.structureType !== 0) {
      throw invalid('Udf.structureType', this.structureType, 'is not 0', io);
    }
    this.magic = io.take(5, 'Udf.magic');
    this.structureVersion = io.readU1('Udf.structureVersion');
  }
}
