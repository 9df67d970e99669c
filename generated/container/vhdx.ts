// Generated from formats/container/vhdx.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestVhdx = Guest<Vhdx>;

/** `vhdx` from its bytes. @throws FormatError when they are none. */
export function parseVhdx(bytes: Uint8Array): GuestVhdx {
  return guest(new Vhdx(new SafeStream(bytes)));
}

export type GuestVhdxHeader = Guest<VhdxHeader>;

/** `header` from its bytes. @throws FormatError when they are none. */
export function parseVhdxHeader(bytes: Uint8Array): GuestVhdxHeader {
  return guest(new VhdxHeader(new SafeStream(bytes)));
}

export type GuestVhdxRegionTable = Guest<VhdxRegionTable>;

/** `region_table` from its bytes. @throws FormatError when they are none. */
export function parseVhdxRegionTable(bytes: Uint8Array): GuestVhdxRegionTable {
  return guest(new VhdxRegionTable(new SafeStream(bytes)));
}

export type GuestVhdxMetadataTable = Guest<VhdxMetadataTable>;

/** `metadata_table` from its bytes. @throws FormatError when they are none. */
export function parseVhdxMetadataTable(bytes: Uint8Array): GuestVhdxMetadataTable {
  return guest(new VhdxMetadataTable(new SafeStream(bytes)));
}

export type GuestVhdxFileParameters = Guest<VhdxFileParameters>;

/** `file_parameters` from its bytes. @throws FormatError when they are none. */
export function parseVhdxFileParameters(bytes: Uint8Array): GuestVhdxFileParameters {
  return guest(new VhdxFileParameters(new SafeStream(bytes)));
}

export type GuestVhdxDiskSize = Guest<VhdxDiskSize>;

/** `disk_size` from its bytes. @throws FormatError when they are none. */
export function parseVhdxDiskSize(bytes: Uint8Array): GuestVhdxDiskSize {
  return guest(new VhdxDiskSize(new SafeStream(bytes)));
}

export type GuestVhdxSectorSize = Guest<VhdxSectorSize>;

/** `sector_size` from its bytes. @throws FormatError when they are none. */
export function parseVhdxSectorSize(bytes: Uint8Array): GuestVhdxSectorSize {
  return guest(new VhdxSectorSize(new SafeStream(bytes)));
}

export type GuestVhdxParentLocator = Guest<VhdxParentLocator>;

/** `parent_locator` from its bytes. @throws FormatError when they are none. */
export function parseVhdxParentLocator(bytes: Uint8Array): GuestVhdxParentLocator {
  return guest(new VhdxParentLocator(new SafeStream(bytes)));
}

export type GuestVhdxLocatorText = Guest<VhdxLocatorText>;

/** `locator_text` from its bytes. @throws FormatError when they are none. */
export function parseVhdxLocatorText(bytes: Uint8Array): GuestVhdxLocatorText {
  return guest(new VhdxLocatorText(new SafeStream(bytes)));
}

export type GuestVhdxLogEntry = Guest<VhdxLogEntry>;

/** `log_entry` from its bytes. @throws FormatError when they are none. */
export function parseVhdxLogEntry(bytes: Uint8Array): GuestVhdxLogEntry {
  return guest(new VhdxLogEntry(new SafeStream(bytes)));
}

export type GuestVhdxLogDataSector = Guest<VhdxLogDataSector>;

/** `log_data_sector` from its bytes. @throws FormatError when they are none. */
export function parseVhdxLogDataSector(bytes: Uint8Array): GuestVhdxLogDataSector {
  return guest(new VhdxLogDataSector(new SafeStream(bytes)));
}

export type GuestVhdxRegionEntry = Guest<VhdxRegionEntryRecord>;

/** A table of `region_entry`: 32 bytes each, `strideBytes` apart. */
export function vhdxRegionEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestVhdxRegionEntry> {
  return records(new VhdxRegionEntryRecord(bytes, 'le'), 32, strideBytes, 'VhdxRegionEntry');
}

