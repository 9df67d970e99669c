// Generated from formats/filesystem/exfat.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestExfat = Guest<Exfat>;

/** `exfat` from its bytes. @throws FormatError when they are none. */
export function parseExfat(bytes: Uint8Array): GuestExfat {
  return guest(new Exfat(new SafeStream(bytes)));
}

export type GuestExfatBitmap = Guest<ExfatBitmap>;

/** `bitmap` from its bytes. @throws FormatError when they are none. */
export function parseExfatBitmap(bytes: Uint8Array): GuestExfatBitmap {
  return guest(new ExfatBitmap(new SafeStream(bytes)));
}

export type GuestExfatUpCase = Guest<ExfatUpCase>;

/** `up_case` from its bytes. @throws FormatError when they are none. */
export function parseExfatUpCase(bytes: Uint8Array): GuestExfatUpCase {
  return guest(new ExfatUpCase(new SafeStream(bytes)));
}

export type GuestExfatLabel = Guest<ExfatLabel>;

/** `label` from its bytes. @throws FormatError when they are none. */
export function parseExfatLabel(bytes: Uint8Array): GuestExfatLabel {
  return guest(new ExfatLabel(new SafeStream(bytes)));
}

export type GuestExfatEntry = Guest<ExfatEntryRecord>;

/** A table of `entry`: 32 bytes each, `strideBytes` apart. */
export function exfatEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestExfatEntry> {
  return records(new ExfatEntryRecord(bytes, 'le'), 32, strideBytes, 'ExfatEntry');
}

export type GuestExfatChainEntry = Guest<ExfatChainEntryRecord>;

/** A table of `chain_entry`: 4 bytes each, `strideBytes` apart. */
export function exfatChainEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestExfatChainEntry> {
  return records(new ExfatChainEntryRecord(bytes, 'le'), 4, strideBytes, 'ExfatChainEntry');
}

export type GuestExfatChecksum = Guest<ExfatChecksumRecord>;

/** A table of `checksum`: 4 bytes each, `strideBytes` apart. */
export function exfatChecksumRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestExfatChecksum> {
  return records(new ExfatChecksumRecord(bytes, 'le'), 4, strideBytes, 'ExfatChecksum');
}

export type GuestExfatFileEntry = Guest<ExfatFileEntryRecord>;

/** A table of `file_entry`: 32 bytes each, `strideBytes` apart. */
export function exfatFileEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestExfatFileEntry> {
  return records(new ExfatFileEntryRecord(bytes, 'le'), 32, strideBytes, 'ExfatFileEntry');
}

export type GuestExfatSecondaryEntry = Guest<ExfatSecondaryEntryRecord>;

/** A table of `secondary_entry`: 32 bytes each, `strideBytes` apart. */
export function exfatSecondaryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestExfatSecondaryEntry> {
  return records(new ExfatSecondaryEntryRecord(bytes, 'le'), 32, strideBytes, 'ExfatSecondaryEntry');
}

export type GuestExfatNameEntry = Guest<ExfatNameEntryRecord>;

/** A table of `name_entry`: 32 bytes each, `strideBytes` apart. */
export function exfatNameEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestExfatNameEntry> {
  return records(new ExfatNameEntryRecord(bytes, 'le'), 32, strideBytes, 'ExfatNameEntry');
}

/**
 * The boot sector of an exFAT volume, those entries of its root directory that
 * tell about the volume, and the entries of its FAT.
 * @see https://learn.microsoft.com/en-us/windows/win32/fileio/exfat-specification
 * @see Linux fs/exfat/exfat_raw.h: struct boot_sector, struct exfat_dentry
 */
