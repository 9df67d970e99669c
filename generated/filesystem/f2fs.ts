// Generated from formats/filesystem/f2fs.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestF2fs = Guest<F2fs>;

/** `f2fs` from its bytes. @throws FormatError when they are none. */
export function parseF2fs(bytes: Uint8Array): GuestF2fs {
  return guest(new F2fs(new SafeStream(bytes)));
}

export type GuestF2fsCheckpointPack = Guest<F2fsCheckpointPack>;

/** `checkpoint_pack` from its bytes. @throws FormatError when they are none. */
export function parseF2fsCheckpointPack(bytes: Uint8Array): GuestF2fsCheckpointPack {
  return guest(new F2fsCheckpointPack(new SafeStream(bytes)));
}

export type GuestF2fsOrphanBlock = Guest<F2fsOrphanBlock>;

/** `orphan_block` from its bytes. @throws FormatError when they are none. */
export function parseF2fsOrphanBlock(bytes: Uint8Array): GuestF2fsOrphanBlock {
  return guest(new F2fsOrphanBlock(new SafeStream(bytes)));
}

export type GuestF2fsInode = Guest<F2fsInode>;

/** `inode` from its bytes. @throws FormatError when they are none. */
export function parseF2fsInode(bytes: Uint8Array): GuestF2fsInode {
  return guest(new F2fsInode(new SafeStream(bytes)));
}

export type GuestF2fsAttributeEntry = Guest<F2fsAttributeEntry>;

/** `attribute_entry` from its bytes. @throws FormatError when they are none. */
export function parseF2fsAttributeEntry(bytes: Uint8Array): GuestF2fsAttributeEntry {
  return guest(new F2fsAttributeEntry(new SafeStream(bytes)));
}

export type GuestF2fsAttributes = Guest<F2fsAttributes>;

/** `attributes` from its bytes. @throws FormatError when they are none. */
export function parseF2fsAttributes(bytes: Uint8Array): GuestF2fsAttributes {
  return guest(new F2fsAttributes(new SafeStream(bytes)));
}

export type GuestF2fsExtraAttributes = Guest<F2fsExtraAttributes>;

/** `extra_attributes` from its bytes. @throws FormatError when they are none. */
export function parseF2fsExtraAttributes(bytes: Uint8Array): GuestF2fsExtraAttributes {
  return guest(new F2fsExtraAttributes(new SafeStream(bytes)));
}

export type GuestF2fsFooter = Guest<F2fsFooter>;

/** `footer` from its bytes. @throws FormatError when they are none. */
export function parseF2fsFooter(bytes: Uint8Array): GuestF2fsFooter {
  return guest(new F2fsFooter(new SafeStream(bytes)));
}

export type GuestF2fsJournal = Guest<F2fsJournal>;

/** `journal` from its bytes. @throws FormatError when they are none. */
export function parseF2fsJournal(bytes: Uint8Array): GuestF2fsJournal {
  return guest(new F2fsJournal(new SafeStream(bytes)));
}

export type GuestF2fsDevice = Guest<F2fsDeviceRecord>;

/** A table of `device`: 68 bytes each, `strideBytes` apart. */
export function f2fsDeviceRecords(
  bytes: Uint8Array,
  strideBytes: number = 68,
): Records<GuestF2fsDevice> {
  return records(new F2fsDeviceRecord(bytes, 'le'), 68, strideBytes, 'F2fsDevice');
}

export type GuestF2fsPointer = Guest<F2fsPointerRecord>;

/** A table of `pointer`: 4 bytes each, `strideBytes` apart. */
export function f2fsPointerRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestF2fsPointer> {
  return records(new F2fsPointerRecord(bytes, 'le'), 4, strideBytes, 'F2fsPointer');
}

export type GuestF2fsNatEntry = Guest<F2fsNatEntryRecord>;

/** A table of `nat_entry`: 9 bytes each, `strideBytes` apart. */
export function f2fsNatEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 9,
): Records<GuestF2fsNatEntry> {
  return records(new F2fsNatEntryRecord(bytes, 'le'), 9, strideBytes, 'F2fsNatEntry');
}

export type GuestF2fsNatJournalEntry = Guest<F2fsNatJournalEntryRecord>;