export type GuestVhdxMetadataEntry = Guest<VhdxMetadataEntryRecord>;

/** A table of `metadata_entry`: 32 bytes each, `strideBytes` apart. */
export function vhdxMetadataEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestVhdxMetadataEntry> {
  return records(new VhdxMetadataEntryRecord(bytes, 'le'), 32, strideBytes, 'VhdxMetadataEntry');
}

export type GuestVhdxParentLocatorEntry = Guest<VhdxParentLocatorEntryRecord>;

/** A table of `parent_locator_entry`: 12 bytes each, `strideBytes` apart. */
export function vhdxParentLocatorEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestVhdxParentLocatorEntry> {
  return records(new VhdxParentLocatorEntryRecord(bytes, 'le'), 12, strideBytes, 'VhdxParentLocatorEntry');
}

export type GuestVhdxTableEntry = Guest<VhdxTableEntryRecord>;

/** A table of `table_entry`: 8 bytes each, `strideBytes` apart. */
export function vhdxTableEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestVhdxTableEntry> {
  return records(new VhdxTableEntryRecord(bytes, 'le'), 8, strideBytes, 'VhdxTableEntry');
}

export type GuestVhdxLogDescriptor = Guest<VhdxLogDescriptorRecord>;

/** A table of `log_descriptor`: 32 bytes each, `strideBytes` apart. */
export function vhdxLogDescriptorRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestVhdxLogDescriptor> {
  return records(new VhdxLogDescriptorRecord(bytes, 'le'), 32, strideBytes, 'VhdxLogDescriptor');
}

export type GuestVhdxLogZeroDescriptor = Guest<VhdxLogZeroDescriptorRecord>;

/** A table of `log_zero_descriptor`: 32 bytes each, `strideBytes` apart. */
export function vhdxLogZeroDescriptorRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestVhdxLogZeroDescriptor> {
  return records(new VhdxLogZeroDescriptorRecord(bytes, 'le'), 32, strideBytes, 'VhdxLogZeroDescriptor');
}

export const VhdxBlockState = {
  NOT_PRESENT: 0,
  UNDEFINED: 1,
  ZERO: 2,
  UNMAPPED: 3,
  UNMAPPED_OLD: 5,
  FULLY_PRESENT: 6,
  PARTIALLY_PRESENT: 7,
} as const;

/**
 * A disk image of regions that a table lists: a table of blocks, metadata, and
 * the blocks of the disk. Each of the two headers may be the newer one; it says
 * where the log is, and whether writes to the tables are still in it.
 *
 * ### Making a test image
 *
 *     qemu-img create -f vhdx -o block_size=1M disk.vhdx 64M
 *     qemu-io -f vhdx -c 'write -P 7 1M 4k' disk.vhdx
 * @see https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-vhdx
 * @see QEMU block/vhdx.h, block/vhdx.c, block/vhdx-log.c
 */
class Vhdx {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly signature: Uint8Array;
  /** Called `Creator` in the original. */
  readonly creator: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature = io.take(8, 'Vhdx.signature');
    if (compareBytes(this.signature, Uint8Array.of(118, 104, 100, 120, 102, 105, 108, 101)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(118, 104, 100, 120, 102, 105, 108, 101), this.signature, io, 'Vhdx.signature', 'BAD_MAGIC');
    }
    this.creator = decode(io.take(512, 'Vhdx.creator'), 'UTF-16LE');
  }
}

/**
 * Stands at 64 KiB and at 128 KiB; 4096 bytes with what is reserved, all of
 * which the checksum covers.
 */
