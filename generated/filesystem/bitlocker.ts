// Generated from formats/filesystem/bitlocker.ksy by `npm run generate`. Do not edit: change the specification.
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
  name: 'bitlocker',
  title: 'BitLocker, an encrypted volume of Windows',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [
    { all: [{ at: 0, magic: [235, 82, 144, 45, 70, 86, 69, 45, 70, 83, 45] }] },
    { all: [{ at: 0, magic: [235, 88, 144, 45, 70, 86, 69, 45, 70, 83, 45] }] },
    {
      all: [
        { at: 3, magic: [77, 83, 87, 73, 78, 52, 46, 49] },
        {
          at: 424,
          magic: [59, 214, 103, 73, 41, 46, 216, 74, 131, 153, 246, 163, 57, 227, 208, 1],
        },
      ],
    },
  ],
  window: { offsetBytes: 0, sizeBytes: 16 },
});

export type GuestBitlocker = Guest<Bitlocker>;

/** `bitlocker` from its bytes. @throws FormatError when they are none. */
export function parseBitlocker(bytes: Uint8Array): GuestBitlocker {
  return guest(new Bitlocker(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Bitlocker(new SafeStream(bytes));
  return guestClaims({
    type: 'BitLocker',
    version: it.jumpOffset === 82 ? '1' : '2',
  });
}

/**
 * The boot sector of a volume of Windows Vista, of Windows 7 and later, and of
 * BitLocker To Go.
 * @see libbde documentation: BitLocker Drive Encryption (BDE) format
 * @see util-linux libblkid/src/superblocks/bitlocker.c
 */
class Bitlocker {
  readonly _io: SafeStream;
  readonly jump: Uint8Array;
  /** 0x52 is Windows Vista, whose format is version 1. */
  readonly jumpOffset: number;
  readonly noOperation: Uint8Array;
  readonly magic: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(1, 'Bitlocker.jump');
    this.jumpOffset = io.readU1('Bitlocker.jumpOffset');
    this.noOperation = io.take(1, 'Bitlocker.noOperation');
    this.magic = decode(terminate(io.take(8, 'Bitlocker.magic'), [0], false), 'ASCII');
  }
}