/** A table of `nat_journal_entry`: 13 bytes each, `strideBytes` apart. */
export function f2fsNatJournalEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 13,
): Records<GuestF2fsNatJournalEntry> {
  return records(new F2fsNatJournalEntryRecord(bytes, 'le'), 13, strideBytes, 'F2fsNatJournalEntry');
}

export type GuestF2fsSitEntry = Guest<F2fsSitEntryRecord>;

/** A table of `sit_entry`: 74 bytes each, `strideBytes` apart. */
export function f2fsSitEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 74,
): Records<GuestF2fsSitEntry> {
  return records(new F2fsSitEntryRecord(bytes, 'le'), 74, strideBytes, 'F2fsSitEntry');
}

export type GuestF2fsSitJournalEntry = Guest<F2fsSitJournalEntryRecord>;

/** A table of `sit_journal_entry`: 78 bytes each, `strideBytes` apart. */
export function f2fsSitJournalEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 78,
): Records<GuestF2fsSitJournalEntry> {
  return records(new F2fsSitJournalEntryRecord(bytes, 'le'), 78, strideBytes, 'F2fsSitJournalEntry');
}

export type GuestF2fsSummary = Guest<F2fsSummaryRecord>;

/** A table of `summary`: 7 bytes each, `strideBytes` apart. */
export function f2fsSummaryRecords(
  bytes: Uint8Array,
  strideBytes: number = 7,
): Records<GuestF2fsSummary> {
  return records(new F2fsSummaryRecord(bytes, 'le'), 7, strideBytes, 'F2fsSummary');
}

export type GuestF2fsDirectoryEntry = Guest<F2fsDirectoryEntryRecord>;

/** A table of `directory_entry`: 11 bytes each, `strideBytes` apart. */
export function f2fsDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 11,
): Records<GuestF2fsDirectoryEntry> {
  return records(new F2fsDirectoryEntryRecord(bytes, 'le'), 11, strideBytes, 'F2fsDirectoryEntry');
}

/**
 * The superblock, of which there are two, the checkpoint that says how many
 * blocks are in use, and what is needed to bring it up to date as a mount does:
 * nodes, the table of where nodes lie (NAT), the table of which blocks are in
 * use (SIT), the owners of blocks (summaries), and directories.
 * @see https://docs.kernel.org/filesystems/f2fs.html
 * @see Linux include/linux/f2fs_fs.h
 */
