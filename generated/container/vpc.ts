// Generated from formats/container/vpc.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestVpc = Guest<Vpc>;

/** `vpc` from its bytes. @throws FormatError when they are none. */
export function parseVpc(bytes: Uint8Array): GuestVpc {
  return guest(new Vpc(new SafeStream(bytes)));
}

export type GuestVpcDynamicHeader = Guest<VpcDynamicHeader>;

/** `dynamic_header` from its bytes. @throws FormatError when they are none. */
export function parseVpcDynamicHeader(bytes: Uint8Array): GuestVpcDynamicHeader {
  return guest(new VpcDynamicHeader(new SafeStream(bytes)));
}

export type GuestVpcUtf16Name = Guest<VpcUtf16Name>;

/** `utf16_name` from its bytes. @throws FormatError when they are none. */
export function parseVpcUtf16Name(bytes: Uint8Array): GuestVpcUtf16Name {
  return guest(new VpcUtf16Name(new SafeStream(bytes)));
}

export type GuestVpcUtf8Name = Guest<VpcUtf8Name>;

/** `utf8_name` from its bytes. @throws FormatError when they are none. */
export function parseVpcUtf8Name(bytes: Uint8Array): GuestVpcUtf8Name {
  return guest(new VpcUtf8Name(new SafeStream(bytes)));
}

export type GuestVpcParentLocator = Guest<VpcParentLocatorRecord>;

/** A table of `parent_locator`: 24 bytes each, `strideBytes` apart. */
export function vpcParentLocatorRecords(
  bytes: Uint8Array,
  strideBytes: number = 24,
): Records<GuestVpcParentLocator> {
  return records(new VpcParentLocatorRecord(bytes, 'le'), 24, strideBytes, 'VpcParentLocator');
}

export type GuestVpcTableEntry = Guest<VpcTableEntryRecord>;

/** A table of `table_entry`: 4 bytes each, `strideBytes` apart. */
export function vpcTableEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestVpcTableEntry> {
  return records(new VpcTableEntryRecord(bytes, 'le'), 4, strideBytes, 'VpcTableEntry');
}

export const VpcDiskType = {
  NONE: 0,
  FIXED: 2,
  DYNAMIC: 3,
  DIFFERENCING: 4,
} as const;

/**
 * A disk image whose description is its last 512 bytes, the footer. In a fixed
 * image the disk comes before it, byte for byte. A dynamic or differencing
 * image begins with a copy of the footer; a header, a table of blocks and the
 * blocks that were written follow, each block with a bitmap of its sectors
 * before it.
 *
 * ### Making a test image
 *
 *     qemu-img create -f vpc -o subformat=dynamic disk.vhd 64M
 *     qemu-io -f vpc -c 'write -P 7 1M 4k' disk.vhd
 * @see Microsoft, Virtual Hard Disk Image Format Specification, version 1.0 (2006)
 * @see QEMU block/vpc.c
 */
class Vpc {
  readonly _io: SafeStream;
  /** Called `Cookie` in the original. */
  readonly cookie: Uint8Array;
  /** Called `Features` in the original. */
  readonly features: number;
  /**
   * Major version above, minor version below; 0x00010000.
   * Called `File Format Version` in the original.
   */
  readonly fileFormatVersion: number;
  /**
   * Where the header of a dynamic image is; all bits set in a fixed one.
   * Called `Data Offset` in the original.
   */
  readonly ofsHeader: bigint;
  /**
   * Seconds since the year 2000.
   * Called `Time Stamp` in the original.
   */
  readonly timeStamp: number;
  /**
   * Which program wrote the image; some mean the geometry to be the size.
   * Called `Creator Application` in the original.
   */
  readonly creatorApplication: string;
  /** Called `Creator Version` in the original. */
  readonly creatorVersion: number;
  /** Called `Creator Host OS` in the original. */
  readonly creatorHostOs: string;
  /** Called `Original Size` in the original. */
  readonly originalSize: bigint;
  /** Called `Current Size` in the original. */
  readonly currentSize: bigint;
  /** Called `Disk Geometry, cylinder` in the original. */
  readonly numCylinders: number;
  /** Called `Disk Geometry, heads` in the original. */
  readonly numHeads: number;
  /** Called `Disk Geometry, sectors per track/cylinder` in the original. */
  readonly sectorsPerTrack: number;
  /** Called `Disk Type` in the original. */
  readonly diskType: number;
  /**
   * Ones' complement of the sum of the other bytes of the footer.
   * Called `Checksum` in the original.
   */
  readonly checksum: number;
  /**
   * What differencing images call their parent by.
   * Called `Unique Id` in the original.
   */
  readonly uniqueId: Uint8Array;
  /**
   * Reserved bytes follow, to 512; to 511 before Virtual PC 2004.
   * Called `Saved State` in the original.
   */
  readonly savedState: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.cookie = io.take(8, 'Vpc.cookie');
    if (compareBytes(this.cookie, Uint8Array.of(99, 111, 110, 101, 99, 116, 105, 120)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(99, 111, 110, 101, 99, 116, 105, 120), this.cookie, io, 'Vpc.cookie', 'BAD_MAGIC');
    }
    this.features = io.readU4be('Vpc.features');
    this.fileFormatVersion = io.readU4be('Vpc.fileFormatVersion');
    this.ofsHeader = io.readU8be('Vpc.ofsHeader');
    this.timeStamp = io.readU4be('Vpc.timeStamp');
    this.creatorApplication = decode(io.take(4, 'Vpc.creatorApplication'), 'ISO-8859-1');
    this.creatorVersion = io.readU4be('Vpc.creatorVersion');
    this.creatorHostOs = decode(io.take(4, 'Vpc.creatorHostOs'), 'ISO-8859-1');
    this.originalSize = io.readU8be('Vpc.originalSize');
    this.currentSize = io.readU8be('Vpc.currentSize');
    this.numCylinders = io.readU2be('Vpc.numCylinders');
    this.numHeads = io.readU1('Vpc.numHeads');
    this.sectorsPerTrack = io.readU1('Vpc.sectorsPerTrack');
    this.diskType = io.readU4be('Vpc.diskType');
    this.checksum = io.readU4be('Vpc.checksum');
    this.uniqueId = io.take(16, 'Vpc.uniqueId');
    this.savedState = io.readU1('Vpc.savedState');
  }
}