class VhdxHeader {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly signature: Uint8Array;
  /**
   * CRC-32C of the 4096 bytes, with this field 0.
   * Called `Checksum` in the original.
   */
  readonly checksum: number;
  /** Called `SequenceNumber` in the original. */
  readonly sequenceNumber: bigint;
  /** Called `FileWriteGuid` in the original. */
  readonly fileWriteGuid: Uint8Array;
  /**
   * What differencing images call their parent by.
   * Called `DataWriteGuid` in the original.
   */
  readonly dataWriteGuid: Uint8Array;
  /**
   * Of the entries of the log that are in use; 0 if none is.
   * Called `LogGuid` in the original.
   */
  readonly logGuid: Uint8Array;
  /** Called `LogVersion` in the original. */
  readonly logVersion: number;
  /** Called `Version` in the original. */
  readonly version: number;
  /** Called `LogLength` in the original. */
  readonly lenLog: number;
  /** Called `LogOffset` in the original. */
  readonly ofsLog: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature = io.take(4, 'VhdxHeader.signature');
    if (compareBytes(this.signature, Uint8Array.of(104, 101, 97, 100)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(104, 101, 97, 100), this.signature, io, 'VhdxHeader.signature', 'BAD_MAGIC');
    }
    this.checksum = io.readU4le('VhdxHeader.checksum');
    this.sequenceNumber = io.readU8le('VhdxHeader.sequenceNumber');
    this.fileWriteGuid = io.take(16, 'VhdxHeader.fileWriteGuid');
    this.dataWriteGuid = io.take(16, 'VhdxHeader.dataWriteGuid');
    this.logGuid = io.take(16, 'VhdxHeader.logGuid');
    this.logVersion = io.readU2le('VhdxHeader.logVersion');
    this.version = io.readU2le('VhdxHeader.version');
    this.lenLog = io.readU4le('VhdxHeader.lenLog');
    this.ofsLog = io.readU8le('VhdxHeader.ofsLog');
  }
}

/**
 * The head of a region table, which stands at 192 KiB and at 256 KiB and
 * has 64 KiB.
 */
class VhdxRegionTable {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly signature: Uint8Array;
  /**
   * CRC-32C of the 64 KiB, with this field 0.
   * Called `Checksum` in the original.
   */
  readonly checksum: number;
  /** Called `EntryCount` in the original. */
  readonly numEntries: number;
  readonly reserved1: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature = io.take(4, 'VhdxRegionTable.signature');
    if (compareBytes(this.signature, Uint8Array.of(114, 101, 103, 105)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(114, 101, 103, 105), this.signature, io, 'VhdxRegionTable.signature', 'BAD_MAGIC');
    }
    this.checksum = io.readU4le('VhdxRegionTable.checksum');
    this.numEntries = io.readU4le('VhdxRegionTable.numEntries');
    this.reserved1 = io.readU4le('VhdxRegionTable.reserved1');
  }
}

class VhdxRegionEntryRecord extends RecordCursor {
  /** Called `Guid` in the original. */
  get guid(): Uint8Array {
    return this._take(0, 16);
  }

  /** Called `FileOffset` in the original. */
  get ofsRegion(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `Length` in the original. */
  get lenRegion(): number {
    return this._view.getUint32(this._offset + 24, true);
  }

  /**
   * Bit 0 says that a reader must know the region.
   * Called `Required` in the original.
   */
  get flags(): number {
    return this._view.getUint32(this._offset + 28, true);
  }
}

/** The head of the metadata region's table, which has 64 KiB. */
class VhdxMetadataTable {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly signature: Uint8Array;
  readonly reserved1: number;
  /** Called `EntryCount` in the original. */
  readonly numEntries: number;
  readonly reserved2: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature = io.take(8, 'VhdxMetadataTable.signature');
    if (compareBytes(this.signature, Uint8Array.of(109, 101, 116, 97, 100, 97, 116, 97)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(109, 101, 116, 97, 100, 97, 116, 97), this.signature, io, 'VhdxMetadataTable.signature', 'BAD_MAGIC');
    }
    this.reserved1 = io.readU2le('VhdxMetadataTable.reserved1');
    this.numEntries = io.readU2le('VhdxMetadataTable.numEntries');
    this.reserved2 = io.take(20, 'VhdxMetadataTable.reserved2');
  }
}