class Exfat {
  readonly _io: SafeStream;
  /** Called `JumpBoot` in the original. */
  readonly jump: Uint8Array;
  /** Called `FileSystemName` in the original. */
  readonly systemId: Uint8Array;
  /**
   * So that nothing takes it for FAT.
   * Called `MustBeZero` in the original.
   */
  readonly mustBeZero: Uint8Array;
  /** Called `PartitionOffset` in the original. */
  readonly ofsPartition: bigint;
  /** Called `VolumeLength` in the original. */
  readonly numSectors: bigint;
  /** Called `FatOffset` in the original. */
  readonly fatSector: number;
  /** Called `FatLength` in the original. */
  readonly numFatSectors: number;
  /** Called `ClusterHeapOffset` in the original. */
  readonly dataSector: number;
  /** Called `ClusterCount` in the original. */
  readonly numClusters: number;
  /** Called `FirstClusterOfRootDirectory` in the original. */
  readonly rootCluster: number;
  /** Called `VolumeSerialNumber` in the original. */
  readonly serial: number;
  /** Called `FileSystemRevision` in the original. */
  readonly revision: number;
  /**
   * 2 while the volume is mounted for writing. Not in the checksum.
   * Called `VolumeFlags` in the original.
   */
  readonly flags: number;
  /** Called `BytesPerSectorShift` in the original. */
  readonly logSector: number;
  /** Called `SectorsPerClusterShift` in the original. */
  readonly logClusterSectors: number;
  /** Called `NumberOfFats` in the original. */
  readonly numFats: number;
  /** Called `DriveSelect` in the original. */
  readonly drive: number;
  /**
   * A rounded memory of how full it was. Not in the checksum.
   * Called `PercentInUse` in the original.
   */
  readonly percentInUse: number;
  /** Called `Reserved` in the original. */
  readonly reserved: Uint8Array;
  /** Called `BootCode` in the original. */
  readonly bootCode: Uint8Array;
  /** Called `BootSignature` in the original. */
  readonly signature: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(3, 'Exfat.jump');
    if (compareBytes(this.jump, Uint8Array.of(235, 118, 144)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(235, 118, 144), this.jump, io, 'Exfat.jump', 'BAD_MAGIC');
    }
    this.systemId = io.take(8, 'Exfat.systemId');
    if (compareBytes(this.systemId, Uint8Array.of(69, 88, 70, 65, 84, 32, 32, 32)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(69, 88, 70, 65, 84, 32, 32, 32), this.systemId, io, 'Exfat.systemId', 'BAD_MAGIC');
    }
    this.mustBeZero = io.take(53, 'Exfat.mustBeZero');
    this.ofsPartition = io.readU8le('Exfat.ofsPartition');
    this.numSectors = io.readU8le('Exfat.numSectors');
    this.fatSector = io.readU4le('Exfat.fatSector');
    this.numFatSectors = io.readU4le('Exfat.numFatSectors');
    this.dataSector = io.readU4le('Exfat.dataSector');
    this.numClusters = io.readU4le('Exfat.numClusters');
    this.rootCluster = io.readU4le('Exfat.rootCluster');
    this.serial = io.readU4le('Exfat.serial');
    this.revision = io.readU2le('Exfat.revision');
    this.flags = io.readU2le('Exfat.flags');
    this.logSector = io.readU1('Exfat.logSector');
    this.logClusterSectors = io.readU1('Exfat.logClusterSectors');
    this.numFats = io.readU1('Exfat.numFats');
    this.drive = io.readU1('Exfat.drive');
    this.percentInUse = io.readU1('Exfat.percentInUse');
    this.reserved = io.take(7, 'Exfat.reserved');
    this.bootCode = io.take(390, 'Exfat.bootCode');
    this.signature = io.take(2, 'Exfat.signature');
    if (compareBytes(this.signature, Uint8Array.of(85, 170)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(85, 170), this.signature, io, 'Exfat.signature', 'BAD_MAGIC');
    }
  }
}

/**
 * An entry of a directory. Its type is 0 behind the last one, and has bit 7
 * while it is in use.
 */
class ExfatEntryRecord extends RecordCursor {
  /** Called `EntryType` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset);
  }

  get content(): Uint8Array {
    return this._take(1, 31);
  }
}

/** Type 0x81, the bitmap of the clusters that are allocated. */
class ExfatBitmap {
  readonly _io: SafeStream;
  /** Called `EntryType` in the original. */
  readonly type: number;
  /**
   * Bit 0 for the bitmap that belongs to the second FAT.
   * Called `BitmapFlags` in the original.
   */
  readonly flags: number;
  /** Called `Reserved` in the original. */
  readonly reserved: Uint8Array;
  /** Called `FirstCluster` in the original. */
  readonly firstCluster: number;
  /** Called `DataLength` in the original. */
  readonly lenBitmap: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('ExfatBitmap.type');
    this.flags = io.readU1('ExfatBitmap.flags');
    this.reserved = io.take(18, 'ExfatBitmap.reserved');
    this.firstCluster = io.readU4le('ExfatBitmap.firstCluster');
    this.lenBitmap = io.readU8le('ExfatBitmap.lenBitmap');
  }
}

/** Type 0x82, the table of the letters' large forms, of which the root directory has one. */
class ExfatUpCase {
  readonly _io: SafeStream;
  /** Called `EntryType` in the original. */
  readonly type: number;
  /** Called `Reserved1` in the original. */
  readonly reserved: Uint8Array;
  /** Called `TableChecksum` in the original. */
  readonly checksum: number;
  /** Called `Reserved2` in the original. */
  readonly reserved2: Uint8Array;
  /** Called `FirstCluster` in the original. */
  readonly firstCluster: number;
  /** Called `DataLength` in the original. */
  readonly lenTable: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('ExfatUpCase.type');
    this.reserved = io.take(3, 'ExfatUpCase.reserved');
    this.checksum = io.readU4le('ExfatUpCase.checksum');
    this.reserved2 = io.take(12, 'ExfatUpCase.reserved2');
    this.firstCluster = io.readU4le('ExfatUpCase.firstCluster');
    this.lenTable = io.readU8le('ExfatUpCase.lenTable');
  }
}

