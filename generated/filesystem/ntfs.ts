// Generated from formats/filesystem/ntfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestNtfs = Guest<Ntfs>;

/** `ntfs` from its bytes. @throws FormatError when they are none. */
export function parseNtfs(bytes: Uint8Array): GuestNtfs {
  return guest(new Ntfs(new SafeStream(bytes)));
}

export type GuestNtfsFileRecord = Guest<NtfsFileRecord>;

/** `file_record` from its bytes. @throws FormatError when they are none. */
export function parseNtfsFileRecord(bytes: Uint8Array): GuestNtfsFileRecord {
  return guest(new NtfsFileRecord(new SafeStream(bytes)));
}

export type GuestNtfsAttribute = Guest<NtfsAttribute>;

/** `attribute` from its bytes. @throws FormatError when they are none. */
export function parseNtfsAttribute(bytes: Uint8Array): GuestNtfsAttribute {
  return guest(new NtfsAttribute(new SafeStream(bytes)));
}

export type GuestNtfsRuns = Guest<NtfsRuns>;

/** `runs` from its bytes. @throws FormatError when they are none. */
export function parseNtfsRuns(bytes: Uint8Array): GuestNtfsRuns {
  return guest(new NtfsRuns(new SafeStream(bytes)));
}

export type GuestNtfsListEntry = Guest<NtfsListEntry>;

/** `list_entry` from its bytes. @throws FormatError when they are none. */
export function parseNtfsListEntry(bytes: Uint8Array): GuestNtfsListEntry {
  return guest(new NtfsListEntry(new SafeStream(bytes)));
}

export type GuestNtfsVolumeName = Guest<NtfsVolumeName>;

/** `volume_name` from its bytes. @throws FormatError when they are none. */
export function parseNtfsVolumeName(bytes: Uint8Array): GuestNtfsVolumeName {
  return guest(new NtfsVolumeName(new SafeStream(bytes)));
}

export type GuestNtfsVolumeInformation = Guest<NtfsVolumeInformation>;

/** `volume_information` from its bytes. @throws FormatError when they are none. */
export function parseNtfsVolumeInformation(bytes: Uint8Array): GuestNtfsVolumeInformation {
  return guest(new NtfsVolumeInformation(new SafeStream(bytes)));
}

export type GuestNtfsRestartPage = Guest<NtfsRestartPage>;

/** `restart_page` from its bytes. @throws FormatError when they are none. */
export function parseNtfsRestartPage(bytes: Uint8Array): GuestNtfsRestartPage {
  return guest(new NtfsRestartPage(new SafeStream(bytes)));
}

export type GuestNtfsRestartArea = Guest<NtfsRestartArea>;

/** `restart_area` from its bytes. @throws FormatError when they are none. */
export function parseNtfsRestartArea(bytes: Uint8Array): GuestNtfsRestartArea {
  return guest(new NtfsRestartArea(new SafeStream(bytes)));
}

export type GuestNtfsIndexRoot = Guest<NtfsIndexRoot>;

/** `index_root` from its bytes. @throws FormatError when they are none. */
export function parseNtfsIndexRoot(bytes: Uint8Array): GuestNtfsIndexRoot {
  return guest(new NtfsIndexRoot(new SafeStream(bytes)));
}

export type GuestNtfsIndexBlock = Guest<NtfsIndexBlock>;

/** `index_block` from its bytes. @throws FormatError when they are none. */
export function parseNtfsIndexBlock(bytes: Uint8Array): GuestNtfsIndexBlock {
  return guest(new NtfsIndexBlock(new SafeStream(bytes)));
}

export type GuestNtfsIndexHeader = Guest<NtfsIndexHeader>;

/** `index_header` from its bytes. @throws FormatError when they are none. */
export function parseNtfsIndexHeader(bytes: Uint8Array): GuestNtfsIndexHeader {
  return guest(new NtfsIndexHeader(new SafeStream(bytes)));
}

export type GuestNtfsIndexEntry = Guest<NtfsIndexEntry>;

/** `index_entry` from its bytes. @throws FormatError when they are none. */
export function parseNtfsIndexEntry(bytes: Uint8Array): GuestNtfsIndexEntry {
  return guest(new NtfsIndexEntry(new SafeStream(bytes)));
}

export type GuestNtfsIndexChild = Guest<NtfsIndexChild>;

/** `index_child` from its bytes. @throws FormatError when they are none. */
export function parseNtfsIndexChild(bytes: Uint8Array): GuestNtfsIndexChild {
  return guest(new NtfsIndexChild(new SafeStream(bytes)));
}

