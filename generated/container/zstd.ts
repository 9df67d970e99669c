// Generated from formats/container/zstd.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestZstd = Guest<Zstd>;

/** `zstd` from its bytes. @throws FormatError when they are none. */
export function parseZstd(bytes: Uint8Array): GuestZstd {
  return guest(new Zstd(new SafeStream(bytes)));
}

export type GuestZstdContentSize1 = Guest<ZstdContentSize1>;

/** `content_size1` from its bytes. @throws FormatError when they are none. */
export function parseZstdContentSize1(bytes: Uint8Array): GuestZstdContentSize1 {
  return guest(new ZstdContentSize1(new SafeStream(bytes)));
}

export type GuestZstdContentSize2 = Guest<ZstdContentSize2>;

/** `content_size2` from its bytes. @throws FormatError when they are none. */
export function parseZstdContentSize2(bytes: Uint8Array): GuestZstdContentSize2 {
  return guest(new ZstdContentSize2(new SafeStream(bytes)));
}

export type GuestZstdContentSize4 = Guest<ZstdContentSize4>;

/** `content_size4` from its bytes. @throws FormatError when they are none. */
export function parseZstdContentSize4(bytes: Uint8Array): GuestZstdContentSize4 {
  return guest(new ZstdContentSize4(new SafeStream(bytes)));
}

export type GuestZstdContentSize8 = Guest<ZstdContentSize8>;

/** `content_size8` from its bytes. @throws FormatError when they are none. */
export function parseZstdContentSize8(bytes: Uint8Array): GuestZstdContentSize8 {
  return guest(new ZstdContentSize8(new SafeStream(bytes)));
}

export type GuestZstdBlock = Guest<ZstdBlock>;

/** `block` from its bytes. @throws FormatError when they are none. */
export function parseZstdBlock(bytes: Uint8Array): GuestZstdBlock {
  return guest(new ZstdBlock(new SafeStream(bytes)));
}

export type GuestZstdSkippable = Guest<ZstdSkippable>;

/** `skippable` from its bytes. @throws FormatError when they are none. */
export function parseZstdSkippable(bytes: Uint8Array): GuestZstdSkippable {
  return guest(new ZstdSkippable(new SafeStream(bytes)));
}

export type GuestZstdFrameLength = Guest<ZstdFrameLength>;

/** `frame_length` from its bytes. @throws FormatError when they are none. */
export function parseZstdFrameLength(bytes: Uint8Array): GuestZstdFrameLength {
  return guest(new ZstdFrameLength(new SafeStream(bytes)));
}

export type GuestZstdSeekFooter = Guest<ZstdSeekFooter>;

/** `seek_footer` from its bytes. @throws FormatError when they are none. */
export function parseZstdSeekFooter(bytes: Uint8Array): GuestZstdSeekFooter {
  return guest(new ZstdSeekFooter(new SafeStream(bytes)));
}

export type GuestZstdSeekEntry = Guest<ZstdSeekEntryRecord>;

/** A table of `seek_entry`: 8 bytes each, `strideBytes` apart. */
export function zstdSeekEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestZstdSeekEntry> {
  return records(new ZstdSeekEntryRecord(bytes, 'le'), 8, strideBytes, 'ZstdSeekEntry');
}

export const ZstdBlockKind = {
  RAW: 0,
  RUN: 1,
  COMPRESSED: 2,
  RESERVED: 3,
} as const;

/**
 * A file is one frame or several, each of which can be decompressed by itself.
 * Between them may be frames that a decoder skips: pzstd writes one before
 * each of its frames with that one's length, the seekable format one at the
 * end of the file with the sizes of all.
 *
 * ### Making a test image
 *
 *     split -b 1M --filter 'zstd -q -c >> disk.raw.zst' disk.raw
 *     pzstd -k disk.raw
 * @see https://www.rfc-editor.org/rfc/rfc8878
 * @see zstd contrib/seekable_format/zstd_seekable_compression_format.md
 * @see zstd contrib/pzstd/SkippableFrame.h
 */