class F2fs {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `major_ver` in the original. */
  readonly major: number;
  /** Called `minor_ver` in the original. */
  readonly minor: number;
  /** Called `log_sectorsize` in the original. */
  readonly log2LenSector: number;
  /** Called `log_sectors_per_block` in the original. */
  readonly log2SectorsPerBlock: number;
  /** Called `log_blocksize` in the original. */
  readonly log2LenBlock: number;
  /** Called `log_blocks_per_seg` in the original. */
  readonly log2BlocksPerSegment: number;
  /** Called `segs_per_sec` in the original. */
  readonly segmentsPerSection: number;
  /** Called `secs_per_zone` in the original. */
  readonly sectionsPerZone: number;
  /** Called `checksum_offset` in the original. */
  readonly ofsChecksum: number;
  /**
   * Of all devices, from the first block on.
   * Called `block_count` in the original.
   */
  readonly numBlocks: bigint;
  /** Called `section_count` in the original. */
  readonly numSections: number;
  /** Called `segment_count` in the original. */
  readonly numSegments: number;
  /** Called `segment_count_ckpt` in the original. */
  readonly numCheckpointSegments: number;
  /** Called `segment_count_sit` in the original. */
  readonly numSitSegments: number;
  /** Called `segment_count_nat` in the original. */
  readonly numNatSegments: number;
  /** Called `segment_count_ssa` in the original. */
  readonly numSummarySegments: number;
  /** Called `segment_count_main` in the original. */
  readonly numMainSegments: number;
  /**
   * As all those that follow, the number of a block.
   * Called `segment0_blkaddr` in the original.
   */
  readonly firstSegment: number;
  /** Called `cp_blkaddr` in the original. */
  readonly checkpoint: number;
  /** Called `sit_blkaddr` in the original. */
  readonly sit: number;
  /** Called `nat_blkaddr` in the original. */
  readonly nat: number;
  /** Called `ssa_blkaddr` in the original. */
  readonly summaries: number;
  /** Called `main_blkaddr` in the original. */
  readonly main: number;
  /** Called `root_ino` in the original. */
  readonly rootInode: number;
  /** Called `node_ino` in the original. */
  readonly nodeInode: number;
  /** Called `meta_ino` in the original. */
  readonly metaInode: number;
  readonly uuid: Uint8Array;
  /** Called `volume_name` in the original. */
  readonly label: string;
  /** Called `extension_count` in the original. */
  readonly numExtensions: number;
  /** Called `extension_list` in the original. */
  readonly extensions: Uint8Array;
  /**
   * Blocks of the version bitmaps that do not fit into the checkpoint.
   * Called `cp_payload` in the original.
   */
  readonly numPayloadBlocks: number;
  /** Called `version, init_version` in the original. */
  readonly kernelVersions: Uint8Array;
  /** Called `feature` in the original. */
  readonly features: number;
  /** Called `encryption_level, encrypt_pw_salt` in the original. */
  readonly encryption: Uint8Array;
  /**
   * Eight of `device`; one without a path ends them.
   * Called `devs` in the original.
   */
  readonly devices: Uint8Array;
  /** Called `qf_ino` in the original. */
  readonly quotaInodes: Uint8Array;
  /** Called `hot_ext_count` in the original. */
  readonly numHotExtensions: number;
  /** Called `s_encoding` in the original. */
  readonly nameEncoding: number;
  /** Called `s_encoding_flags` in the original. */
  readonly nameEncodingFlags: number;
  /** Called `s_stop_reason, s_errors, reserved` in the original. */
  readonly reserved: Uint8Array;
  /**
   * With the feature sb_checksum, of all that is before it.
   * Called `crc` in the original.
   */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'F2fs.magic');
    if (compareBytes(this.magic, Uint8Array.of(16, 32, 245, 242)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(16, 32, 245, 242), this.magic, io, 'F2fs.magic', 'BAD_MAGIC');
    }
    this.major = io.readU2le('F2fs.major');
    this.minor = io.readU2le('F2fs.minor');
    this.log2LenSector = io.readU4le('F2fs.log2LenSector');
    this.log2SectorsPerBlock = io.readU4le('F2fs.log2SectorsPerBlock');
    this.log2LenBlock = io.readU4le('F2fs.log2LenBlock');
    this.log2BlocksPerSegment = io.readU4le('F2fs.log2BlocksPerSegment');
    this.segmentsPerSection = io.readU4le('F2fs.segmentsPerSection');
    this.sectionsPerZone = io.readU4le('F2fs.sectionsPerZone');
    this.ofsChecksum = io.readU4le('F2fs.ofsChecksum');
    this.numBlocks = io.readU8le('F2fs.numBlocks');
    this.numSections = io.readU4le('F2fs.numSections');
    this.numSegments = io.readU4le('F2fs.numSegments');
    this.numCheckpointSegments = io.readU4le('F2fs.numCheckpointSegments');
    this.numSitSegments = io.readU4le('F2fs.numSitSegments');
    this.numNatSegments = io.readU4le('F2fs.numNatSegments');
    this.numSummarySegments = io.readU4le('F2fs.numSummarySegments');
    this.numMainSegments = io.readU4le('F2fs.numMainSegments');
    this.firstSegment = io.readU4le('F2fs.firstSegment');
    this.checkpoint = io.readU4le('F2fs.checkpoint');
    this.sit = io.readU4le('F2fs.sit');
    this.nat = io.readU4le('F2fs.nat');
    this.summaries = io.readU4le('F2fs.summaries');
    this.main = io.readU4le('F2fs.main');
    this.rootInode = io.readU4le('F2fs.rootInode');
    this.nodeInode = io.readU4le('F2fs.nodeInode');
    this.metaInode = io.readU4le('F2fs.metaInode');
    this.uuid = io.take(16, 'F2fs.uuid');
    this.label = decode(terminate(io.take(1024, 'F2fs.label'), [0, 0], false), 'UTF-16LE');
    this.numExtensions = io.readU4le('F2fs.numExtensions');
    this.extensions = io.take(512, 'F2fs.extensions');
    this.numPayloadBlocks = io.readU4le('F2fs.numPayloadBlocks');
    this.kernelVersions = io.take(512, 'F2fs.kernelVersions');
    this.features = io.readU4le('F2fs.features');
    this.encryption = io.take(17, 'F2fs.encryption');
    this.devices = io.take(544, 'F2fs.devices');
    this.quotaInodes = io.take(12, 'F2fs.quotaInodes');
    this.numHotExtensions = io.readU1('F2fs.numHotExtensions');
    this.nameEncoding = io.readU2le('F2fs.nameEncoding');
    this.nameEncodingFlags = io.readU2le('F2fs.nameEncodingFlags');
    this.reserved = io.take(306, 'F2fs.reserved');
    this.checksum = io.readU4le('F2fs.checksum');
  }
}