class VhdxMetadataEntryRecord extends RecordCursor {
  /** Called `ItemId` in the original. */
  get itemId(): Uint8Array {
    return this._take(0, 16);
  }

  /**
   * From the beginning of the metadata region.
   * Called `Offset` in the original.
   */
  get ofsItem(): number {
    return this._view.getUint32(this._offset + 16, true);
  }

  /** Called `Length` in the original. */
  get lenItem(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  /** Bit 0 IsUser, bit 1 IsVirtualDisk, bit 2 IsRequired. */
  get flags(): number {
    return this._view.getUint32(this._offset + 24, true);
  }

  get reserved1(): number {
    return this._view.getUint32(this._offset + 28, true);
  }
}

class VhdxFileParameters {
  readonly _io: SafeStream;
  /** Called `BlockSize` in the original. */
  readonly lenBlock: number;
  /** Bit 0 LeaveBlocksAllocated, bit 1 HasParent. */
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenBlock = io.readU4le('VhdxFileParameters.lenBlock');
    this.flags = io.readU4le('VhdxFileParameters.flags');
  }
}

class VhdxDiskSize {
  readonly _io: SafeStream;
  /** Called `VirtualDiskSize` in the original. */
  readonly lenDisk: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenDisk = io.readU8le('VhdxDiskSize.lenDisk');
  }
}

class VhdxSectorSize {
  readonly _io: SafeStream;
  /** Called `LogicalSectorSize` in the original. */
  readonly lenSector: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenSector = io.readU4le('VhdxSectorSize.lenSector');
  }
}

/** The head of the metadata item that names the parent in several ways. */
class VhdxParentLocator {
  readonly _io: SafeStream;
  /** Called `LocatorType` in the original. */
  readonly locatorType: Uint8Array;
  readonly reserved1: number;
  /** Called `KeyValueCount` in the original. */
  readonly numEntries: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.locatorType = io.take(16, 'VhdxParentLocator.locatorType');
    this.reserved1 = io.readU2le('VhdxParentLocator.reserved1');
    this.numEntries = io.readU2le('VhdxParentLocator.numEntries');
  }
}

/** Offsets are from the beginning of the item. */
class VhdxParentLocatorEntryRecord extends RecordCursor {
  /** Called `KeyOffset` in the original. */
  get ofsKey(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `ValueOffset` in the original. */
  get ofsValue(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `KeyLength` in the original. */
  get lenKey(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `ValueLength` in the original. */
  get lenValue(): number {
    return this._view.getUint16(this._offset + 10, true);
  }
}

/** A key or a value. */
class VhdxLocatorText {
  readonly _io: SafeStream;
  readonly value: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.value = decode(io.readBytesFull('VhdxLocatorText.value'), 'UTF-16LE');
  }
}

/** An entry of the table of blocks, which the specification calls BAT. */
class VhdxTableEntryRecord extends RecordCursor {
  /** Called `State` in the original. */
  get state(): number {
    return Number(this._bitsLe(0, 3));
  }

  get reserved1(): number {
    return Number(this._bitsLe(3, 17));
  }

  /**
   * In MiB.
   * Called `FileOffsetMB` in the original.
   */
  get ofsBlock(): bigint {
    return this._bitsLe(20, 44);
  }
}

/**
 * The head of an entry of the log. Descriptors follow it; from the next
 * multiple of 4096 bytes, a data sector for each descriptor of data.
 */
class VhdxLogEntry {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly signature: Uint8Array;
  /**
   * CRC-32C of the whole entry, with this field 0.
   * Called `Checksum` in the original.
   */
  readonly checksum: number;
  /** Called `EntryLength` in the original. */
  readonly lenEntry: number;
  /**
   * Where, in the log, the first entry of the sequence begins that was
   * not yet applied when this one was written.
   * Called `Tail` in the original.
   */
  readonly ofsTail: number;
  /** Called `SequenceNumber` in the original. */
  readonly sequenceNumber: bigint;
  /** Called `DescriptorCount` in the original. */
  readonly numDescriptors: number;
  readonly reserved1: number;
  /** Called `LogGuid` in the original. */
  readonly logGuid: Uint8Array;
  /**
   * The file had at least this size on the disk when it was written.
   * Called `FlushedFileOffset` in the original.
   */
  readonly flushedFileSize: bigint;
  /**
   * What the file must have to hold all that is allocated.
   * Called `LastFileOffset` in the original.
   */
  readonly lastFileSize: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature = io.take(4, 'VhdxLogEntry.signature');
    if (compareBytes(this.signature, Uint8Array.of(108, 111, 103, 101)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(108, 111, 103, 101), this.signature, io, 'VhdxLogEntry.signature', 'BAD_MAGIC');
    }
    this.checksum = io.readU4le('VhdxLogEntry.checksum');
    this.lenEntry = io.readU4le('VhdxLogEntry.lenEntry');
    this.ofsTail = io.readU4le('VhdxLogEntry.ofsTail');
    this.sequenceNumber = io.readU8le('VhdxLogEntry.sequenceNumber');
    this.numDescriptors = io.readU4le('VhdxLogEntry.numDescriptors');
    this.reserved1 = io.readU4le('VhdxLogEntry.reserved1');
    this.logGuid = io.take(16, 'VhdxLogEntry.logGuid');
    this.flushedFileSize = io.readU8le('VhdxLogEntry.flushedFileSize');
    this.lastFileSize = io.readU8le('VhdxLogEntry.lastFileSize');
  }
}

/** What is to be written where, of either kind. */
class VhdxLogDescriptorRecord extends RecordCursor {
  /** zero or desc. */
  get signature(): string {
    return decode(this._take(0, 4), 'ISO-8859-1');
  }

