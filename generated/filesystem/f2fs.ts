// Generated from formats/filesystem/f2fs.ksy by `npm run generate`. Do not edit: change the specification.
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
  name: 'f2fs',
  title: 'F2FS, the flash-friendly filesystem',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [{ all: [{ at: 1024, magic: [16, 32, 245, 242] }] }],
  window: { offsetBytes: 1024, sizeBytes: 1148 },
});

export type GuestF2fs = Guest<F2fs>;

/** `f2fs` from its bytes. @throws FormatError when they are none. */
export function parseF2fs(bytes: Uint8Array): GuestF2fs {
  return guest(new F2fs(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new F2fs(new SafeStream(bytes));
  return guestClaims({
    type: 'f2fs',
    label: it.label,
    uuid: it.uuid,
    version: it.major.toString() + '.' + it.minor.toString(),
  });
}

/**
 * The first of two superblocks. How many blocks are free stands in the newest
 * checkpoint.
 * @see Linux include/linux/f2fs_fs.h: struct f2fs_super_block
 * @see util-linux libblkid/src/superblocks/f2fs.c
 */
class F2fs {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `major_ver` in the original. */
  readonly major: number;
  /** Called `minor_ver` in the original. */
  readonly minor: number;
  /** Called `log_sectorsize` in the original. */
  readonly log2LenSector: number;
  /** Called `log_sectors_per_block` in the original. */
  readonly log2SectorsPerBlock: number;
  /** Called `log_blocksize` in the original. */
  readonly log2LenBlock: number;
  readonly layout: Uint8Array;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `volume_name` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('F2fs.magic');
    this.major = io.readU2le('F2fs.major');
    this.minor = io.readU2le('F2fs.minor');
    this.log2LenSector = io.readU4le('F2fs.log2LenSector');
    this.log2SectorsPerBlock = io.readU4le('F2fs.log2SectorsPerBlock');
    this.log2LenBlock = io.readU4le('F2fs.log2LenBlock');
    this.layout = io.take(88, 'F2fs.layout');
    this.uuid = io.take(16, 'F2fs.uuid');
    this.label = decode(terminate(io.take(1024, 'F2fs.label'), [0, 0], false), 'UTF-16LE');
  }
}