/** Called `f2fs_device` in the original. */
class F2fsDeviceRecord extends RecordCursor {
  get path(): Uint8Array {
    return this._take(0, 64);
  }

  /** Called `total_segments` in the original. */
  get numSegments(): number {
    return this._view.getUint32(this._offset + 64, true);
  }
}

/**
 * The first and the last block of a checkpoint, which are equal.
 * Called `f2fs_checkpoint` in the original.
 */
class F2fsCheckpointPack {
  readonly _io: SafeStream;
  /** Called `checkpoint_ver` in the original. */
  readonly version: bigint;
  /** Called `user_block_count` in the original. */
  readonly numUserBlocks: bigint;
  /** Called `valid_block_count` in the original. */
  readonly numValidBlocks: bigint;
  /** Called `rsvd_segment_count` in the original. */
  readonly numReservedSegments: number;
  /** Called `overprov_segment_count` in the original. */
  readonly numOverprovisionSegments: number;
  /** Called `free_segment_count` in the original. */
  readonly numFreeSegments: number;
  /** Called `cur_node_segno` in the original. */
  readonly nodeSegments: number[];
  /** Called `cur_node_blkoff` in the original. */
  readonly nodeOffsets: number[];
  /** Called `cur_data_segno` in the original. */
  readonly dataSegments: number[];
  /** Called `cur_data_blkoff` in the original. */
  readonly dataOffsets: number[];
  /** Called `ckpt_flags` in the original. */
  readonly flags: number;
  /** Called `cp_pack_total_block_count` in the original. */
  readonly numPackBlocks: number;
  /**
   * In blocks, from the first one of the pack.
   * Called `cp_pack_start_sum` in the original.
   */
  readonly ofsSummaries: number;
  /** Called `valid_node_count` in the original. */
  readonly numValidNodes: number;
  /** Called `valid_inode_count` in the original. */
  readonly numValidInodes: number;
  /** Called `next_free_nid` in the original. */
  readonly nextFreeNode: number;
  /** Called `sit_ver_bitmap_bytesize` in the original. */
  readonly lenSitBitmap: number;
  /** Called `nat_ver_bitmap_bytesize` in the original. */
  readonly lenNatBitmap: number;
  /** Called `checksum_offset` in the original. */
  readonly ofsChecksum: number;
  readonly elapsedTime: bigint;
  /**
   * Of the current segments; 1 where single blocks are reused.
   * Called `alloc_type` in the original.
   */
  readonly allocationTypes: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.version = io.readU8le('F2fsCheckpointPack.version');
    this.numUserBlocks = io.readU8le('F2fsCheckpointPack.numUserBlocks');
    this.numValidBlocks = io.readU8le('F2fsCheckpointPack.numValidBlocks');
    this.numReservedSegments = io.readU4le('F2fsCheckpointPack.numReservedSegments');
    this.numOverprovisionSegments = io.readU4le('F2fsCheckpointPack.numOverprovisionSegments');
    this.numFreeSegments = io.readU4le('F2fsCheckpointPack.numFreeSegments');
    this.nodeSegments = [];
    for (let i = 0, n = io.count(8, 4, 'F2fsCheckpointPack.nodeSegments'); i < n; i++) {
      this.nodeSegments.push(io.readU4le('F2fsCheckpointPack.nodeSegments'));
    }
    this.nodeOffsets = [];
    for (let i = 0, n = io.count(8, 2, 'F2fsCheckpointPack.nodeOffsets'); i < n; i++) {
      this.nodeOffsets.push(io.readU2le('F2fsCheckpointPack.nodeOffsets'));
    }
    this.dataSegments = [];
    for (let i = 0, n = io.count(8, 4, 'F2fsCheckpointPack.dataSegments'); i < n; i++) {
      this.dataSegments.push(io.readU4le('F2fsCheckpointPack.dataSegments'));
    }
    this.dataOffsets = [];
    for (let i = 0, n = io.count(8, 2, 'F2fsCheckpointPack.dataOffsets'); i < n; i++) {
      this.dataOffsets.push(io.readU2le('F2fsCheckpointPack.dataOffsets'));
    }
    this.flags = io.readU4le('F2fsCheckpointPack.flags');
    this.numPackBlocks = io.readU4le('F2fsCheckpointPack.numPackBlocks');
    this.ofsSummaries = io.readU4le('F2fsCheckpointPack.ofsSummaries');
    this.numValidNodes = io.readU4le('F2fsCheckpointPack.numValidNodes');
    this.numValidInodes = io.readU4le('F2fsCheckpointPack.numValidInodes');
    this.nextFreeNode = io.readU4le('F2fsCheckpointPack.nextFreeNode');
    this.lenSitBitmap = io.readU4le('F2fsCheckpointPack.lenSitBitmap');
    this.lenNatBitmap = io.readU4le('F2fsCheckpointPack.lenNatBitmap');
    this.ofsChecksum = io.readU4le('F2fsCheckpointPack.ofsChecksum');
    this.elapsedTime = io.readU8le('F2fsCheckpointPack.elapsedTime');
    this.allocationTypes = io.take(16, 'F2fsCheckpointPack.allocationTypes');
  }
}

