// Generated from formats/container/bochs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestBochs = Guest<Bochs>;

/** `bochs` from its bytes. @throws FormatError when they are none. */
export function parseBochs(bytes: Uint8Array): GuestBochs {
  return guest(new Bochs(new SafeStream(bytes)));
}

export type GuestBochsSizeV1 = Guest<BochsSizeV1>;

/** `size_v1` from its bytes. @throws FormatError when they are none. */
export function parseBochsSizeV1(bytes: Uint8Array): GuestBochsSizeV1 {
  return guest(new BochsSizeV1(new SafeStream(bytes)));
}

export type GuestBochsSizeV2 = Guest<BochsSizeV2>;

/** `size_v2` from its bytes. @throws FormatError when they are none. */
export function parseBochsSizeV2(bytes: Uint8Array): GuestBochsSizeV2 {
  return guest(new BochsSizeV2(new SafeStream(bytes)));
}

export type GuestBochsEntry = Guest<BochsEntryRecord>;

/** A table of `entry`: 4 bytes each, `strideBytes` apart. */
export function bochsEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestBochsEntry> {
  return records(new BochsEntryRecord(bytes, 'le'), 4, strideBytes, 'BochsEntry');
}

/**
 * A disk image of extents, the redolog of the Bochs emulator. Behind the header
 * stands the catalog, which says for each extent of the disk which extent of
 * the file holds it. Each extent of the file begins with a bitmap that tells
 * which of its sectors were written.
 *
 * ### Making a test image
 *
 *     bximage -q -func=convert -imgmode=growing disk.raw disk.bochs
 * @see Bochs docs: https://bochs.sourceforge.io/doc/docbook/development/harddisk-redologs.html
 * @see Bochs iodev/hdimage/hdimage.h redolog_header_t, QEMU block/bochs.c
 */
class Bochs {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly magicRest: Uint8Array;
  /** Called `type` in the original. */
  readonly kind: string;
  /**
   * Growing, or Undoable or Volatile, which lie over another image.
   * Called `subtype` in the original.
   */
  readonly subkind: string;
  readonly version: number;
  /** Called `header` in the original. */
  readonly lenHeader: number;
  /** Called `catalog` in the original. */
  readonly numEntries: number;
  /** Called `bitmap` in the original. */
  readonly lenBitmap: number;
  /** Called `extent` in the original. */
  readonly lenExtent: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(22, 'Bochs.magic');
    if (compareBytes(this.magic, Uint8Array.of(66, 111, 99, 104, 115, 32, 86, 105, 114, 116, 117, 97, 108, 32, 72, 68, 32, 73, 109, 97, 103, 101)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(66, 111, 99, 104, 115, 32, 86, 105, 114, 116, 117, 97, 108, 32, 72, 68, 32, 73, 109, 97, 103, 101), this.magic, io, 'Bochs.magic', 'BAD_MAGIC');
    }
    this.magicRest = io.take(10, 'Bochs.magicRest');
    this.kind = decode(terminate(io.take(16, 'Bochs.kind'), [0], false), 'ASCII');
    this.subkind = decode(terminate(io.take(16, 'Bochs.subkind'), [0], false), 'ASCII');
    this.version = io.readU4le('Bochs.version');
    this.lenHeader = io.readU4le('Bochs.lenHeader');
    this.numEntries = io.readU4le('Bochs.numEntries');
    this.lenBitmap = io.readU4le('Bochs.lenBitmap');
    this.lenExtent = io.readU4le('Bochs.lenExtent');
  }
}

/** Bytes 84 to 91 of the header of version 0x00010000. */
class BochsSizeV1 {
  readonly _io: SafeStream;
  /** Called `disk` in the original. */
  readonly lenDisk: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenDisk = io.readU8le('BochsSizeV1.lenDisk');
  }
}

/** Bytes 84 to 95 of the header of version 0x00020000. */
class BochsSizeV2 {
  readonly _io: SafeStream;
  /**
   * When the base image was written to last, in the packing of FAT.
   * Called `timestamp` in the original.
   */
  readonly modifiedTime: number;
  /** Called `disk` in the original. */
  readonly lenDisk: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.modifiedTime = io.readU4le('BochsSizeV2.modifiedTime');
    this.lenDisk = io.readU8le('BochsSizeV2.lenDisk');
  }
}

/** Which extent of the file holds an extent of the disk. */
class BochsEntryRecord extends RecordCursor {
  /** 0xffffffff if nothing was written to the extent. */
  get index(): number {
    return this._view.getUint32(this._offset, true);
  }
}
