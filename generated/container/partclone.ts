// Generated from formats/container/partclone.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestPartclone = Guest<Partclone>;

/** `partclone` from its bytes. @throws FormatError when they are none. */
export function parsePartclone(bytes: Uint8Array): GuestPartclone {
  return guest(new Partclone(new SafeStream(bytes)));
}

export type GuestPartcloneHeader1 = Guest<PartcloneHeader1>;

/** `header1` from its bytes. @throws FormatError when they are none. */
export function parsePartcloneHeader1(bytes: Uint8Array): GuestPartcloneHeader1 {
  return guest(new PartcloneHeader1(new SafeStream(bytes)));
}

export type GuestPartcloneHeader2 = Guest<PartcloneHeader2>;

/** `header2` from its bytes. @throws FormatError when they are none. */
export function parsePartcloneHeader2(bytes: Uint8Array): GuestPartcloneHeader2 {
  return guest(new PartcloneHeader2(new SafeStream(bytes)));
}

export type GuestPartcloneBitmapCrc = Guest<PartcloneBitmapCrc>;

/** `bitmap_crc` from its bytes. @throws FormatError when they are none. */
export function parsePartcloneBitmapCrc(bytes: Uint8Array): GuestPartcloneBitmapCrc {
  return guest(new PartcloneBitmapCrc(new SafeStream(bytes)));
}

export type GuestPartcloneBitmapEnd = Guest<PartcloneBitmapEnd>;

/** `bitmap_end` from its bytes. @throws FormatError when they are none. */
export function parsePartcloneBitmapEnd(bytes: Uint8Array): GuestPartcloneBitmapEnd {
  return guest(new PartcloneBitmapEnd(new SafeStream(bytes)));
}

export const PartcloneBitmapKind = {
  NONE: 0,
  BITS: 1,
  BYTES: 8,
} as const;

export const PartcloneChecksumKind = {
  NONE: 0,
  CRC32: 32,
  XXH64: 48,
  XXH128: 49,
  CRC32_OF_VERSION1: 255,
} as const;

/**
 * What Clonezilla and others keep of a partition: those blocks that its
 * filesystem uses, one behind the other, with a checksum after each or after
 * some hundreds. A bitmap says which blocks they are. Version 1 is older than
 * partclone 0.3; it has a byte for each block in place of a bit.
 *
 * ### Making a test image
 *
 *     partclone.ext4 -c -s disk.raw -o disk.img
 * @see https://github.com/Thomas-Tsai/partclone/blob/master/IMAGE_FORMATS.md
 * @see partclone src/partclone.h
 */
class Partclone {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /**
   * Of version 1 the filesystem, of version 2 a zero and partclone's version.
   * Called `fs, ptc_version` in the original.
   */
  readonly writer: Uint8Array;
  /** "0001" or "0002". */
  readonly version: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(15, 'Partclone.magic');
    if (compareBytes(this.magic, Uint8Array.of(112, 97, 114, 116, 99, 108, 111, 110, 101, 45, 105, 109, 97, 103, 101)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(112, 97, 114, 116, 99, 108, 111, 110, 101, 45, 105, 109, 97, 103, 101), this.magic, io, 'Partclone.magic', 'BAD_MAGIC');
    }
    this.writer = io.take(15, 'Partclone.writer');
    this.version = decode(io.take(4, 'Partclone.version'), 'ASCII');
  }
}

/** The whole header of version 1, but 4096 bytes that nobody uses. */
class PartcloneHeader1 {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `fs` in the original. */
  readonly filesystem: string;
  readonly version: Uint8Array;
  readonly padding: Uint8Array;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /** Called `device_size` in the original. */
  readonly lenDevice: bigint;
  /** Called `totalblock` in the original. */
  readonly numBlocks: bigint;
  /** Called `usedblocks` in the original. */
  readonly numUsedBlocks: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(15, 'PartcloneHeader1.magic');
    this.filesystem = decode(terminate(io.take(15, 'PartcloneHeader1.filesystem'), [0], false), 'ASCII');
    this.version = io.take(4, 'PartcloneHeader1.version');
    this.padding = io.take(2, 'PartcloneHeader1.padding');
    this.lenBlock = io.readU4le('PartcloneHeader1.lenBlock');
    this.lenDevice = io.readU8le('PartcloneHeader1.lenDevice');
    this.numBlocks = io.readU8le('PartcloneHeader1.numBlocks');
    this.numUsedBlocks = io.readU8le('PartcloneHeader1.numUsedBlocks');
  }
}