/** Called `f2fs_orphan_block` in the original. */
class F2fsOrphanBlock {
  readonly _io: SafeStream;
  /** Called `ino` in the original. */
  readonly inodes: Uint8Array;
  readonly reserved: number;
  /** Called `blk_addr` in the original. */
  readonly index: number;
  /** Called `blk_count` in the original. */
  readonly numBlocks: number;
  /** Called `entry_count` in the original. */
  readonly numEntries: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.inodes = io.take(4080, 'F2fsOrphanBlock.inodes');
    this.reserved = io.readU4le('F2fsOrphanBlock.reserved');
    this.index = io.readU2le('F2fsOrphanBlock.index');
    this.numBlocks = io.readU2le('F2fsOrphanBlock.numBlocks');
    this.numEntries = io.readU4le('F2fsOrphanBlock.numEntries');
  }
}

/**
 * The address of a block, the number of a node, an orphan: nodes and tables
 * are full of them.
 */
class F2fsPointerRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/**
 * What is before the addresses in the node of an inode.
 * Called `f2fs_inode` in the original.
 */
class F2fsInode {
  readonly _io: SafeStream;
  /** Called `i_mode` in the original. */
  readonly mode: number;
  /** Called `i_advise` in the original. */
  readonly advice: number;
  /** Called `i_inline` in the original. */
  readonly inline: number;
  /** Called `i_uid` in the original. */
  readonly owner: number;
  /** Called `i_gid` in the original. */
  readonly group: number;
  /** Called `i_links` in the original. */
  readonly numLinks: number;
  /** Called `i_size` in the original. */
  readonly lenFile: bigint;
  /** Called `i_blocks` in the original. */
  readonly numBlocks: bigint;
  /**
   * Seconds since 1970, with a sign, as the two that follow.
   * Called `i_atime` in the original.
   */
  readonly accessed: bigint;
  /** Called `i_ctime` in the original. */
  readonly changed: bigint;
  /** Called `i_mtime` in the original. */
  readonly modified: bigint;
  /** Called `i_atime_nsec` in the original. */
  readonly accessedNs: number;
  /** Called `i_ctime_nsec` in the original. */
  readonly changedNs: number;
  /** Called `i_mtime_nsec` in the original. */
  readonly modifiedNs: number;
  /** Called `i_generation` in the original. */
  readonly generation: number;
  /**
   * Of a directory, how many levels of buckets it has.
   * Called `i_current_depth` in the original.
   */
  readonly depth: number;
  /** Called `i_xattr_nid` in the original. */
  readonly attributeNode: number;
  /** Called `i_flags` in the original. */
  readonly flags: number;
  /** Called `i_pino` in the original. */
  readonly parent: number;
  /** Called `i_namelen` in the original. */
  readonly lenName: number;
  /** Called `i_name` in the original. */
  readonly name: Uint8Array;
  /** Called `i_dir_level` in the original. */
  readonly directoryLevel: number;
  /** Called `i_ext` in the original. */
  readonly extent: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.mode = io.readU2le('F2fsInode.mode');
    this.advice = io.readU1('F2fsInode.advice');
    this.inline = io.readU1('F2fsInode.inline');
    this.owner = io.readU4le('F2fsInode.owner');
    this.group = io.readU4le('F2fsInode.group');
    this.numLinks = io.readU4le('F2fsInode.numLinks');
    this.lenFile = io.readU8le('F2fsInode.lenFile');
    this.numBlocks = io.readU8le('F2fsInode.numBlocks');
    this.accessed = io.readU8le('F2fsInode.accessed');
    this.changed = io.readU8le('F2fsInode.changed');
    this.modified = io.readU8le('F2fsInode.modified');
    this.accessedNs = io.readU4le('F2fsInode.accessedNs');
    this.changedNs = io.readU4le('F2fsInode.changedNs');
    this.modifiedNs = io.readU4le('F2fsInode.modifiedNs');
    this.generation = io.readU4le('F2fsInode.generation');
    this.depth = io.readU4le('F2fsInode.depth');
    this.attributeNode = io.readU4le('F2fsInode.attributeNode');
    this.flags = io.readU4le('F2fsInode.flags');
    this.parent = io.readU4le('F2fsInode.parent');
    this.lenName = io.readU4le('F2fsInode.lenName');
    this.name = io.take(255, 'F2fsInode.name');
    this.directoryLevel = io.readU1('F2fsInode.directoryLevel');
    this.extent = io.take(12, 'F2fsInode.extent');
  }
}