/** Type 0x83, the volume's label. */
class ExfatLabel {
  readonly _io: SafeStream;
  /** Called `EntryType` in the original. */
  readonly type: number;
  /** Called `CharacterCount` in the original. */
  readonly numCharacters: number;
  /** Called `VolumeLabel` in the original. */
  readonly text: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU1('ExfatLabel.type');
    this.numCharacters = io.readU1('ExfatLabel.numCharacters');
    this.text = decode(io.take(22, 'ExfatLabel.text'), 'UTF-16LE');
  }
}

/** What follows a cluster in its chain; 0xffffffff ends it. */
class ExfatChainEntryRecord extends RecordCursor {
  get next(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/** The last sector of the boot region is filled with the others' checksum. */
class ExfatChecksumRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/** Type 0x85, the first entry of a set that is about one file or directory. */
class ExfatFileEntryRecord extends RecordCursor {
  /** Called `EntryType` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset);
  }

  /**
   * The entries of the set that follow this one.
   * Called `SecondaryCount` in the original.
   */
  get numSecondary(): number {
    return this._view.getUint8(this._offset + 1);
  }

  /**
   * Of all entries of the set, but for this field.
   * Called `SetChecksum` in the original.
   */
  get checksum(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `FileAttributes` in the original. */
  get attributes(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `Reserved1` in the original. */
  get reserved(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /** Called `CreateTimestamp` in the original. */
  get createdTime(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `CreateTimestamp` in the original. */
  get createdDate(): number {
    return this._view.getUint16(this._offset + 10, true);
  }

  /** Called `LastModifiedTimestamp` in the original. */
  get modifiedTime(): number {
    return this._view.getUint16(this._offset + 12, true);
  }

  /** Called `LastModifiedTimestamp` in the original. */
  get modifiedDate(): number {
    return this._view.getUint16(this._offset + 14, true);
  }

  /** Called `LastAccessedTimestamp` in the original. */
  get accessedTime(): number {
    return this._view.getUint16(this._offset + 16, true);
  }

  /** Called `LastAccessedTimestamp` in the original. */
  get accessedDate(): number {
    return this._view.getUint16(this._offset + 18, true);
  }

  /** Called `Create10msIncrement` in the original. */
  get createdHundredths(): number {
    return this._view.getUint8(this._offset + 20);
  }

  /** Called `LastModified10msIncrement` in the original. */
  get modifiedHundredths(): number {
    return this._view.getUint8(this._offset + 21);
  }

  /**
   * Bit 7 if there is a zone; then a signed number of quarters of an hour.
   * Called `CreateUtcOffset` in the original.
   */
  get createdZone(): number {
    return this._view.getUint8(this._offset + 22);
  }

  /** Called `LastModifiedUtcOffset` in the original. */
  get modifiedZone(): number {
    return this._view.getUint8(this._offset + 23);
  }

  /** Called `LastAccessedUtcOffset` in the original. */
  get accessedZone(): number {
    return this._view.getUint8(this._offset + 24);
  }

  /** Called `Reserved2` in the original. */
  get reserved2(): Uint8Array {
    return this._take(25, 7);
  }
}

/**
 * What follows in a set. Type 0xc0 says where the content lies; others of
 * vendors may have clusters too, in the same fields.
 */
class ExfatSecondaryEntryRecord extends RecordCursor {
  /** Called `EntryType` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset);
  }

  /**
   * Bit 0 if it may have clusters, bit 1 if they lie side by side.
   * Called `GeneralSecondaryFlags` in the original.
   */
  get flags(): number {
    return this._view.getUint8(this._offset + 1);
  }

  /** Called `Reserved1` in the original. */
  get reserved(): number {
    return this._view.getUint8(this._offset + 2);
  }

  /**
   * In units of UTF-16.
   * Called `NameLength` in the original.
   */
  get numName(): number {
    return this._view.getUint8(this._offset + 3);
  }

  /** Called `NameHash` in the original. */
  get nameHash(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `Reserved2` in the original. */
  get reserved2(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /**
   * Behind these bytes the content is zeros, whatever the clusters hold.
   * Called `ValidDataLength` in the original.
   */
  get lenValid(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `Reserved3` in the original. */
  get reserved3(): number {
    return this._view.getUint32(this._offset + 16, true);
  }

  /** Called `FirstCluster` in the original. */
  get firstCluster(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  /** Called `DataLength` in the original. */
  get lenData(): bigint {
    return this._view.getBigUint64(this._offset + 24, true);
  }
}

/** Type 0xc1, up to 15 units of the name. */
class ExfatNameEntryRecord extends RecordCursor {
  /** Called `EntryType` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset);
  }

  /** Called `GeneralSecondaryFlags` in the original. */
  get flags(): number {
    return this._view.getUint8(this._offset + 1);
  }

  /** Called `FileName` in the original. */
  get units(): Uint8Array {
    return this._take(2, 30);
  }
}
