// Generated from formats/container/xz.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestXz = Guest<Xz>;

/** `xz` from its bytes. @throws FormatError when they are none. */
export function parseXz(bytes: Uint8Array): GuestXz {
  return guest(new Xz(new SafeStream(bytes)));
}

export type GuestXzFooter = Guest<XzFooter>;

/** `footer` from its bytes. @throws FormatError when they are none. */
export function parseXzFooter(bytes: Uint8Array): GuestXzFooter {
  return guest(new XzFooter(new SafeStream(bytes)));
}

export type GuestXzBlockHead = Guest<XzBlockHead>;

/** `block_head` from its bytes. @throws FormatError when they are none. */
export function parseXzBlockHead(bytes: Uint8Array): GuestXzBlockHead {
  return guest(new XzBlockHead(new SafeStream(bytes)));
}

export const XzCheckKind = {
  NONE: 0,
  CRC32: 1,
  CRC64: 4,
  SHA256: 10,
} as const;

/**
 * One stream or several, each of blocks that can be decompressed by
 * themselves. The index at a stream's end has the two sizes of every block, so
 * a reader begins at the end of the file. The records of the index and most of
 * a block's header are integers of variable length, which are not described
 * here.
 *
 * ### Making a test image
 *
 *     xz -k -T0 --block-size=1MiB disk.raw
 * @see https://tukaani.org/xz/xz-file-format.txt
 */
class Xz {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `Stream Flags` in the original. */
  readonly flags: XzStreamFlags;
  /** Of the flags. */
  readonly crc32: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(6, 'Xz.magic');
    if (compareBytes(this.magic, Uint8Array.of(253, 55, 122, 88, 90, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(253, 55, 122, 88, 90, 0), this.magic, io, 'Xz.magic', 'BAD_MAGIC');
    }
    this.flags = new XzStreamFlags(io);
    this.crc32 = io.readU4le('Xz.crc32');
  }
}

class XzStreamFlags {
  readonly _io: SafeStream;
  readonly reserved1: Uint8Array;
  readonly reserved2: number;
  readonly check: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.reserved1 = io.take(1, 'XzStreamFlags.reserved1');
    if (compareBytes(this.reserved1, Uint8Array.of(0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0), this.reserved1, io, 'XzStreamFlags.reserved1', 'BAD_MAGIC');
    }
    this.reserved2 = io.readBitsBe(4, 'XzStreamFlags.reserved2');
    if (this.reserved2 !== 0) {
      throw new ValidationNotEqualError(0, this.reserved2, io, 'XzStreamFlags.reserved2');
    }
    this.check = io.readBitsBe(4, 'XzStreamFlags.check');
  }
}

/** The last 12 bytes of a stream. */
class XzFooter {
  readonly _io: SafeStream;
  /** Of the two fields that follow. */
  readonly crc32: number;
  /**
   * The length of the index is four times one more than this.
   * Called `Backward Size` in the original.
   */
  readonly backwardSize: number;
  readonly flags: XzStreamFlags;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.crc32 = io.readU4le('XzFooter.crc32');
    this.backwardSize = io.readU4le('XzFooter.backwardSize');
    this.flags = new XzStreamFlags(io);
    this.magic = io.take(2, 'XzFooter.magic');
    if (compareBytes(this.magic, Uint8Array.of(89, 90)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(89, 90), this.magic, io, 'XzFooter.magic', 'BAD_MAGIC');
    }
  }
}

/**
 * How a block's header begins. The sizes that are present and the filters,
 * all of variable length, follow; the last four bytes are a CRC-32.
 */
class XzBlockHead {
  readonly _io: SafeStream;
  /**
   * The length of the header is four times one more than this.
   * Called `Block Header Size` in the original.
   */
  readonly headerSize: number;
  readonly hasUncompressedSize: boolean;
  readonly hasCompressedSize: boolean;
  readonly reserved: number;
  /** The number of filters less one. */
  readonly lastFilter: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.headerSize = io.readU1('XzBlockHead.headerSize');
    this.hasUncompressedSize = io.readBitsBe(1, 'XzBlockHead.hasUncompressedSize') !== 0;
    this.hasCompressedSize = io.readBitsBe(1, 'XzBlockHead.hasCompressedSize') !== 0;
    this.reserved = io.readBitsBe(4, 'XzBlockHead.reserved');
    if (this.reserved !== 0) {
      throw new ValidationNotEqualError(0, this.reserved, io, 'XzBlockHead.reserved');
    }
    this.lastFilter = io.readBitsBe(2, 'XzBlockHead.lastFilter');
  }
}
