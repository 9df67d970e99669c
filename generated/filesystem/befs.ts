// Generated from formats/filesystem/befs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestBefs = Guest<Befs>;

/** `befs` from its bytes. @throws FormatError when they are none. */
export function parseBefs(bytes: Uint8Array, order: ByteOrder): GuestBefs {
  return guest(new Befs(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Befs(new SafeStream(bytes, order));
  return guestClaims({
    type: 'befs',
    label: it.superblock.label,
    version: it.superblock.byteOrder === 1112098629 ? 'big-endian' : 'little-endian',
  });
}

/**
 * The superblock, in the byte order of the machine that made it: behind a boot block,
 * or on a PowerPC at the beginning.
 * @see Linux fs/befs/befs_fs_types.h: befs_super_block
 * @see util-linux libblkid/src/superblocks/befs.c
 */
class Befs {
  readonly _io: SafeStream;
  readonly bootBlock: Uint8Array;
  readonly firstMagic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootBlock = io.take(32, 'Befs.bootBlock');
    this.firstMagic = io.readU4('Befs.firstMagic');
  }

  #superblock: BefsSuperblock | undefined;
  get superblock(): BefsSuperblock {
    if (this.#superblock !== undefined) return this.#superblock;
    return (this.#superblock = this._io.at(this.firstMagic === 1111905073 ? 0 : 512, 'Befs.superblock', (io) => new BefsSuperblock(io)));
  }
}

class BefsSuperblock {
  readonly _io: SafeStream;
  /** Called `name` in the original. */
  readonly label: string;
  /** Called `magic1` in the original. */
  readonly magic: number;
  /**
   * "BIGE" on machines of one order, "EGIB" on those of the other.
   * Called `fs_byte_order` in the original.
   */
  readonly byteOrder: number;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /** Called `block_shift` in the original. */
  readonly log2LenBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.label = decode(terminate(io.take(32, 'BefsSuperblock.label'), [0], false), 'UTF-8');
    this.magic = io.readU4('BefsSuperblock.magic');
    if (this.magic !== 1111905073) {
      throw new ValidationNotEqualError(1111905073, this.magic, io, 'BefsSuperblock.magic');
    }
    this.byteOrder = io.readU4be('BefsSuperblock.byteOrder');
    this.lenBlock = io.readU4('BefsSuperblock.lenBlock');
    this.log2LenBlock = io.readU4('BefsSuperblock.log2LenBlock');
    if (this.log2LenBlock < 10) {
      throw new ValidationLessThanError(10, this.log2LenBlock, io, 'BefsSuperblock.log2LenBlock');
    }
    if (this.log2LenBlock > 13) {
      throw new ValidationGreaterThanError(13, this.log2LenBlock, io, 'BefsSuperblock.log2LenBlock');
    }
  }
}