  /**
   * Of data, the last four bytes; reserved of zeros.
   * Called `TrailingBytes` in the original.
   */
  get trailingBytes(): Uint8Array {
    return this._take(4, 4);
  }

  /**
   * Of data, the first eight bytes.
   * Called `LeadingBytes` in the original.
   */
  get leadingBytes(): Uint8Array {
    return this._take(8, 8);
  }

  /** Called `FileOffset` in the original. */
  get ofsFile(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `SequenceNumber` in the original. */
  get sequenceNumber(): bigint {
    return this._view.getBigUint64(this._offset + 24, true);
  }
}

/** The same 32 bytes, if the signature is zero. */
class VhdxLogZeroDescriptorRecord extends RecordCursor {
  get signature(): string {
    return decode(this._take(0, 4), 'ISO-8859-1');
  }

  get reserved1(): Uint8Array {
    return this._take(4, 4);
  }

  /** Called `ZeroLength` in the original. */
  get lenZeros(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `FileOffset` in the original. */
  get ofsFile(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `SequenceNumber` in the original. */
  get sequenceNumber(): bigint {
    return this._view.getBigUint64(this._offset + 24, true);
  }
}

/**
 * 4096 bytes of data, whose first eight and last four bytes stand in the
 * descriptor because the sequence number takes their place.
 */
class VhdxLogDataSector {
  readonly _io: SafeStream;
  /** Called `DataSignature` in the original. */
  readonly signature: Uint8Array;
  /** Called `SequenceHigh` in the original. */
  readonly sequenceHigh: number;
  /** Called `Data` in the original. */
  readonly data: Uint8Array;
  /** Called `SequenceLow` in the original. */
  readonly sequenceLow: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.signature = io.take(4, 'VhdxLogDataSector.signature');
    if (compareBytes(this.signature, Uint8Array.of(100, 97, 116, 97)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(100, 97, 116, 97), this.signature, io, 'VhdxLogDataSector.signature', 'BAD_MAGIC');
    }
    this.sequenceHigh = io.readU4le('VhdxLogDataSector.sequenceHigh');
    this.data = io.take(4084, 'VhdxLogDataSector.data');
    this.sequenceLow = io.readU4le('VhdxLogDataSector.sequenceLow');
  }
}