/**
 * The boot sector of an NTFS volume (or of one that BitLocker encrypts), and
 * what is needed of its files: records of the master file table ($MFT), their
 * attributes, maps of clusters, the head of the log and of the hibernation file.
 * @see ntfs-3g include/ntfs-3g/layout.h
 * @see Linux fs/ntfs3/ntfs.h
 * @see util-linux libblkid/src/superblocks/ntfs.c
 */
class Ntfs {
  readonly _io: SafeStream;
  readonly jump: Uint8Array;
  /**
   * NTFS and four blanks, or -FVE-FS- where BitLocker encrypts the volume.
   * Called `oem_id` in the original.
   */
  readonly systemId: Uint8Array;
  /** Called `bytes_per_sector` in the original. */
  readonly lenSector: number;
  /**
   * A power of two up to 128; above that, 256 minus its logarithm.
   * Called `sectors_per_cluster` in the original.
   */
  readonly clusterSectors: number;
  /** Called `reserved_sectors` in the original. */
  readonly numReservedSectors: number;
  /**
   * Zero, which a FAT's is not.
   * Called `fats` in the original.
   */
  readonly numFats: number;
  /** Called `root_entries` in the original. */
  readonly numRootEntries: number;
  /** Called `sectors` in the original. */
  readonly numSectorsFat: number;
  /** Called `media_type` in the original. */
  readonly media: number;
  /** Called `sectors_per_fat` in the original. */
  readonly lenFat: number;
  readonly unused1: Uint8Array;
  /** Called `large_sectors` in the original. */
  readonly numSectorsFat32: number;
  readonly unused2: Uint8Array;
  /**
   * Without the last one, which is a copy of this one.
   * Called `number_of_sectors` in the original.
   */
  readonly numSectors: bigint;
  /** Called `mft_lcn` in the original. */
  readonly mftCluster: bigint;
  /** Called `mftmirr_lcn` in the original. */
  readonly mftMirrorCluster: bigint;
  /**
   * A power of two of clusters, or the negative logarithm of bytes.
   * Called `clusters_per_mft_record` in the original.
   */
  readonly recordClusters: number;
  readonly reserved1: Uint8Array;
  /** Called `clusters_per_index_record` in the original. */
  readonly indexClusters: number;
  readonly reserved2: Uint8Array;
  /** Called `volume_serial_number` in the original. */
  readonly serial: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(3, 'Ntfs.jump');
    this.systemId = io.take(8, 'Ntfs.systemId');
    this.lenSector = io.readU2le('Ntfs.lenSector');
    this.clusterSectors = io.readU1('Ntfs.clusterSectors');
    this.numReservedSectors = io.readU2le('Ntfs.numReservedSectors');
    this.numFats = io.readU1('Ntfs.numFats');
    this.numRootEntries = io.readU2le('Ntfs.numRootEntries');
    this.numSectorsFat = io.readU2le('Ntfs.numSectorsFat');
    this.media = io.readU1('Ntfs.media');
    this.lenFat = io.readU2le('Ntfs.lenFat');
    this.unused1 = io.take(8, 'Ntfs.unused1');
    this.numSectorsFat32 = io.readU4le('Ntfs.numSectorsFat32');
    this.unused2 = io.take(4, 'Ntfs.unused2');
    this.numSectors = io.readU8le('Ntfs.numSectors');
    this.mftCluster = io.readU8le('Ntfs.mftCluster');
    this.mftMirrorCluster = io.readU8le('Ntfs.mftMirrorCluster');
    this.recordClusters = io.readS1('Ntfs.recordClusters');
    this.reserved1 = io.take(3, 'Ntfs.reserved1');
    this.indexClusters = io.readS1('Ntfs.indexClusters');
    this.reserved2 = io.take(3, 'Ntfs.reserved2');
    this.serial = io.readU8le('Ntfs.serial');
  }
}

/**
 * The head of a record of the master file table. The last two bytes of each
 * stretch of 512 bytes are kept in the update sequence, and stand there in
 * their place the sequence's number.
 */