/**
 * An extended attribute. They lie behind a head of 24 bytes, in the inode
 * and then in a node of their own, as if both were one stretch.
 * @see Linux fs/f2fs/xattr.h: struct f2fs_xattr_entry
 */
class F2fsAttributeEntry {
  readonly _io: SafeStream;
  /** Called `e_name_index` in the original. */
  readonly nameIndex: number;
  /** Called `e_name_len` in the original. */
  readonly lenName: number;
  /** Called `e_value_size` in the original. */
  readonly lenValue: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.nameIndex = io.readU1('F2fsAttributeEntry.nameIndex');
    this.lenName = io.readU1('F2fsAttributeEntry.lenName');
    this.lenValue = io.readU2le('F2fsAttributeEntry.lenValue');
  }
}

/** @see Linux fs/f2fs/xattr.h: struct f2fs_xattr_header */
class F2fsAttributes {
  readonly _io: SafeStream;
  /**
   * 0xf2f52011.
   * Called `h_magic` in the original.
   */
  readonly magic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('F2fsAttributes.magic');
  }
}

/** What the addresses of an inode begin with if it says so. */
class F2fsExtraAttributes {
  readonly _io: SafeStream;
  /** Called `i_extra_isize` in the original. */
  readonly lenExtra: number;
  /** Called `i_inline_xattr_size` in the original. */
  readonly numInlineAttributeAddresses: number;
  /** Called `i_projid` in the original. */
  readonly project: number;
  /** Called `i_inode_checksum` in the original. */
  readonly checksum: number;
  /** Called `i_crtime` in the original. */
  readonly created: bigint;
  /** Called `i_crtime_nsec` in the original. */
  readonly createdNs: number;
  /** Called `i_compr_blocks` in the original. */
  readonly numCompressedBlocks: bigint;
  /** Called `i_compress_algorithm` in the original. */
  readonly compression: number;
  /** Called `i_log_cluster_size` in the original. */
  readonly log2ClusterBlocks: number;
  /** Called `i_compress_flag` in the original. */
  readonly compressionFlags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenExtra = io.readU2le('F2fsExtraAttributes.lenExtra');
    this.numInlineAttributeAddresses = io.readU2le('F2fsExtraAttributes.numInlineAttributeAddresses');
    this.project = io.readU4le('F2fsExtraAttributes.project');
    this.checksum = io.readU4le('F2fsExtraAttributes.checksum');
    this.created = io.readU8le('F2fsExtraAttributes.created');
    this.createdNs = io.readU4le('F2fsExtraAttributes.createdNs');
    this.numCompressedBlocks = io.readU8le('F2fsExtraAttributes.numCompressedBlocks');
    this.compression = io.readU1('F2fsExtraAttributes.compression');
    this.log2ClusterBlocks = io.readU1('F2fsExtraAttributes.log2ClusterBlocks');
    this.compressionFlags = io.readU2le('F2fsExtraAttributes.compressionFlags');
  }
}