/** The header of a dynamic or differencing image; 1024 bytes. */
class VpcDynamicHeader {
  readonly _io: SafeStream;
  /** Called `Cookie` in the original. */
  readonly cookie: Uint8Array;
  /** Called `Data Offset` in the original. */
  readonly ofsNext: bigint;
  /**
   * Where the table of blocks is.
   * Called `Table Offset` in the original.
   */
  readonly ofsTable: bigint;
  /** Called `Header Version` in the original. */
  readonly headerVersion: number;
  /** Called `Max Table Entries` in the original. */
  readonly numTableEntries: number;
  /**
   * Of the data of a block, without its bitmap.
   * Called `Block Size` in the original.
   */
  readonly lenBlock: number;
  /** Called `Checksum` in the original. */
  readonly checksum: number;
  /** Called `Parent Unique ID` in the original. */
  readonly parentUniqueId: Uint8Array;
  /** Called `Parent Time Stamp` in the original. */
  readonly parentTimeStamp: number;
  readonly reserved1: number;
  /**
   * Ends at the first NUL.
   * Called `Parent Unicode Name` in the original.
   */
  readonly parentName: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.cookie = io.take(8, 'VpcDynamicHeader.cookie');
    if (compareBytes(this.cookie, Uint8Array.of(99, 120, 115, 112, 97, 114, 115, 101)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(99, 120, 115, 112, 97, 114, 115, 101), this.cookie, io, 'VpcDynamicHeader.cookie', 'BAD_MAGIC');
    }
    this.ofsNext = io.readU8be('VpcDynamicHeader.ofsNext');
    this.ofsTable = io.readU8be('VpcDynamicHeader.ofsTable');
    this.headerVersion = io.readU4be('VpcDynamicHeader.headerVersion');
    this.numTableEntries = io.readU4be('VpcDynamicHeader.numTableEntries');
    this.lenBlock = io.readU4be('VpcDynamicHeader.lenBlock');
    this.checksum = io.readU4be('VpcDynamicHeader.checksum');
    this.parentUniqueId = io.take(16, 'VpcDynamicHeader.parentUniqueId');
    this.parentTimeStamp = io.readU4be('VpcDynamicHeader.parentTimeStamp');
    this.reserved1 = io.readU4be('VpcDynamicHeader.reserved1');
    this.parentName = decode(io.take(512, 'VpcDynamicHeader.parentName'), 'UTF-16BE');
  }
}

/**
 * One of eight entries that follow the parent's name in the header: where
 * a name of the parent is, and how it is written.
 */
class VpcParentLocatorRecord extends RecordCursor {
  /** Called `Platform Code` in the original. */
  get platformCode(): string {
    return decode(this._take(0, 4), 'ISO-8859-1');
  }

  /** Called `Platform Data Space` in the original. */
  get lenSpace(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `Platform Data Length` in the original. */
  get lenName(): number {
    return this._view.getUint32(this._offset + 8);
  }

  get reserved1(): number {
    return this._view.getUint32(this._offset + 12);
  }

  /** Called `Platform Data Offset` in the original. */
  get ofsName(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }
}

/** A name of the parent as Windows writes it, of platform W2ku or W2ru. */
class VpcUtf16Name {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('VpcUtf16Name.value'), 'UTF-16LE');
  }
}

/** A name of the parent as a file URL, of platform MacX. */
class VpcUtf8Name {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('VpcUtf8Name.value'), 'UTF-8');
  }
}

/** An entry of the table of blocks. */
class VpcTableEntryRecord extends RecordCursor {
  /**
   * Sector of 512 bytes at which the block's bitmap begins; all bits set
   * if the block is not there.
   */
  get sector(): number {
    return this._view.getUint32(this._offset);
  }
}
