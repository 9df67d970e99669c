// Generated from formats/filesystem/fat.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestFat = Guest<Fat>;

/** `fat` from its bytes. @throws FormatError when they are none. */
export function parseFat(bytes: Uint8Array): GuestFat {
  return guest(new Fat(new SafeStream(bytes)));
}

export type GuestFatDirectoryEntry = Guest<FatDirectoryEntryRecord>;

/** A table of `directory_entry`: 32 bytes each, `strideBytes` apart. */
export function fatDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestFatDirectoryEntry> {
  return records(new FatDirectoryEntryRecord(bytes, 'le'), 32, strideBytes, 'FatDirectoryEntry');
}

export type GuestFatLongNameEntry = Guest<FatLongNameEntryRecord>;

/** A table of `long_name_entry`: 32 bytes each, `strideBytes` apart. */
export function fatLongNameEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestFatLongNameEntry> {
  return records(new FatLongNameEntryRecord(bytes, 'le'), 32, strideBytes, 'FatLongNameEntry');
}

export type GuestFatShortChainEntry = Guest<FatShortChainEntryRecord>;

/** A table of `short_chain_entry`: 2 bytes each, `strideBytes` apart. */
export function fatShortChainEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 2,
): Records<GuestFatShortChainEntry> {
  return records(new FatShortChainEntryRecord(bytes, 'le'), 2, strideBytes, 'FatShortChainEntry');
}

export type GuestFatChainEntry = Guest<FatChainEntryRecord>;

/** A table of `chain_entry`: 4 bytes each, `strideBytes` apart. */
export function fatChainEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestFatChainEntry> {
  return records(new FatChainEntryRecord(bytes, 'le'), 4, strideBytes, 'FatChainEntry');
}

/**
 * The boot sector of a FAT volume (an Atari's begins with a branch of the 68000, and
 * has no signature), the entries of its directories, and those of
 * the file allocation table of FAT32.
 *
 * Which of the three it is follows from the numbers: FAT32 has no 16-bit size
 * of a FAT, and FAT12 has at most 4084 clusters. The texts are decoration.
 * @see Microsoft Extensible Firmware Initiative FAT32 File System Specification, 1.03
 * @see Linux include/uapi/linux/msdos_fs.h: fat_boot_sector, msdos_dir_entry
 */
class Fat {
  readonly _io: SafeStream;
  /** Called `BS_jmpBoot` in the original. */
  readonly jump: Uint8Array;
  /**
   * Who formatted it. NTFS, exFAT and BitLocker write their own name here.
   * Called `BS_OEMName` in the original.
   */
  readonly systemId: string;
  /** Called `BPB_BytsPerSec` in the original. */
  readonly lenSector: number;
  /** Called `BPB_SecPerClus` in the original. */
  readonly numClusterSectors: number;
  /**
   * Before the first FAT.
   * Called `BPB_RsvdSecCnt` in the original.
   */
  readonly numReservedSectors: number;
  /** Called `BPB_NumFATs` in the original. */
  readonly numFats: number;
  /**
   * 0 on FAT32, whose root directory is a chain of clusters.
   * Called `BPB_RootEntCnt` in the original.
   */
  readonly numRootEntries: number;
  /**
   * 0 when the 32-bit number holds.
   * Called `BPB_TotSec16` in the original.
   */
  readonly numSectors16: number;
  /** Called `BPB_Media` in the original. */
  readonly media: number;
  /**
   * 0 on FAT32.
   * Called `BPB_FATSz16` in the original.
   */
  readonly numFatSectors16: number;
  /** Called `BPB_SecPerTrk` in the original. */
  readonly numTrackSectors: number;
  /** Called `BPB_NumHeads` in the original. */
  readonly numHeads: number;
  /** Called `BPB_HiddSec` in the original. */
  readonly numHiddenSectors: number;
  /** Called `BPB_TotSec32` in the original. */
  readonly numSectors32: number;
  readonly fat32: FatFat32 | undefined;
  readonly identity: FatIdentity;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(3, 'Fat.jump');
    this.systemId = decode(io.take(8, 'Fat.systemId'), 'ASCII');
    this.lenSector = io.readU2le('Fat.lenSector');
    this.numClusterSectors = io.readU1('Fat.numClusterSectors');
    this.numReservedSectors = io.readU2le('Fat.numReservedSectors');
    this.numFats = io.readU1('Fat.numFats');
    this.numRootEntries = io.readU2le('Fat.numRootEntries');
    this.numSectors16 = io.readU2le('Fat.numSectors16');
    this.media = io.readU1('Fat.media');
    this.numFatSectors16 = io.readU2le('Fat.numFatSectors16');
    this.numTrackSectors = io.readU2le('Fat.numTrackSectors');
    this.numHeads = io.readU2le('Fat.numHeads');
    this.numHiddenSectors = io.readU4le('Fat.numHiddenSectors');
    this.numSectors32 = io.readU4le('Fat.numSectors32');
    if (this.numFatSectors16 === 0) {
      this.fat32 = new FatFat32(io);
    }
    this.identity = new FatIdentity(io);
  }
}

