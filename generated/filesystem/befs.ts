// Generated from formats/filesystem/befs.ksy by `npm run generate`. Do not edit: change the specification.
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
  name: 'befs',
  title: 'BFS of BeOS and Haiku',
  layer: 'filesystem',
  kind: 'filesystem',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [
    { all: [{ at: 544, magic: [49, 83, 70, 66] }], order: 'le' },
    { all: [{ at: 544, magic: [66, 70, 83, 49] }], order: 'be' },
  ],
  window: { offsetBytes: 512, sizeBytes: 124 },
});

export type GuestBefs = Guest<Befs>;

/** `befs` from its bytes. @throws FormatError when they are none. */
export function parseBefs(bytes: Uint8Array, order: ByteOrder): GuestBefs {
  return guest(new Befs(new SafeStream(bytes, order)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Befs(new SafeStream(bytes, order));
  return guestClaims({
    type: 'befs',
    label: it.label,
  });
}

/**
 * The superblock, behind a boot block, in the byte order of the machine that
 * made it.
 * @see Linux fs/befs/befs_fs_types.h: befs_super_block
 * @see util-linux libblkid/src/superblocks/befs.c
 */
class Befs {
  readonly _io: SafeStream;
  /** Called `name` in the original. */
  readonly label: string;
  /** Called `magic1` in the original. */
  readonly magic: number;
  /** Called `fs_byte_order` in the original. */
  readonly byteOrder: number;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /** Called `block_shift` in the original. */
  readonly log2LenBlock: number;
  /** Called `num_blocks` in the original. */
  readonly numBlocks: bigint;
  /** Called `used_blocks` in the original. */
  readonly numUsedBlocks: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.label = decode(terminate(io.take(32, 'Befs.label'), [0], false), 'UTF-8');
    this.magic = io.readU4('Befs.magic');
    this.byteOrder = io.readU4('Befs.byteOrder');
    this.lenBlock = io.readU4('Befs.lenBlock');
    this.log2LenBlock = io.readU4('Befs.log2LenBlock');
    this.numBlocks = io.readU8('Befs.numBlocks');
    this.numUsedBlocks = io.readU8('Befs.numUsedBlocks');
  }
}
