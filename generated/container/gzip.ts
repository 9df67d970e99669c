// Generated from formats/container/gzip.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestGzip = Guest<Gzip>;

/** `gzip` from its bytes. @throws FormatError when they are none. */
export function parseGzip(bytes: Uint8Array): GuestGzip {
  return guest(new Gzip(new SafeStream(bytes)));
}

export type GuestGzipExtraHead = Guest<GzipExtraHead>;

/** `extra_head` from its bytes. @throws FormatError when they are none. */
export function parseGzipExtraHead(bytes: Uint8Array): GuestGzipExtraHead {
  return guest(new GzipExtraHead(new SafeStream(bytes)));
}

export type GuestGzipSubfield = Guest<GzipSubfield>;

/** `subfield` from its bytes. @throws FormatError when they are none. */
export function parseGzipSubfield(bytes: Uint8Array): GuestGzipSubfield {
  return guest(new GzipSubfield(new SafeStream(bytes)));
}

export type GuestGzipBgzfSize = Guest<GzipBgzfSize>;

/** `bgzf_size` from its bytes. @throws FormatError when they are none. */
export function parseGzipBgzfSize(bytes: Uint8Array): GuestGzipBgzfSize {
  return guest(new GzipBgzfSize(new SafeStream(bytes)));
}

export type GuestGzipDictzipHead = Guest<GzipDictzipHead>;

/** `dictzip_head` from its bytes. @throws FormatError when they are none. */
export function parseGzipDictzipHead(bytes: Uint8Array): GuestGzipDictzipHead {
  return guest(new GzipDictzipHead(new SafeStream(bytes)));
}

export type GuestGzipTrailer = Guest<GzipTrailer>;

/** `trailer` from its bytes. @throws FormatError when they are none. */
export function parseGzipTrailer(bytes: Uint8Array): GuestGzipTrailer {
  return guest(new GzipTrailer(new SafeStream(bytes)));
}

export type GuestGzipDictzipChunk = Guest<GzipDictzipChunkRecord>;

/** A table of `dictzip_chunk`: 2 bytes each, `strideBytes` apart. */
export function gzipDictzipChunkRecords(
  bytes: Uint8Array,
  strideBytes: number = 2,
): Records<GuestGzipDictzipChunk> {
  return records(new GzipDictzipChunkRecord(bytes, 'le'), 2, strideBytes, 'GzipDictzipChunk');
}

/**
 * A file compressed with deflate, in one member or several. Two dialects say
 * in the header's extra field where one can begin to decompress: BGZF (bgzip)
 * gives the length of each of its small members, dictzip those of the chunks
 * of its only one.
 *
 * ### Making a test image
 *
 *     bgzip -k disk.raw
 *     dictzip -k disk.raw
 * @see https://www.rfc-editor.org/rfc/rfc1952
 * @see SAM/BAM format specification, section 4.1 "The BGZF compression format"
 * @see dictzip(1), "CAVEATS" and "EXTRA FIELD"
 */
class Gzip {
  readonly _io: SafeStream;
  /** Called `ID1, ID2` in the original. */
  readonly magic: Uint8Array;
  /** Called `CM` in the original. */
  readonly method: Uint8Array;
  readonly reservedFlags: number;
  /** Called `FCOMMENT` in the original. */
  readonly hasComment: boolean;
  /** Called `FNAME` in the original. */
  readonly hasName: boolean;
  /** Called `FEXTRA` in the original. */
  readonly hasExtra: boolean;
  /** Called `FHCRC` in the original. */
  readonly hasHeaderCrc: boolean;
  /** Called `FTEXT` in the original. */
  readonly isText: boolean;
  /** Called `MTIME` in the original. */
  readonly modified: number;
  /** Called `XFL` in the original. */
  readonly compressionFlags: number;
  /** Called `OS` in the original. */
  readonly operatingSystem: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'Gzip.magic');
    if (compareBytes(this.magic, Uint8Array.of(31, 139)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(31, 139), this.magic, io, 'Gzip.magic', 'BAD_MAGIC');
    }
    this.method = io.take(1, 'Gzip.method');
    if (compareBytes(this.method, Uint8Array.of(8)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(8), this.method, io, 'Gzip.method', 'BAD_MAGIC');
    }
    this.reservedFlags = io.readBitsBe(3, 'Gzip.reservedFlags');
    this.hasComment = io.readBitsBe(1, 'Gzip.hasComment') !== 0;
    this.hasName = io.readBitsBe(1, 'Gzip.hasName') !== 0;
    this.hasExtra = io.readBitsBe(1, 'Gzip.hasExtra') !== 0;
    this.hasHeaderCrc = io.readBitsBe(1, 'Gzip.hasHeaderCrc') !== 0;
    this.isText = io.readBitsBe(1, 'Gzip.isText') !== 0;
    io.alignToByte();
    this.modified = io.readU4le('Gzip.modified');
    this.compressionFlags = io.readU1('Gzip.compressionFlags');
    this.operatingSystem = io.readU1('Gzip.operatingSystem');
  }
}

/** What follows the header if `has_extra` is set. */
class GzipExtraHead {
  readonly _io: SafeStream;
  /** Called `XLEN` in the original. */
  readonly lenExtra: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenExtra = io.readU2le('GzipExtraHead.lenExtra');
  }
}

/** The head of a subfield of the extra field; its data follow. */
class GzipSubfield {
  readonly _io: SafeStream;
  /** Called `SI1` in the original. */
  readonly id1: number;
  /** Called `SI2` in the original. */
  readonly id2: number;
  /** Called `LEN` in the original. */
  readonly lenData: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.id1 = io.readU1('GzipSubfield.id1');
    this.id2 = io.readU1('GzipSubfield.id2');
    this.lenData = io.readU2le('GzipSubfield.lenData');
  }
}

/** The data of the subfield BC. */
class GzipBgzfSize {
  readonly _io: SafeStream;
  /**
   * The length of the member less one.
   * Called `BSIZE` in the original.
   */
  readonly lastByte: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lastByte = io.readU2le('GzipBgzfSize.lastByte');
  }
}

/** The head of the data of the subfield RA; the chunks' lengths follow. */
class GzipDictzipHead {
  readonly _io: SafeStream;
  /** Called `VER` in the original. */
  readonly version: number;
  /**
   * What each chunk but the last decompresses to.
   * Called `CHLEN` in the original.
   */
  readonly lenChunk: number;
  /** Called `CHCNT` in the original. */
  readonly numChunks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.version = io.readU2le('GzipDictzipHead.version');
    this.lenChunk = io.readU2le('GzipDictzipHead.lenChunk');
    this.numChunks = io.readU2le('GzipDictzipHead.numChunks');
  }
}

class GzipDictzipChunkRecord extends RecordCursor {
  get lenStream(): number {
    return this._view.getUint16(this._offset, true);
  }
}

/** The end of a member. */
class GzipTrailer {
  readonly _io: SafeStream;
  /** Called `CRC32` in the original. */
  readonly crc32: number;
  /**
   * Modulo 2 to the power of 32.
   * Called `ISIZE` in the original.
   */
  readonly lenContent: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.crc32 = io.readU4le('GzipTrailer.crc32');
    this.lenContent = io.readU4le('GzipTrailer.lenContent');
  }
}