class Zstd {
  readonly _io: SafeStream;
  /** Called `Magic_Number` in the original. */
  readonly magic: Uint8Array;
  /** Called `Frame_Content_Size_flag` in the original. */
  readonly contentSizeFlag: number;
  /** Called `Single_Segment_flag` in the original. */
  readonly isSingleSegment: boolean;
  readonly unused: boolean;
  readonly reserved: boolean;
  /** Called `Content_Checksum_flag` in the original. */
  readonly hasChecksum: boolean;
  /** Called `Dictionary_ID_flag` in the original. */
  readonly dictionaryIdFlag: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Zstd.magic');
    if (compareBytes(this.magic, Uint8Array.of(40, 181, 47, 253)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(40, 181, 47, 253), this.magic, io, 'Zstd.magic', 'BAD_MAGIC');
    }
    this.contentSizeFlag = io.readBitsBe(2, 'Zstd.contentSizeFlag');
    this.isSingleSegment = io.readBitsBe(1, 'Zstd.isSingleSegment') !== 0;
    this.unused = io.readBitsBe(1, 'Zstd.unused') !== 0;
    this.reserved = io.readBitsBe(1, 'Zstd.reserved') !== 0;
    this.hasChecksum = io.readBitsBe(1, 'Zstd.hasChecksum') !== 0;
    this.dictionaryIdFlag = io.readBitsBe(2, 'Zstd.dictionaryIdFlag');
  }
}

/** The content's size by the bytes that the flag gives it. */
class ZstdContentSize1 {
  readonly _io: SafeStream;
  /** Called `Frame_Content_Size` in the original. */
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU1('ZstdContentSize1.value');
  }
}

class ZstdContentSize2 {
  readonly _io: SafeStream;
  /**
   * Less 256.
   * Called `Frame_Content_Size` in the original.
   */
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU2le('ZstdContentSize2.value');
  }
}

class ZstdContentSize4 {
  readonly _io: SafeStream;
  /** Called `Frame_Content_Size` in the original. */
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU4le('ZstdContentSize4.value');
  }
}

class ZstdContentSize8 {
  readonly _io: SafeStream;
  /** Called `Frame_Content_Size` in the original. */
  readonly value: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU8le('ZstdContentSize8.value');
  }
}

/** What precedes each block of a frame; 3 bytes. */
class ZstdBlock {
  readonly _io: SafeStream;
  /** Called `Last_Block` in the original. */
  readonly isLast: boolean;
  /** Called `Block_Type` in the original. */
  readonly kind: number;
  /**
   * Of a run, how often its one byte is repeated.
   * Called `Block_Size` in the original.
   */
  readonly lenBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.isLast = io.readBitsLe(1, 'ZstdBlock.isLast') !== 0;
    this.kind = io.readBitsLe(2, 'ZstdBlock.kind');
    this.lenBlock = io.readBitsLe(21, 'ZstdBlock.lenBlock');
  }
}

/** The head of a frame that is skipped. */
class ZstdSkippable {
  readonly _io: SafeStream;
  /**
   * 0x184d2a50 to 0x184d2a5f.
   * Called `Magic_Number` in the original.
   */
  readonly magic: number;
  /** Called `Frame_Size` in the original. */
  readonly lenData: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('ZstdSkippable.magic');
    this.lenData = io.readU4le('ZstdSkippable.lenData');
  }
}

/** The data of pzstd's skippable frames. */
class ZstdFrameLength {
  readonly _io: SafeStream;
  /** Of the frame that follows. */
  readonly lenFrame: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenFrame = io.readU4le('ZstdFrameLength.lenFrame');
  }
}

/** The last 9 bytes of a file in the seekable format. */
class ZstdSeekFooter {
  readonly _io: SafeStream;
  /** Called `Number_Of_Frames` in the original. */
  readonly numFrames: number;
  /** Called `Checksum_Flag` in the original. */
  readonly hasChecksums: boolean;
  /** Called `Reserved_Bits` in the original. */
  readonly reserved: number;
  /** Called `Unused_Bits` in the original. */
  readonly unused: number;
  /** Called `Seekable_Magic_Number` in the original. */
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.numFrames = io.readU4le('ZstdSeekFooter.numFrames');
    this.hasChecksums = io.readBitsBe(1, 'ZstdSeekFooter.hasChecksums') !== 0;
    this.reserved = io.readBitsBe(5, 'ZstdSeekFooter.reserved');
    this.unused = io.readBitsBe(2, 'ZstdSeekFooter.unused');
    io.alignToByte();
    this.magic = io.take(4, 'ZstdSeekFooter.magic');
    if (compareBytes(this.magic, Uint8Array.of(177, 234, 146, 143)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(177, 234, 146, 143), this.magic, io, 'ZstdSeekFooter.magic', 'BAD_MAGIC');
    }
  }
}

/** Of one frame; four bytes of a checksum follow if the footer says so. */
class ZstdSeekEntryRecord extends RecordCursor {
  /** Called `Compressed_Size` in the original. */
  get lenFrame(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `Decompressed_Size` in the original. */
  get lenContent(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}