class NtfsFileRecord {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `usa_ofs` in the original. */
  readonly ofsSequence: number;
  /** Called `usa_count` in the original. */
  readonly numSequence: number;
  /** Called `lsn` in the original. */
  readonly logSequenceNumber: bigint;
  readonly sequenceNumber: number;
  /** Called `link_count` in the original. */
  readonly numLinks: number;
  /** Called `attrs_offset` in the original. */
  readonly ofsAttributes: number;
  readonly flags: number;
  /** Called `bytes_in_use` in the original. */
  readonly lenUsed: number;
  /** Called `bytes_allocated` in the original. */
  readonly lenAllocated: number;
  /**
   * Number and sequence number of the record that this one goes on from.
   * Called `base_mft_record` in the original.
   */
  readonly base: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'NtfsFileRecord.magic');
    if (compareBytes(this.magic, Uint8Array.of(70, 73, 76, 69)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(70, 73, 76, 69), this.magic, io, 'NtfsFileRecord.magic', 'BAD_MAGIC');
    }
    this.ofsSequence = io.readU2le('NtfsFileRecord.ofsSequence');
    this.numSequence = io.readU2le('NtfsFileRecord.numSequence');
    this.logSequenceNumber = io.readU8le('NtfsFileRecord.logSequenceNumber');
    this.sequenceNumber = io.readU2le('NtfsFileRecord.sequenceNumber');
    this.numLinks = io.readU2le('NtfsFileRecord.numLinks');
    this.ofsAttributes = io.readU2le('NtfsFileRecord.ofsAttributes');
    this.flags = io.readU2le('NtfsFileRecord.flags');
    this.lenUsed = io.readU4le('NtfsFileRecord.lenUsed');
    this.lenAllocated = io.readU4le('NtfsFileRecord.lenAllocated');
    this.base = io.readU8le('NtfsFileRecord.base');
  }
}

/** A part of a file; its value is in the record, or in clusters. */
class NtfsAttribute {
  readonly _io: SafeStream;
  readonly type: number;
  /** Called `length` in the original. */
  readonly lenAttribute: number;
  readonly nonResident: number;
  /**
   * In units of two bytes.
   * Called `name_length` in the original.
   */
  readonly numName: number;
  /** Called `name_offset` in the original. */
  readonly ofsName: number;
  readonly flags: number;
  readonly instance: number;
  readonly resident: NtfsResident | undefined;
  readonly clusters: NtfsClusters | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU4le('NtfsAttribute.type');
    this.lenAttribute = io.readU4le('NtfsAttribute.lenAttribute');
    this.nonResident = io.readU1('NtfsAttribute.nonResident');
    if (this.nonResident > 1) {
      throw new ValidationGreaterThanError(1, this.nonResident, io, 'NtfsAttribute.nonResident');
    }
    this.numName = io.readU1('NtfsAttribute.numName');
    this.ofsName = io.readU2le('NtfsAttribute.ofsName');
    this.flags = io.readU2le('NtfsAttribute.flags');
    this.instance = io.readU2le('NtfsAttribute.instance');
    if (this.nonResident === 0) {
      this.resident = new NtfsResident(io);
    }
    if (this.nonResident === 1) {
      this.clusters = new NtfsClusters(io);
    }
  }
}

class NtfsResident {
  readonly _io: SafeStream;
  /** Called `value_length` in the original. */
  readonly lenValue: number;
  /** Called `value_offset` in the original. */
  readonly ofsValue: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenValue = io.readU4le('NtfsResident.lenValue');
    this.ofsValue = io.readU2le('NtfsResident.ofsValue');
  }
}

class NtfsClusters {
  readonly _io: SafeStream;
  /** Called `lowest_vcn` in the original. */
  readonly firstCluster: bigint;
  /** Called `highest_vcn` in the original. */
  readonly lastCluster: bigint;
  /** Called `mapping_pairs_offset` in the original. */
  readonly ofsRuns: number;
  readonly compressionUnit: number;
  readonly reserved: Uint8Array;
  /**
   * This and what follows hold only where the first cluster is 0.
   * Called `allocated_size` in the original.
   */
  readonly lenAllocated: bigint;
  /** Called `data_size` in the original. */
  readonly lenData: bigint;
  /**
   * Behind this, the value is zeros, whatever the clusters hold.
   * Called `initialized_size` in the original.
   */
  readonly lenInitialized: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstCluster = io.readU8le('NtfsClusters.firstCluster');
    this.lastCluster = io.readU8le('NtfsClusters.lastCluster');
    this.ofsRuns = io.readU2le('NtfsClusters.ofsRuns');
    this.compressionUnit = io.readU1('NtfsClusters.compressionUnit');
    this.reserved = io.take(5, 'NtfsClusters.reserved');
    this.lenAllocated = io.readU8le('NtfsClusters.lenAllocated');
    this.lenData = io.readU8le('NtfsClusters.lenData');
    this.lenInitialized = io.readU8le('NtfsClusters.lenInitialized');
  }
}