/**
 * The end of every node.
 * Called `node_footer` in the original.
 */
class F2fsFooter {
  readonly _io: SafeStream;
  /** Called `nid` in the original. */
  readonly node: number;
  /** Called `ino` in the original. */
  readonly inode: number;
  /**
   * Bit 0 cold, 1 fsynced, 2 the name is to be restored; the others are
   * the node's place in its file.
   * Called `flag` in the original.
   */
  readonly flags: number;
  /** Called `cp_ver` in the original. */
  readonly checkpointVersion: bigint;
  /** Called `next_blkaddr` in the original. */
  readonly nextBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.node = io.readU4le('F2fsFooter.node');
    this.inode = io.readU4le('F2fsFooter.inode');
    this.flags = io.readU4le('F2fsFooter.flags');
    this.checkpointVersion = io.readU8le('F2fsFooter.checkpointVersion');
    this.nextBlock = io.readU4le('F2fsFooter.nextBlock');
  }
}

/** Called `f2fs_nat_entry` in the original. */
class F2fsNatEntryRecord extends RecordCursor {
  get version(): number {
    return this._view.getUint8(this._offset);
  }

  /** Called `ino` in the original. */
  get inode(): number {
    return this._view.getUint32(this._offset + 1, true);
  }

  /** Called `block_addr` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 5, true);
  }
}

class F2fsNatJournalEntryRecord extends RecordCursor {
  /** Called `nid` in the original. */
  get node(): number {
    return this._view.getUint32(this._offset, true);
  }

  get version(): number {
    return this._view.getUint8(this._offset + 4);
  }

  /** Called `ino` in the original. */
  get inode(): number {
    return this._view.getUint32(this._offset + 5, true);
  }

  /** Called `block_addr` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 9, true);
  }
}

/** Called `f2fs_sit_entry` in the original. */
class F2fsSitEntryRecord extends RecordCursor {
  /**
   * In the lower ten bits.
   * Called `vblocks` in the original.
   */
  get numValidBlocks(): number {
    return this._view.getUint16(this._offset, true);
  }

  get validMap(): Uint8Array {
    return this._take(2, 64);
  }

  /** Called `mtime` in the original. */
  get modificationTime(): bigint {
    return this._view.getBigUint64(this._offset + 66, true);
  }
}

class F2fsSitJournalEntryRecord extends RecordCursor {
  /** Called `segno` in the original. */
  get segment(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `vblocks` in the original. */
  get numValidBlocks(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  get validMap(): Uint8Array {
    return this._take(6, 64);
  }

  /** Called `mtime` in the original. */
  get modificationTime(): bigint {
    return this._view.getBigUint64(this._offset + 70, true);
  }
}

/**
 * Entries of the NAT or the SIT that are newer than the table's.
 * Called `f2fs_journal` in the original.
 */
class F2fsJournal {
  readonly _io: SafeStream;
  /** Called `n_nats, n_sits` in the original. */
  readonly numEntries: number;
  readonly entries: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.numEntries = io.readU2le('F2fsJournal.numEntries');
    this.entries = io.take(505, 'F2fsJournal.entries');
  }
}

/**
 * Whose block it is.
 * Called `f2fs_summary` in the original.
 */
class F2fsSummaryRecord extends RecordCursor {
  /** Called `nid` in the original. */
  get node(): number {
    return this._view.getUint32(this._offset, true);
  }

  get version(): number {
    return this._view.getUint8(this._offset + 4);
  }

  /** Called `ofs_in_node` in the original. */
  get index(): number {
    return this._view.getUint16(this._offset + 5, true);
  }
}

/** Called `f2fs_dir_entry` in the original. */
class F2fsDirectoryEntryRecord extends RecordCursor {
  /** Called `hash_code` in the original. */
  get hash(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `ino` in the original. */
  get inode(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `name_len` in the original. */
  get lenName(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `file_type` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset + 10);
  }
}
