// Generated from formats/container/ewf.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestEwf = Guest<Ewf>;

/** `ewf` from its bytes. @throws FormatError when they are none. */
export function parseEwf(bytes: Uint8Array): GuestEwf {
  return guest(new Ewf(new SafeStream(bytes)));
}

export type GuestEwfSection = Guest<EwfSection>;

/** `section` from its bytes. @throws FormatError when they are none. */
export function parseEwfSection(bytes: Uint8Array): GuestEwfSection {
  return guest(new EwfSection(new SafeStream(bytes)));
}

export type GuestEwfVolume = Guest<EwfVolume>;

/** `volume` from its bytes. @throws FormatError when they are none. */
export function parseEwfVolume(bytes: Uint8Array): GuestEwfVolume {
  return guest(new EwfVolume(new SafeStream(bytes)));
}

export type GuestEwfSmartVolume = Guest<EwfSmartVolume>;

/** `smart_volume` from its bytes. @throws FormatError when they are none. */
export function parseEwfSmartVolume(bytes: Uint8Array): GuestEwfSmartVolume {
  return guest(new EwfSmartVolume(new SafeStream(bytes)));
}

export type GuestEwfTable = Guest<EwfTable>;

/** `table` from its bytes. @throws FormatError when they are none. */
export function parseEwfTable(bytes: Uint8Array): GuestEwfTable {
  return guest(new EwfTable(new SafeStream(bytes)));
}

export type GuestEwfAdler = Guest<EwfAdler>;

/** `adler` from its bytes. @throws FormatError when they are none. */
export function parseEwfAdler(bytes: Uint8Array): GuestEwfAdler {
  return guest(new EwfAdler(new SafeStream(bytes)));
}

export type GuestEwfTableEntry = Guest<EwfTableEntryRecord>;

/** A table of `table_entry`: 4 bytes each, `strideBytes` apart. */
export function ewfTableEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestEwfTableEntry> {
  return records(new EwfTableEntryRecord(bytes, 'le'), 4, strideBytes, 'EwfTableEntry');
}

/**
 * A disk as forensic tools acquire it (EnCase, FTK Imager, ewfacquire): files
 * called .E01, .E02 and so on, each a list of sections. The disk is cut into
 * chunks, which are compressed or followed by a checksum; tables have their
 * offsets.
 *
 * ### Making a test image
 *
 *     ewfacquire -u -t disk -f encase6 -c fast -S 1MiB disk.raw
 * @see J. Metz, "Expert Witness Compression Format specification" (libewf)
 * @see https://github.com/libyal/libewf/tree/main/documentation
 */
class Ewf {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly startOfFields: Uint8Array;
  readonly segmentNumber: number;
  readonly endOfFields: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Ewf.magic');
    this.startOfFields = io.take(1, 'Ewf.startOfFields');
    if (compareBytes(this.startOfFields, Uint8Array.of(1)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(1), this.startOfFields, io, 'Ewf.startOfFields', 'BAD_MAGIC');
    }
    this.segmentNumber = io.readU2le('Ewf.segmentNumber');
    this.endOfFields = io.take(2, 'Ewf.endOfFields');
    if (compareBytes(this.endOfFields, Uint8Array.of(0, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0, 0), this.endOfFields, io, 'Ewf.endOfFields', 'BAD_MAGIC');
    }
  }
}

/** The head of a section; 76 bytes. */
class EwfSection {
  readonly _io: SafeStream;
  /** Called `section type` in the original. */
  readonly kind: string;
  /** From the start of the file. The last section of one points to itself. */
  readonly ofsNext: bigint;
  /** With this head. */
  readonly lenSection: bigint;
  readonly padding: Uint8Array;
  /** Adler-32 of what precedes it. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.kind = decode(terminate(io.take(16, 'EwfSection.kind'), [0], false), 'ASCII');
    this.ofsNext = io.readU8le('EwfSection.ofsNext');
    this.lenSection = io.readU8le('EwfSection.lenSection');
    this.padding = io.take(40, 'EwfSection.padding');
    this.checksum = io.readU4le('EwfSection.checksum');
  }
}

/** How the content of the sections "volume" and "disk" begins. */
class EwfVolume {
  readonly _io: SafeStream;
  readonly mediaType: number;
  readonly unknown1: Uint8Array;
  readonly numChunks: number;
  readonly sectorsPerChunk: number;
  readonly bytesPerSector: number;
  /** SMART's files have four bytes, and four that are not zero only here. */
  readonly numSectors: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.mediaType = io.readU1('EwfVolume.mediaType');
    this.unknown1 = io.take(3, 'EwfVolume.unknown1');
    this.numChunks = io.readU4le('EwfVolume.numChunks');
    this.sectorsPerChunk = io.readU4le('EwfVolume.sectorsPerChunk');
    this.bytesPerSector = io.readU4le('EwfVolume.bytesPerSector');
    this.numSectors = io.readU8le('EwfVolume.numSectors');
  }
}

/** The content of the section "volume" in files of SMART and early EnCase. */
class EwfSmartVolume {
  readonly _io: SafeStream;
  readonly unknown1: number;
  readonly numChunks: number;
  readonly sectorsPerChunk: number;
  readonly bytesPerSector: number;
  readonly numSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.unknown1 = io.readU4le('EwfSmartVolume.unknown1');
    this.numChunks = io.readU4le('EwfSmartVolume.numChunks');
    this.sectorsPerChunk = io.readU4le('EwfSmartVolume.sectorsPerChunk');
    this.bytesPerSector = io.readU4le('EwfSmartVolume.bytesPerSector');
    this.numSectors = io.readU4le('EwfSmartVolume.numSectors');
  }
}

/** The head of a section "table" or "table2"; 24 bytes. */
class EwfTable {
  readonly _io: SafeStream;
  readonly numEntries: number;
  readonly padding1: number;
  /** What the entries' offsets count from; 0 before EnCase 6. */
  readonly ofsBase: bigint;
  readonly padding2: number;
  /** Adler-32 of what precedes it. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numEntries = io.readU4le('EwfTable.numEntries');
    this.padding1 = io.readU4le('EwfTable.padding1');
    this.ofsBase = io.readU8le('EwfTable.ofsBase');
    this.padding2 = io.readU4le('EwfTable.padding2');
    this.checksum = io.readU4le('EwfTable.checksum');
  }
}

class EwfTableEntryRecord extends RecordCursor {
  /**
   * The offset of a chunk, with the highest bit set if it is compressed.
   * Behind the first 2 GiB of a file the highest bit is one of the offset,
   * and no chunk is compressed.
   */
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}

class EwfAdler {
  readonly _io: SafeStream;
  /** Called `checksum` in the original. */
  readonly value: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = io.readU4le('EwfAdler.value');
  }
}