/**
 * Where the clusters of a value lie, up to a byte of zero.
 * Called `mapping_pairs` in the original.
 */
class NtfsRuns {
  readonly _io: SafeStream;
  readonly runs: NtfsRun[];

  constructor(io: SafeStream) {
    this._io = io;
    this.runs = [];
    for (;;) {
      const start = io.progress;
      const it = new NtfsRun(io);
      this.runs.push(it);
      io.step(start, 'NtfsRuns.runs');
      if (it.numClusterBytes === 0 && it.numMoveBytes === 0) break;
    }
  }
}

class NtfsRun {
  readonly _io: SafeStream;
  /** Zero for a stretch that has no clusters, and is zeros. */
  readonly numMoveBytes: number;
  readonly numClusterBytes: number;
  /** A signed little-endian number. */
  readonly numClusters: Uint8Array;
  /**
   * A signed little-endian number: first cluster of this run, less that of
   * the one before it.
   */
  readonly move: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.numMoveBytes = io.readBitsBe(4, 'NtfsRun.numMoveBytes');
    this.numClusterBytes = io.readBitsBe(4, 'NtfsRun.numClusterBytes');
    io.alignToByte();
    this.numClusters = io.readBytes(this.numClusterBytes, 'NtfsRun.numClusters');
    this.move = io.readBytes(this.numMoveBytes, 'NtfsRun.move');
  }
}

/**
 * Which record holds an attribute, or a part of it.
 * Called `attr_list_entry` in the original.
 */
class NtfsListEntry {
  readonly _io: SafeStream;
  readonly type: number;
  /** Called `length` in the original. */
  readonly lenEntry: number;
  /** Called `name_length` in the original. */
  readonly numName: number;
  /** Called `name_offset` in the original. */
  readonly ofsName: number;
  /** Called `lowest_vcn` in the original. */
  readonly firstCluster: bigint;
  /** Called `mft_reference` in the original. */
  readonly record: bigint;
  readonly instance: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU4le('NtfsListEntry.type');
    this.lenEntry = io.readU2le('NtfsListEntry.lenEntry');
    this.numName = io.readU1('NtfsListEntry.numName');
    this.ofsName = io.readU1('NtfsListEntry.ofsName');
    this.firstCluster = io.readU8le('NtfsListEntry.firstCluster');
    this.record = io.readU8le('NtfsListEntry.record');
    this.instance = io.readU2le('NtfsListEntry.instance');
  }
}

class NtfsVolumeName {
  readonly _io: SafeStream;
  readonly name: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.name = decode(io.readBytesFull('NtfsVolumeName.name'), 'UTF-16LE');
  }
}

class NtfsVolumeInformation {
  readonly _io: SafeStream;
  readonly reserved: Uint8Array;
  /** Called `major_ver` in the original. */
  readonly majorVersion: number;
  /** Called `minor_ver` in the original. */
  readonly minorVersion: number;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.reserved = io.take(8, 'NtfsVolumeInformation.reserved');
    this.majorVersion = io.readU1('NtfsVolumeInformation.majorVersion');
    this.minorVersion = io.readU1('NtfsVolumeInformation.minorVersion');
    this.flags = io.readU2le('NtfsVolumeInformation.flags');
  }
}

/**
 * The beginning of $LogFile; a second one follows.
 * Called `restart_page_header` in the original.
 */
class NtfsRestartPage {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `usa_ofs` in the original. */
  readonly ofsSequence: number;
  /** Called `usa_count` in the original. */
  readonly numSequence: number;
  /** Called `chkdsk_lsn` in the original. */
  readonly checkDiskLsn: bigint;
  /** Called `system_page_size` in the original. */
  readonly lenSystemPage: number;
  /** Called `log_page_size` in the original. */
  readonly lenLogPage: number;
  /** Called `restart_area_offset` in the original. */
  readonly ofsArea: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'NtfsRestartPage.magic');
    this.ofsSequence = io.readU2le('NtfsRestartPage.ofsSequence');
    this.numSequence = io.readU2le('NtfsRestartPage.numSequence');
    this.checkDiskLsn = io.readU8le('NtfsRestartPage.checkDiskLsn');
    this.lenSystemPage = io.readU4le('NtfsRestartPage.lenSystemPage');
    this.lenLogPage = io.readU4le('NtfsRestartPage.lenLogPage');
    this.ofsArea = io.readU2le('NtfsRestartPage.ofsArea');
  }
}

