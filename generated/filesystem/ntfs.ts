// Generated from formats/filesystem/ntfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
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

export type GuestNtfsStandardInformation = Guest<NtfsStandardInformationRecord>;

/** A table of `standard_information`: 36 bytes each, `strideBytes` apart. */
export function ntfsStandardInformationRecords(
  bytes: Uint8Array,
  strideBytes: number = 36,
): Records<GuestNtfsStandardInformation> {
  return records(new NtfsStandardInformationRecord(bytes, 'le'), 36, strideBytes, 'NtfsStandardInformation');
}

export type GuestNtfsFileName = Guest<NtfsFileNameRecord>;

/** A table of `file_name`: 66 bytes each, `strideBytes` apart. */
export function ntfsFileNameRecords(
  bytes: Uint8Array,
  strideBytes: number = 66,
): Records<GuestNtfsFileName> {
  return records(new NtfsFileNameRecord(bytes, 'le'), 66, strideBytes, 'NtfsFileName');
}

export type GuestNtfsIndexEntryHead = Guest<NtfsIndexEntryHeadRecord>;

/** A table of `index_entry_head`: 16 bytes each, `strideBytes` apart. */
export function ntfsIndexEntryHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestNtfsIndexEntryHead> {
  return records(new NtfsIndexEntryHeadRecord(bytes, 'le'), 16, strideBytes, 'NtfsIndexEntryHead');
}

export type GuestNtfsStoredSize = Guest<NtfsStoredSizeRecord>;

/** A table of `stored_size`: 8 bytes each, `strideBytes` apart. */
export function ntfsStoredSizeRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestNtfsStoredSize> {
  return records(new NtfsStoredSizeRecord(bytes, 'le'), 8, strideBytes, 'NtfsStoredSize');
}

export type GuestNtfsReparsePoint = Guest<NtfsReparsePointRecord>;

/** A table of `reparse_point`: 8 bytes each, `strideBytes` apart. */
export function ntfsReparsePointRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestNtfsReparsePoint> {
  return records(new NtfsReparsePointRecord(bytes, 'le'), 8, strideBytes, 'NtfsReparsePoint');
}

export type GuestNtfsLinkNames = Guest<NtfsLinkNamesRecord>;

/** A table of `link_names`: 8 bytes each, `strideBytes` apart. */
export function ntfsLinkNamesRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestNtfsLinkNames> {
  return records(new NtfsLinkNamesRecord(bytes, 'le'), 8, strideBytes, 'NtfsLinkNames');
}

export type GuestNtfsEaHead = Guest<NtfsEaHeadRecord>;

/** A table of `ea_head`: 8 bytes each, `strideBytes` apart. */
export function ntfsEaHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestNtfsEaHead> {
  return records(new NtfsEaHeadRecord(bytes, 'le'), 8, strideBytes, 'NtfsEaHead');
}

export type GuestNtfsEaNumber = Guest<NtfsEaNumberRecord>;

/** A table of `ea_number`: 4 bytes each, `strideBytes` apart. */
export function ntfsEaNumberRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestNtfsEaNumber> {
  return records(new NtfsEaNumberRecord(bytes, 'le'), 4, strideBytes, 'NtfsEaNumber');
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

/** Times in units of 100 ns since 1601, UTC. */
class NtfsStandardInformationRecord extends RecordCursor {
  /** Called `creation_time` in the original. */
  get created(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `last_data_change_time` in the original. */
  get modified(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `last_mft_change_time` in the original. */
  get changed(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `last_access_time` in the original. */
  get accessed(): bigint {
    return this._view.getBigUint64(this._offset + 24, true);
  }

  /** Called `file_attributes` in the original. */
  get attributes(): number {
    return this._view.getUint32(this._offset + 32, true);
  }
}

/**
 * A name of a file, in its record and as the key of its directory's index;
 * the characters follow.
 * Called `FILE_NAME_ATTR` in the original.
 */
class NtfsFileNameRecord extends RecordCursor {
  /** Called `parent_directory` in the original. */
  get parent(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  get times(): Uint8Array {
    return this._take(8, 32);
  }

  /** Called `allocated_size` in the original. */
  get lenAllocated(): bigint {
    return this._view.getBigUint64(this._offset + 40, true);
  }

  /** Called `data_size` in the original. */
  get lenData(): bigint {
    return this._view.getBigUint64(this._offset + 48, true);
  }

  /** Called `file_attributes` in the original. */
  get attributes(): number {
    return this._view.getUint32(this._offset + 56, true);
  }

  /** Called `reparse_point_tag` in the original. */
  get reparse(): number {
    return this._view.getUint32(this._offset + 60, true);
  }

  /**
   * In units of UTF-16.
   * Called `file_name_length` in the original.
   */
  get numName(): number {
    return this._view.getUint8(this._offset + 64);
  }

  /**
   * 2 if it is the short name of a file that has another one too.
   * Called `file_name_type` in the original.
   */
  get namespace(): number {
    return this._view.getUint8(this._offset + 65);
  }
}

/**
 * As index_entry, without the key that follows.
 * Called `INDEX_ENTRY_HEADER` in the original.
 */
class NtfsIndexEntryHeadRecord extends RecordCursor {
  /** Called `indexed_file` in the original. */
  get file(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `length` in the original. */
  get lenEntry(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `key_length` in the original. */
  get lenKey(): number {
    return this._view.getUint16(this._offset + 10, true);
  }

  get flags(): number {
    return this._view.getUint16(this._offset + 12, true);
  }

  get reserved(): Uint8Array {
    return this._take(14, 2);
  }
}

/**
 * Behind the head of the first attribute of a compressed or sparse value: how
 * much its clusters have.
 */
class NtfsStoredSizeRecord extends RecordCursor {
  /** Called `compressed_size` in the original. */
  get lenStored(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}

class NtfsReparsePointRecord extends RecordCursor {
  /** Called `reparse_tag` in the original. */
  get tag(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `reparse_data_length` in the original. */
  get lenData(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  get reserved(): Uint8Array {
    return this._take(6, 2);
  }
}

/**
 * Of a symbolic link or a junction: where its target lies among the names that
 * follow, behind four bytes more for a symbolic link.
 */
class NtfsLinkNamesRecord extends RecordCursor {
  /** Called `SubstituteNameOffset` in the original. */
  get ofsTarget(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `SubstituteNameLength` in the original. */
  get lenTarget(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `PrintNameOffset` in the original. */
  get ofsShown(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `PrintNameLength` in the original. */
  get lenShown(): number {
    return this._view.getUint16(this._offset + 6, true);
  }
}

/**
 * An extended attribute; its name, a zero and its value follow.
 * Called `EA_ATTR` in the original.
 */
class NtfsEaHeadRecord extends RecordCursor {
  /** Called `next_entry_offset` in the original. */
  get ofsNext(): number {
    return this._view.getUint32(this._offset, true);
  }

  get flags(): number {
    return this._view.getUint8(this._offset + 4);
  }

  /** Called `name_length` in the original. */
  get numName(): number {
    return this._view.getUint8(this._offset + 5);
  }

  /** Called `value_length` in the original. */
  get lenValue(): number {
    return this._view.getUint16(this._offset + 6, true);
  }
}

/** What WSL keeps as a mode, a user or a group. */
class NtfsEaNumberRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}