/** The whole header of version 2. */
class PartcloneHeader2 {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `ptc_version` in the original. */
  readonly writer: Uint8Array;
  readonly version: Uint8Array;
  /**
   * 0xc0de, or 0xdec0 where the other order was written.
   * Called `endianess` in the original.
   */
  readonly byteOrder: number;
  /** Called `fs` in the original. */
  readonly filesystem: string;
  /** Called `device_size` in the original. */
  readonly lenDevice: bigint;
  /** Called `totalblock` in the original. */
  readonly numBlocks: bigint;
  /**
   * As the superblock says.
   * Called `usedblocks` in the original.
   */
  readonly numUsedBlocks: bigint;
  /** Called `used_bitmap` in the original. */
  readonly numBitsSet: bigint;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /**
   * From this field on; the checksum of the header follows.
   * Called `feature_size` in the original.
   */
  readonly lenOptions: number;
  readonly imageVersion: number;
  /** Called `cpu_bits` in the original. */
  readonly numCpuBits: number;
  /** Called `checksum_mode` in the original. */
  readonly checksumKind: number;
  /** Called `checksum_size` in the original. */
  readonly lenChecksum: number;
  /** Called `blocks_per_checksum` in the original. */
  readonly numBlocksOfChecksum: number;
  /**
   * Whether each checksum is of the blocks before it alone, and not of all
   * that came before.
   * Called `reseed_checksum` in the original.
   */
  readonly reseeds: number;
  /** Called `bitmap_mode` in the original. */
  readonly bitmapKind: number;
  readonly crc: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(16, 'PartcloneHeader2.magic');
    this.writer = io.take(14, 'PartcloneHeader2.writer');
    this.version = io.take(4, 'PartcloneHeader2.version');
    this.byteOrder = io.readU2le('PartcloneHeader2.byteOrder');
    this.filesystem = decode(terminate(io.take(16, 'PartcloneHeader2.filesystem'), [0], false), 'ASCII');
    this.lenDevice = io.readU8le('PartcloneHeader2.lenDevice');
    this.numBlocks = io.readU8le('PartcloneHeader2.numBlocks');
    this.numUsedBlocks = io.readU8le('PartcloneHeader2.numUsedBlocks');
    this.numBitsSet = io.readU8le('PartcloneHeader2.numBitsSet');
    this.lenBlock = io.readU4le('PartcloneHeader2.lenBlock');
    this.lenOptions = io.readU4le('PartcloneHeader2.lenOptions');
    this.imageVersion = io.readU2le('PartcloneHeader2.imageVersion');
    this.numCpuBits = io.readU2le('PartcloneHeader2.numCpuBits');
    this.checksumKind = io.readU2le('PartcloneHeader2.checksumKind');
    this.lenChecksum = io.readU2le('PartcloneHeader2.lenChecksum');
    this.numBlocksOfChecksum = io.readU4le('PartcloneHeader2.numBlocksOfChecksum');
    this.reseeds = io.readU1('PartcloneHeader2.reseeds');
    this.bitmapKind = io.readU1('PartcloneHeader2.bitmapKind');
    this.crc = io.readU4le('PartcloneHeader2.crc');
  }
}

/** What follows the bitmap of version 2. */
class PartcloneBitmapCrc {
  readonly _io: SafeStream;
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU4le('PartcloneBitmapCrc.value');
  }
}

/** What follows a bitmap of bytes. */
class PartcloneBitmapEnd {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'PartcloneBitmapEnd.magic');
    if (compareBytes(this.magic, Uint8Array.of(66, 105, 84, 109, 65, 103, 73, 99)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(66, 105, 84, 109, 65, 103, 73, 99), this.magic, io, 'PartcloneBitmapEnd.magic', 'BAD_MAGIC');
    }
  }
}