class NtfsRestartArea {
  readonly _io: SafeStream;
  readonly currentLsn: bigint;
  /** Called `log_clients` in the original. */
  readonly numClients: number;
  /** Called `client_free_list` in the original. */
  readonly firstFreeClient: number;
  /**
   * 0xffff if nobody writes to the log.
   * Called `client_in_use_list` in the original.
   */
  readonly firstClient: number;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.currentLsn = io.readU8le('NtfsRestartArea.currentLsn');
    this.numClients = io.readU2le('NtfsRestartArea.numClients');
    this.firstFreeClient = io.readU2le('NtfsRestartArea.firstFreeClient');
    this.firstClient = io.readU2le('NtfsRestartArea.firstClient');
    this.flags = io.readU2le('NtfsRestartArea.flags');
  }
}

/** The root of a directory's tree of names; an index_header follows. */
class NtfsIndexRoot {
  readonly _io: SafeStream;
  readonly type: number;
  /** Called `collation_rule` in the original. */
  readonly collation: number;
  /** Called `index_block_size` in the original. */
  readonly lenBlock: number;
  readonly reserved: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU4le('NtfsIndexRoot.type');
    this.collation = io.readU4le('NtfsIndexRoot.collation');
    this.lenBlock = io.readU4le('NtfsIndexRoot.lenBlock');
    this.reserved = io.take(4, 'NtfsIndexRoot.reserved');
  }
}

/** Another node, protected as a file record; an index_header follows. */
class NtfsIndexBlock {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `usa_ofs` in the original. */
  readonly ofsSequence: number;
  /** Called `usa_count` in the original. */
  readonly numSequence: number;
  readonly reserved: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'NtfsIndexBlock.magic');
    if (compareBytes(this.magic, Uint8Array.of(73, 78, 68, 88)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(73, 78, 68, 88), this.magic, io, 'NtfsIndexBlock.magic', 'BAD_MAGIC');
    }
    this.ofsSequence = io.readU2le('NtfsIndexBlock.ofsSequence');
    this.numSequence = io.readU2le('NtfsIndexBlock.numSequence');
    this.reserved = io.take(16, 'NtfsIndexBlock.reserved');
  }
}

class NtfsIndexHeader {
  readonly _io: SafeStream;
  /**
   * Counted from this header.
   * Called `entries_offset` in the original.
   */
  readonly ofsEntries: number;
  /** Called `index_length` in the original. */
  readonly lenUsed: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.ofsEntries = io.readU4le('NtfsIndexHeader.ofsEntries');
    this.lenUsed = io.readU4le('NtfsIndexHeader.lenUsed');
  }
}

/** A name; where bit 0 of the flags is set, the last 8 bytes are a child. */
class NtfsIndexEntry {
  readonly _io: SafeStream;
  /** Called `indexed_file` in the original. */
  readonly file: bigint;
  /** Called `length` in the original. */
  readonly lenEntry: number;
  /** Called `key_length` in the original. */
  readonly lenKey: number;
  readonly flags: number;
  readonly reserved: Uint8Array;
  readonly key: NtfsIndexKey | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.file = io.readU8le('NtfsIndexEntry.file');
    this.lenEntry = io.readU2le('NtfsIndexEntry.lenEntry');
    this.lenKey = io.readU2le('NtfsIndexEntry.lenKey');
    this.flags = io.readU2le('NtfsIndexEntry.flags');
    this.reserved = io.take(2, 'NtfsIndexEntry.reserved');
    if (this.lenKey > 0) {
      this.key = new NtfsIndexKey(io);
    }
  }
}

class NtfsIndexKey {
  readonly _io: SafeStream;
  /** The directory, dates and sizes. */
  readonly reserved: Uint8Array;
  /** Called `file_name_length` in the original. */
  readonly numName: number;
  /** Called `file_name_type` in the original. */
  readonly namespace: number;
  readonly name: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.reserved = io.take(64, 'NtfsIndexKey.reserved');
    this.numName = io.readU1('NtfsIndexKey.numName');
    this.namespace = io.readU1('NtfsIndexKey.namespace');
    this.name = decode(io.readBytes(big(this.numName) * 2n, 'NtfsIndexKey.name'), 'UTF-16LE');
  }
}

class NtfsIndexChild {
  readonly _io: SafeStream;
  /** Called `vcn` in the original. */
  readonly cluster: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.cluster = io.readU8le('NtfsIndexChild.cluster');
  }
}