/** What only FAT32 has. */
class FatFat32 {
  readonly _io: SafeStream;
  /** Called `BPB_FATSz32` in the original. */
  readonly numFatSectors: number;
  /** Called `BPB_ExtFlags` in the original. */
  readonly flags: number;
  /** Called `BPB_FSVer` in the original. */
  readonly version: number;
  /** Called `BPB_RootClus` in the original. */
  readonly rootCluster: number;
  /** Called `BPB_FSInfo` in the original. */
  readonly infoSector: number;
  /** Called `BPB_BkBootSec` in the original. */
  readonly backupSector: number;
  /** Called `BPB_Reserved` in the original. */
  readonly reserved: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.numFatSectors = io.readU4le('FatFat32.numFatSectors');
    this.flags = io.readU2le('FatFat32.flags');
    this.version = io.readU2le('FatFat32.version');
    this.rootCluster = io.readU4le('FatFat32.rootCluster');
    this.infoSector = io.readU2le('FatFat32.infoSector');
    this.backupSector = io.readU2le('FatFat32.backupSector');
    this.reserved = io.take(12, 'FatFat32.reserved');
  }
}

class FatIdentity {
  readonly _io: SafeStream;
  /** Called `BS_DrvNum` in the original. */
  readonly driveNumber: number;
  /**
   * Bit 0 is set while the volume is mounted for writing.
   * Called `BS_Reserved1` in the original.
   */
  readonly state: number;
  /**
   * 0x28 if the serial number is there, 0x29 if also what follows.
   * Called `BS_BootSig` in the original.
   */
  readonly signature: number;
  /** Called `BS_VolID` in the original. */
  readonly serial: number;
  /**
   * That of the root directory counts.
   * Called `BS_VolLab` in the original.
   */
  readonly label: string;
  /** Called `BS_FilSysType` in the original. */
  readonly typeName: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.driveNumber = io.readU1('FatIdentity.driveNumber');
    this.state = io.readU1('FatIdentity.state');
    this.signature = io.readU1('FatIdentity.signature');
    this.serial = io.readU4le('FatIdentity.serial');
    this.label = decode(io.take(11, 'FatIdentity.label'), 'ASCII');
    this.typeName = decode(io.take(8, 'FatIdentity.typeName'), 'ASCII');
  }
}

class FatDirectoryEntryRecord extends RecordCursor {
  /**
   * Begins with 0 behind the last entry, and with 0xe5 where one was
   * deleted; 0x05 stands for a real 0xe5.
   * Called `DIR_Name` in the original.
   */
  get name(): Uint8Array {
    return this._take(0, 11);
  }

  /** Called `DIR_Attr` in the original. */
  get attributes(): number {
    return this._view.getUint8(this._offset + 11);
  }

  /**
   * Bit 3, the name is shown in lower case; bit 4, the extension is.
   * Called `DIR_NTRes` in the original.
   */
  get case(): number {
    return this._view.getUint8(this._offset + 12);
  }

  /** Called `DIR_CrtTimeTenth` in the original. */
  get createdHundredths(): number {
    return this._view.getUint8(this._offset + 13);
  }

  /** Called `DIR_CrtTime` in the original. */
  get createdTime(): number {
    return this._view.getUint16(this._offset + 14, true);
  }

  /** Called `DIR_CrtDate` in the original. */
  get createdDate(): number {
    return this._view.getUint16(this._offset + 16, true);
  }

  /** Called `DIR_LstAccDate` in the original. */
  get accessedDate(): number {
    return this._view.getUint16(this._offset + 18, true);
  }

  /** Called `DIR_FstClusHI` in the original. */
  get clusterHigh(): number {
    return this._view.getUint16(this._offset + 20, true);
  }

  /** Called `DIR_WrtTime` in the original. */
  get modifiedTime(): number {
    return this._view.getUint16(this._offset + 22, true);
  }

  /** Called `DIR_WrtDate` in the original. */
  get modifiedDate(): number {
    return this._view.getUint16(this._offset + 24, true);
  }

  /** Called `DIR_FstClusLO` in the original. */
  get clusterLow(): number {
    return this._view.getUint16(this._offset + 26, true);
  }

  /** Called `DIR_FileSize` in the original. */
  get lenFile(): number {
    return this._view.getUint32(this._offset + 28, true);
  }
}

/**
 * A part of a name, with the attributes 0x0f. The parts stand before the
 * entry that they name, the last one first.
 */
class FatLongNameEntryRecord extends RecordCursor {
  /**
   * From 1; 0x40 is added to that of the last part, which comes first.
   * Called `LDIR_Ord` in the original.
   */
  get order(): number {
    return this._view.getUint8(this._offset);
  }

  /** Called `LDIR_Name1` in the original. */
  get characters1(): Uint8Array {
    return this._take(1, 10);
  }

  /** Called `LDIR_Attr` in the original. */
  get attributes(): number {
    return this._view.getUint8(this._offset + 11);
  }

  /** Called `LDIR_Type` in the original. */
  get kind(): number {
    return this._view.getUint8(this._offset + 12);
  }

  /**
   * Of the name that this entry has in the entry that it names.
   * Called `LDIR_Chksum` in the original.
   */
  get checksum(): number {
    return this._view.getUint8(this._offset + 13);
  }

  /** Called `LDIR_Name2` in the original. */
  get characters2(): Uint8Array {
    return this._take(14, 12);
  }

  /** Called `LDIR_FstClusLO` in the original. */
  get clusterLow(): number {
    return this._view.getUint16(this._offset + 26, true);
  }

  /** Called `LDIR_Name3` in the original. */
  get characters3(): Uint8Array {
    return this._take(28, 4);
  }
}

/** Of FAT16. */
class FatShortChainEntryRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint16(this._offset, true);
  }
}

/** Of FAT32. */
class FatChainEntryRecord extends RecordCursor {
  /** The upper four bits are none of the cluster's number. */
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}
