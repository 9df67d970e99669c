// Generated from formats/container/simg.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSimg = Guest<Simg>;

/** `simg` from its bytes. @throws FormatError when they are none. */
export function parseSimg(bytes: Uint8Array): GuestSimg {
  return guest(new Simg(new SafeStream(bytes)));
}

export type GuestSimgChunk = Guest<SimgChunk>;

/** `chunk` from its bytes. @throws FormatError when they are none. */
export function parseSimgChunk(bytes: Uint8Array): GuestSimgChunk {
  return guest(new SimgChunk(new SafeStream(bytes)));
}

export type GuestSimgFill = Guest<SimgFill>;

/** `fill` from its bytes. @throws FormatError when they are none. */
export function parseSimgFill(bytes: Uint8Array): GuestSimgFill {
  return guest(new SimgFill(new SafeStream(bytes)));
}

export const SimgChunkKind = {
  RAW: 51905,
  FILL: 51906,
  DONT_CARE: 51907,
  CRC: 51908,
} as const;

/**
 * What a phone's bootloader is given to write: a disk in chunks, each of which
 * is stored, filled with four bytes that repeat, or left as the phone has it.
 * The chunks stand one behind the other, each with a header of its own, so that
 * only a walk over all of them tells where they are.
 *
 * ### Making a test image
 *
 *     img2simg disk.raw disk.simg
 * @see AOSP system/core/libsparse/sparse_format.h
 * @see AOSP system/core/libsparse/sparse_read.cpp
 */
class Simg {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** 1; any other is another format. */
  readonly majorVersion: number;
  readonly minorVersion: number;
  /** Called `file_hdr_sz` in the original. */
  readonly lenHeader: number;
  /** Called `chunk_hdr_sz` in the original. */
  readonly lenChunkHeader: number;
  /** Called `blk_sz` in the original. */
  readonly lenBlock: number;
  /** Called `total_blks` in the original. */
  readonly numBlocks: number;
  /** Called `total_chunks` in the original. */
  readonly numChunks: number;
  /**
   * Of the whole disk; 0 if it was not counted.
   * Called `image_checksum` in the original.
   */
  readonly crc: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Simg.magic');
    if (compareBytes(this.magic, Uint8Array.of(58, 255, 38, 237)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(58, 255, 38, 237), this.magic, io, 'Simg.magic', 'BAD_MAGIC');
    }
    this.majorVersion = io.readU2le('Simg.majorVersion');
    this.minorVersion = io.readU2le('Simg.minorVersion');
    this.lenHeader = io.readU2le('Simg.lenHeader');
    this.lenChunkHeader = io.readU2le('Simg.lenChunkHeader');
    this.lenBlock = io.readU4le('Simg.lenBlock');
    this.numBlocks = io.readU4le('Simg.numBlocks');
    this.numChunks = io.readU4le('Simg.numChunks');
    this.crc = io.readU4le('Simg.crc');
  }
}

/** The header of a chunk. */
class SimgChunk {
  readonly _io: SafeStream;
  /** Called `chunk_type` in the original. */
  readonly kind: number;
  /** Called `reserved1` in the original. */
  readonly reserved: number;
  /**
   * Blocks of the disk.
   * Called `chunk_sz` in the original.
   */
  readonly numBlocks: number;
  /**
   * Bytes of the file, with the header.
   * Called `total_sz` in the original.
   */
  readonly lenChunk: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = io.readU2le('SimgChunk.kind');
    this.reserved = io.readU2le('SimgChunk.reserved');
    this.numBlocks = io.readU4le('SimgChunk.numBlocks');
    this.lenChunk = io.readU4le('SimgChunk.lenChunk');
  }
}

/** The four bytes that a chunk is filled with. */
class SimgFill {
  readonly _io: SafeStream;
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU4le('SimgFill.value');
  }
}
