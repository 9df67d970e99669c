// Generated from formats/filesystem/ext.ksy by `npm run generate`. Do not edit: change the specification.
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
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestExt = Guest<Ext>;

/** `ext` from its bytes. @throws FormatError when they are none. */
export function parseExt(bytes: Uint8Array): GuestExt {
  return guest(new Ext(new SafeStream(bytes)));
}

/** `inode` from its bytes. @throws FormatError when they are none. */
export function parseExtInode(bytes: Uint8Array): GuestExtInode {
  return guest(new ExtInode(new SafeStream(bytes)));
}

export type GuestExtExtentHeader = Guest<ExtExtentHeader>;

/** `extent_header` from its bytes. @throws FormatError when they are none. */
export function parseExtExtentHeader(bytes: Uint8Array): GuestExtExtentHeader {
  return guest(new ExtExtentHeader(new SafeStream(bytes)));
}

export type GuestExtOrphanBlockTail = Guest<ExtOrphanBlockTail>;

/** `orphan_block_tail` from its bytes. @throws FormatError when they are none. */
export function parseExtOrphanBlockTail(bytes: Uint8Array): GuestExtOrphanBlockTail {
  return guest(new ExtOrphanBlockTail(new SafeStream(bytes)));
}

export type GuestExtInodeTail = Guest<ExtInodeTail>;

/** `inode_tail` from its bytes. @throws FormatError when they are none. */
export function parseExtInodeTail(bytes: Uint8Array): GuestExtInodeTail {
  return guest(new ExtInodeTail(new SafeStream(bytes)));
}

export type GuestExtInodeAttributes = Guest<ExtInodeAttributes>;

/** `inode_attributes` from its bytes. @throws FormatError when they are none. */
export function parseExtInodeAttributes(bytes: Uint8Array): GuestExtInodeAttributes {
  return guest(new ExtInodeAttributes(new SafeStream(bytes)));
}

export type GuestExtAttributeEntry = Guest<ExtAttributeEntry>;

/** `attribute_entry` from its bytes. @throws FormatError when they are none. */
export function parseExtAttributeEntry(bytes: Uint8Array): GuestExtAttributeEntry {
  return guest(new ExtAttributeEntry(new SafeStream(bytes)));
}

export type GuestExtAttributeBlock = Guest<ExtAttributeBlock>;

/** `attribute_block` from its bytes. @throws FormatError when they are none. */
export function parseExtAttributeBlock(bytes: Uint8Array): GuestExtAttributeBlock {
  return guest(new ExtAttributeBlock(new SafeStream(bytes)));
}

export type GuestExtAccessList = Guest<ExtAccessList>;

/** `access_list` from its bytes. @throws FormatError when they are none. */
export function parseExtAccessList(bytes: Uint8Array): GuestExtAccessList {
  return guest(new ExtAccessList(new SafeStream(bytes)));
}

export type GuestExtAccessEntry = Guest<ExtAccessEntry>;

/** `access_entry` from its bytes. @throws FormatError when they are none. */
export function parseExtAccessEntry(bytes: Uint8Array): GuestExtAccessEntry {
  return guest(new ExtAccessEntry(new SafeStream(bytes)));
}

export type GuestExtFastCommitTag = Guest<ExtFastCommitTag>;

/** `fast_commit_tag` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitTag(bytes: Uint8Array): GuestExtFastCommitTag {
  return guest(new ExtFastCommitTag(new SafeStream(bytes)));
}

export type GuestExtFastCommitHead = Guest<ExtFastCommitHead>;

/** `fast_commit_head` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitHead(bytes: Uint8Array): GuestExtFastCommitHead {
  return guest(new ExtFastCommitHead(new SafeStream(bytes)));
}

export type GuestExtFastCommitTail = Guest<ExtFastCommitTail>;

/** `fast_commit_tail` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitTail(bytes: Uint8Array): GuestExtFastCommitTail {
  return guest(new ExtFastCommitTail(new SafeStream(bytes)));
}

export type GuestExtFastCommitAddRange = Guest<ExtFastCommitAddRange>;

/** `fast_commit_add_range` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitAddRange(bytes: Uint8Array): GuestExtFastCommitAddRange {
  return guest(new ExtFastCommitAddRange(new SafeStream(bytes)));
}

export type GuestExtFastCommitDelRange = Guest<ExtFastCommitDelRange>;

/** `fast_commit_del_range` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitDelRange(bytes: Uint8Array): GuestExtFastCommitDelRange {
  return guest(new ExtFastCommitDelRange(new SafeStream(bytes)));
}

export type GuestExtFastCommitName = Guest<ExtFastCommitName>;

/** `fast_commit_name` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitName(bytes: Uint8Array): GuestExtFastCommitName {
  return guest(new ExtFastCommitName(new SafeStream(bytes)));
}

export type GuestExtFastCommitInode = Guest<ExtFastCommitInode>;

/** `fast_commit_inode` from its bytes. @throws FormatError when they are none. */
export function parseExtFastCommitInode(bytes: Uint8Array): GuestExtFastCommitInode {
  return guest(new ExtFastCommitInode(new SafeStream(bytes)));
}

export type GuestExtIndexRoot = Guest<ExtIndexRoot>;

/** `index_root` from its bytes. @throws FormatError when they are none. */
export function parseExtIndexRoot(bytes: Uint8Array): GuestExtIndexRoot {
  return guest(new ExtIndexRoot(new SafeStream(bytes)));
}

export type GuestExtIndexCount = Guest<ExtIndexCount>;

/** `index_count` from its bytes. @throws FormatError when they are none. */
export function parseExtIndexCount(bytes: Uint8Array): GuestExtIndexCount {
  return guest(new ExtIndexCount(new SafeStream(bytes)));
}

export type GuestExtMountProtection = Guest<ExtMountProtection>;

/** `mount_protection` from its bytes. @throws FormatError when they are none. */
export function parseExtMountProtection(bytes: Uint8Array): GuestExtMountProtection {
  return guest(new ExtMountProtection(new SafeStream(bytes)));
}

export type GuestExtGroupDescriptor = Guest<ExtGroupDescriptorRecord>;

/** A table of `group_descriptor`: 32 bytes each, `strideBytes` apart. */
export function extGroupDescriptorRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestExtGroupDescriptor> {
  return records(new ExtGroupDescriptorRecord(bytes, 'le'), 32, strideBytes, 'ExtGroupDescriptor');
}

export type GuestExtWideGroupDescriptor = Guest<ExtWideGroupDescriptorRecord>;

/** A table of `wide_group_descriptor`: 64 bytes each, `strideBytes` apart. */
export function extWideGroupDescriptorRecords(
  bytes: Uint8Array,
  strideBytes: number = 64,
): Records<GuestExtWideGroupDescriptor> {
  return records(new ExtWideGroupDescriptorRecord(bytes, 'le'), 64, strideBytes, 'ExtWideGroupDescriptor');
}

export type GuestExtInode = Guest<ExtInodeRecord>;

/** A table of `inode`: 128 bytes each, `strideBytes` apart. */
export function extInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 128,
): Records<GuestExtInode> {
  return records(new ExtInodeRecord(bytes, 'le'), 128, strideBytes, 'ExtInode');
}

export type GuestExtExtent = Guest<ExtExtentRecord>;

/** A table of `extent`: 12 bytes each, `strideBytes` apart. */
export function extExtentRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestExtExtent> {
  return records(new ExtExtentRecord(bytes, 'le'), 12, strideBytes, 'ExtExtent');
}

export type GuestExtExtentIndex = Guest<ExtExtentIndexRecord>;

/** A table of `extent_index`: 12 bytes each, `strideBytes` apart. */
export function extExtentIndexRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestExtExtentIndex> {
  return records(new ExtExtentIndexRecord(bytes, 'le'), 12, strideBytes, 'ExtExtentIndex');
}

export type GuestExtBlockPointer = Guest<ExtBlockPointerRecord>;

/** A table of `block_pointer`: 4 bytes each, `strideBytes` apart. */
export function extBlockPointerRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestExtBlockPointer> {
  return records(new ExtBlockPointerRecord(bytes, 'le'), 4, strideBytes, 'ExtBlockPointer');
}

export type GuestExtOrphan = Guest<ExtOrphanRecord>;

/** A table of `orphan`: 4 bytes each, `strideBytes` apart. */
export function extOrphanRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestExtOrphan> {
  return records(new ExtOrphanRecord(bytes, 'le'), 4, strideBytes, 'ExtOrphan');
}

export type GuestExtInodeExtra = Guest<ExtInodeExtraRecord>;

/** A table of `inode_extra`: 24 bytes each, `strideBytes` apart. */
export function extInodeExtraRecords(
  bytes: Uint8Array,
  strideBytes: number = 24,
): Records<GuestExtInodeExtra> {
  return records(new ExtInodeExtraRecord(bytes, 'le'), 24, strideBytes, 'ExtInodeExtra');
}

export type GuestExtDirectoryEntry = Guest<ExtDirectoryEntryRecord>;

/** A table of `directory_entry`: 8 bytes each, `strideBytes` apart. */
export function extDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestExtDirectoryEntry> {
  return records(new ExtDirectoryEntryRecord(bytes, 'le'), 8, strideBytes, 'ExtDirectoryEntry');
}

export type GuestExtIndexEntry = Guest<ExtIndexEntryRecord>;

/** A table of `index_entry`: 8 bytes each, `strideBytes` apart. */
export function extIndexEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestExtIndexEntry> {
  return records(new ExtIndexEntryRecord(bytes, 'le'), 8, strideBytes, 'ExtIndexEntry');
}

/** Where the fields of `group_descriptor` lie in it. */
export const ExtGroupDescriptorFields = {
  blockBitmapLo: { at: 0, type: 'u4le' },
  inodeBitmapLo: { at: 4, type: 'u4le' },
  inodeTableLo: { at: 8, type: 'u4le' },
  numFreeClustersLo: { at: 12, type: 'u2le' },
  numFreeInodesLo: { at: 14, type: 'u2le' },
  numDirectoriesLo: { at: 16, type: 'u2le' },
  flags: { at: 18, type: 'u2le' },
  excludeBitmapLo: { at: 20, type: 'u4le' },
  blockBitmapChecksumLo: { at: 24, type: 'u2le' },
  inodeBitmapChecksumLo: { at: 26, type: 'u2le' },
  numUnusedInodesLo: { at: 28, type: 'u2le' },
  checksum: { at: 30, type: 'u2le' },
} as const;

/** Where the fields of `wide_group_descriptor` lie in it. */
export const ExtWideGroupDescriptorFields = {
  low: { at: 0, sizeBytes: 32 },
  blockBitmapHi: { at: 32, type: 'u4le' },
  inodeBitmapHi: { at: 36, type: 'u4le' },
  inodeTableHi: { at: 40, type: 'u4le' },
  numFreeClustersHi: { at: 44, type: 'u2le' },
  numFreeInodesHi: { at: 46, type: 'u2le' },
  numDirectoriesHi: { at: 48, type: 'u2le' },
  numUnusedInodesHi: { at: 50, type: 'u2le' },
  excludeBitmapHi: { at: 52, type: 'u4le' },
  blockBitmapChecksumHi: { at: 56, type: 'u2le' },
  inodeBitmapChecksumHi: { at: 58, type: 'u2le' },
  reserved: { at: 60, type: 'u4le' },
} as const;

/** Where the fields of `inode` lie in it. */
export const ExtInodeFields = {
  mode: { at: 0, type: 'u2le' },
  uidLo: { at: 2, type: 'u2le' },
  lenFileLo: { at: 4, type: 'u4le' },
  accessed: { at: 8, type: 's4le' },
  changed: { at: 12, type: 's4le' },
  modified: { at: 16, type: 's4le' },
  deletionTime: { at: 20, type: 'u4le' },
  gidLo: { at: 24, type: 'u2le' },
  numLinks: { at: 26, type: 'u2le' },
  numSectorsLo: { at: 28, type: 'u4le' },
  flags: { at: 32, type: 'u4le' },
  version: { at: 36, type: 'u4le' },
  blockMap: { at: 40, sizeBytes: 60 },
  generation: { at: 100, type: 'u4le' },
  fileAclLo: { at: 104, type: 'u4le' },
  lenFileHi: { at: 108, type: 'u4le' },
  fragmentAddress: { at: 112, type: 'u4le' },
  numSectorsHi: { at: 116, type: 'u2le' },
  fileAclHi: { at: 118, type: 'u2le' },
  uidHi: { at: 120, type: 'u2le' },
  gidHi: { at: 122, type: 'u2le' },
  checksumLo: { at: 124, type: 'u2le' },
  reserved: { at: 126, type: 'u2le' },
} as const;

/** Where the fields of `extent_header` lie in it. */
export const ExtExtentHeaderFields = {
  magic: { at: 0, sizeBytes: 2 },
  numEntries: { at: 2, type: 'u2le' },
  maxEntries: { at: 4, type: 'u2le' },
  depth: { at: 6, type: 'u2le' },
  generation: { at: 8, type: 'u4le' },
} as const;

/** Where the fields of `extent` lie in it. */
export const ExtExtentFields = {
  block: { at: 0, type: 'u4le' },
  length: { at: 4, type: 'u2le' },
  startHi: { at: 6, type: 'u2le' },
  startLo: { at: 8, type: 'u4le' },
} as const;

/** Where the fields of `extent_index` lie in it. */
export const ExtExtentIndexFields = {
  block: { at: 0, type: 'u4le' },
  leafLo: { at: 4, type: 'u4le' },
  leafHi: { at: 8, type: 'u2le' },
  unused: { at: 10, type: 'u2le' },
} as const;

/** Where the fields of `inode_extra` lie in it. */
export const ExtInodeExtraFields = {
  lenExtra: { at: 0, type: 'u2le' },
  checksumHi: { at: 2, type: 'u2le' },
  changedExtra: { at: 4, type: 'u4le' },
  modifiedExtra: { at: 8, type: 'u4le' },
  accessedExtra: { at: 12, type: 'u4le' },
  created: { at: 16, type: 's4le' },
  createdExtra: { at: 20, type: 'u4le' },
} as const;

/** Where the fields of `directory_entry` lie in it. */
export const ExtDirectoryEntryFields = {
  inode: { at: 0, type: 'u4le' },
  lenEntry: { at: 4, type: 'u2le' },
  lenName: { at: 6, type: 'u1' },
  fileType: { at: 7, type: 'u1' },
} as const;

/** Where the fields of `index_root` lie in it. */
export const ExtIndexRootFields = {
  entries: { at: 0, sizeBytes: 24 },
  reserved: { at: 24, type: 'u4le' },
  hashVersion: { at: 28, type: 'u1' },
  lenInfo: { at: 29, type: 'u1' },
  numLevels: { at: 30, type: 'u1' },
  flags: { at: 31, type: 'u1' },
} as const;

/** Where the fields of `index_count` lie in it. */
export const ExtIndexCountFields = {
  maxEntries: { at: 0, type: 'u2le' },
  numEntries: { at: 2, type: 'u2le' },
} as const;

/** Where the fields of `index_entry` lie in it. */
export const ExtIndexEntryFields = {
  hash: { at: 0, type: 'u4le' },
  block: { at: 4, type: 'u4le' },
} as const;

/** Where the fields of `mount_protection` lie in it. */
export const ExtMountProtectionFields = {
  magic: { at: 0, type: 'u4le' },
  sequence: { at: 4, type: 'u4le' },
  holder: { at: 8, sizeBytes: 1012 },
  checksum: { at: 1020, type: 'u4le' },
} as const;

/**
 * The superblock of an ext2, ext3 or ext4 filesystem, found 1024 bytes into it,
 * the group descriptors, and as much of an inode as tells a journal's size.
 *
 * The free counts of the superblock are written at unmount only; those of the
 * group descriptors are the ones that the kernel adds up.
 * @see https://docs.kernel.org/filesystems/ext4/globals.html
 * @see Linux fs/ext4/ext4.h: struct ext4_super_block, struct ext4_group_desc
 */
class Ext {
  readonly _io: SafeStream;
  /** Called `s_inodes_count` in the original. */
  readonly numInodes: number;
  /** Called `s_blocks_count_lo` in the original. */
  readonly numBlocksLo: number;
  /** Called `s_r_blocks_count_lo` in the original. */
  readonly numReservedBlocksLo: number;
  /** Called `s_free_blocks_count_lo` in the original. */
  readonly numFreeBlocksLo: number;
  /** Called `s_free_inodes_count` in the original. */
  readonly numFreeInodes: number;
  /** Called `s_first_data_block` in the original. */
  readonly firstDataBlock: number;
  /**
   * A block has 1024 bytes shifted left by this.
   * Called `s_log_block_size` in the original.
   */
  readonly logBlockSize: number;
  /**
   * A cluster has 1024 bytes shifted left by this.
   * Called `s_log_cluster_size` in the original.
   */
  readonly logClusterSize: number;
  /** Called `s_blocks_per_group` in the original. */
  readonly blocksPerGroup: number;
  /**
   * One bit of one block each.
   * Called `s_clusters_per_group` in the original.
   */
  readonly clustersPerGroup: number;
  /**
   * One bit of one block each.
   * Called `s_inodes_per_group` in the original.
   */
  readonly inodesPerGroup: number;
  /** Called `s_mtime` in the original. */
  readonly mountTime: number;
  /** Called `s_wtime` in the original. */
  readonly writeTime: number;
  /** Called `s_mnt_count` in the original. */
  readonly numMounts: number;
  /** Called `s_max_mnt_count` in the original. */
  readonly maxMounts: number;
  /** Called `s_magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * Bit 0, cleanly unmounted; bit 1, errors were found.
   * Called `s_state` in the original.
   */
  readonly state: number;
  /** Called `s_errors` in the original. */
  readonly onErrors: number;
  /** Called `s_minor_rev_level` in the original. */
  readonly minorRevision: number;
  /** Called `s_lastcheck` in the original. */
  readonly checkTime: number;
  /** Called `s_checkinterval` in the original. */
  readonly checkInterval: number;
  /** Called `s_creator_os` in the original. */
  readonly creatorOs: number;
  /**
   * 0 has inodes of 128 bytes, whatever the field says.
   * Called `s_rev_level` in the original.
   */
  readonly revision: number;
  /** Called `s_def_resuid` in the original. */
  readonly reservedUid: number;
  /** Called `s_def_resgid` in the original. */
  readonly reservedGid: number;
  /** Called `s_first_ino` in the original. */
  readonly firstInode: number;
  /** Called `s_inode_size` in the original. */
  readonly inodeSize: number;
  /**
   * The group in which this copy of the superblock lies.
   * Called `s_block_group_nr` in the original.
   */
  readonly groupNumber: number;
  /** Called `s_feature_compat` in the original. */
  readonly featureCompat: number;
  /** Called `s_feature_incompat` in the original. */
  readonly featureIncompat: number;
  /** Called `s_feature_ro_compat` in the original. */
  readonly featureRoCompat: number;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `s_volume_name` in the original. */
  readonly label: string;
  /** Called `s_last_mounted` in the original. */
  readonly lastMounted: string;
  /** Called `s_algorithm_usage_bitmap` in the original. */
  readonly algorithmBitmap: number;
  /** Called `s_prealloc_blocks` in the original. */
  readonly numPreallocBlocks: number;
  /** Called `s_prealloc_dir_blocks` in the original. */
  readonly numPreallocDirBlocks: number;
  /**
   * Blocks kept behind each copy of the descriptors for growing online.
   * Called `s_reserved_gdt_blocks` in the original.
   */
  readonly numReservedGdtBlocks: number;
  /** Called `s_journal_uuid` in the original. */
  readonly journalUuid: Uint8Array;
  /**
   * 0 if the journal is on another device.
   * Called `s_journal_inum` in the original.
   */
  readonly journalInode: number;
  /** Called `s_journal_dev` in the original. */
  readonly journalDevice: number;
  /** Called `s_last_orphan` in the original. */
  readonly lastOrphan: number;
  /** Called `s_hash_seed` in the original. */
  readonly hashSeed: Uint8Array;
  /** Called `s_def_hash_version` in the original. */
  readonly hashVersion: number;
  /** Called `s_jnl_backup_type` in the original. */
  readonly journalBackupType: number;
  /**
   * Size of a group descriptor, if the feature 64bit is set; else it is 32.
   * Called `s_desc_size` in the original.
   */
  readonly lenDescriptor: number;
  /** Called `s_default_mount_opts` in the original. */
  readonly defaultMountOptions: number;
  /**
   * With the feature meta_bg: descriptor blocks from this number on lie in the
   * groups that they describe.
   * Called `s_first_meta_bg` in the original.
   */
  readonly firstMetaGroup: number;
  /** Called `s_mkfs_time` in the original. */
  readonly mkfsTime: number;
  /** Called `s_jnl_blocks` in the original. */
  readonly journalBlocks: Uint8Array;
  /** Called `s_blocks_count_hi` in the original. */
  readonly numBlocksHi: number;
  /** Called `s_r_blocks_count_hi` in the original. */
  readonly numReservedBlocksHi: number;
  /** Called `s_free_blocks_count_hi` in the original. */
  readonly numFreeBlocksHi: number;
  /** Called `s_min_extra_isize` in the original. */
  readonly minExtraInodeSize: number;
  /** Called `s_want_extra_isize` in the original. */
  readonly wantExtraInodeSize: number;
  /**
   * Bit 2, made by in-development code (ext4dev).
   * Called `s_flags` in the original.
   */
  readonly flags: number;
  /** Called `s_raid_stride` in the original. */
  readonly raidStride: number;
  /** Called `s_mmp_update_interval` in the original. */
  readonly mmpInterval: number;
  /** Called `s_mmp_block` in the original. */
  readonly mmpBlock: bigint;
  /** Called `s_raid_stripe_width` in the original. */
  readonly raidStripeWidth: number;
  /** Called `s_log_groups_per_flex` in the original. */
  readonly logGroupsPerFlex: number;
  /** Called `s_checksum_type` in the original. */
  readonly checksumType: number;
  /** Called `s_encryption_level` in the original. */
  readonly encryptionLevel: number;
  /** Called `s_reserved_pad` in the original. */
  readonly reserved1: number;
  /** Called `s_kbytes_written` in the original. */
  readonly numWrittenKib: bigint;
  /** Called `s_snapshot_inum` in the original. */
  readonly snapshots: Uint8Array;
  /** Called `s_error_count` in the original. */
  readonly errorLog: Uint8Array;
  /** Called `s_mount_opts` in the original. */
  readonly mountOptions: Uint8Array;
  /** Called `s_usr_quota_inum` in the original. */
  readonly userQuotaInode: number;
  /** Called `s_grp_quota_inum` in the original. */
  readonly groupQuotaInode: number;
  /**
   * Clusters of metadata; 0 if mkfs did not count them.
   * Called `s_overhead_clusters` in the original.
   */
  readonly numOverheadClusters: number;
  /**
   * With the feature sparse_super2, the groups that hold copies.
   * Called `s_backup_bgs` in the original.
   */
  readonly backupGroups: number[];
  /** Called `s_encrypt_algos` in the original. */
  readonly encryption: Uint8Array;
  /** Called `s_lpf_ino` in the original. */
  readonly lostFoundInode: number;
  /** Called `s_prj_quota_inum` in the original. */
  readonly projectQuotaInode: number;
  /** Called `s_checksum_seed` in the original. */
  readonly checksumSeed: number;
  /** Called `s_wtime_hi` in the original. */
  readonly timeHighBits: Uint8Array;
  /** Called `s_encoding` in the original. */
  readonly fileEncoding: number;
  /** Called `s_encoding_flags` in the original. */
  readonly fileEncodingFlags: number;
  /** Called `s_orphan_file_inum` in the original. */
  readonly orphanFileInode: number;
  /** Called `s_reserved` in the original. */
  readonly reserved2: Uint8Array;
  /**
   * CRC-32C of the bytes before it, with the feature metadata_csum.
   * Called `s_checksum` in the original.
   */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numInodes = io.readU4le('Ext.numInodes');
    this.numBlocksLo = io.readU4le('Ext.numBlocksLo');
    this.numReservedBlocksLo = io.readU4le('Ext.numReservedBlocksLo');
    this.numFreeBlocksLo = io.readU4le('Ext.numFreeBlocksLo');
    this.numFreeInodes = io.readU4le('Ext.numFreeInodes');
    this.firstDataBlock = io.readU4le('Ext.firstDataBlock');
    this.logBlockSize = io.readU4le('Ext.logBlockSize');
    if (this.logBlockSize > 6) {
      throw new ValidationGreaterThanError(6, this.logBlockSize, io, 'Ext.logBlockSize');
    }
    this.logClusterSize = io.readU4le('Ext.logClusterSize');
    if (this.logClusterSize > 20) {
      throw new ValidationGreaterThanError(20, this.logClusterSize, io, 'Ext.logClusterSize');
    }
    this.blocksPerGroup = io.readU4le('Ext.blocksPerGroup');
    this.clustersPerGroup = io.readU4le('Ext.clustersPerGroup');
    if (this.clustersPerGroup > 524288) {
      throw new ValidationGreaterThanError(524288, this.clustersPerGroup, io, 'Ext.clustersPerGroup');
    }
    this.inodesPerGroup = io.readU4le('Ext.inodesPerGroup');
    if (this.inodesPerGroup > 524288) {
      throw new ValidationGreaterThanError(524288, this.inodesPerGroup, io, 'Ext.inodesPerGroup');
    }
    this.mountTime = io.readU4le('Ext.mountTime');
    this.writeTime = io.readU4le('Ext.writeTime');
    this.numMounts = io.readU2le('Ext.numMounts');
    this.maxMounts = io.readU2le('Ext.maxMounts');
    this.magic = io.take(2, 'Ext.magic');
    if (compareBytes(this.magic, Uint8Array.of(83, 239)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(83, 239), this.magic, io, 'Ext.magic', 'BAD_MAGIC');
    }
    this.state = io.readU2le('Ext.state');
    this.onErrors = io.readU2le('Ext.onErrors');
    this.minorRevision = io.readU2le('Ext.minorRevision');
    this.checkTime = io.readU4le('Ext.checkTime');
    this.checkInterval = io.readU4le('Ext.checkInterval');
    this.creatorOs = io.readU4le('Ext.creatorOs');
    this.revision = io.readU4le('Ext.revision');
    this.reservedUid = io.readU2le('Ext.reservedUid');
    this.reservedGid = io.readU2le('Ext.reservedGid');
    this.firstInode = io.readU4le('Ext.firstInode');
    this.inodeSize = io.readU2le('Ext.inodeSize');
    this.groupNumber = io.readU2le('Ext.groupNumber');
    this.featureCompat = io.readU4le('Ext.featureCompat');
    this.featureIncompat = io.readU4le('Ext.featureIncompat');
    this.featureRoCompat = io.readU4le('Ext.featureRoCompat');
    this.uuid = io.take(16, 'Ext.uuid');
    this.label = decode(terminate(io.take(16, 'Ext.label'), [0], false), 'UTF-8');
    this.lastMounted = decode(terminate(io.take(64, 'Ext.lastMounted'), [0], false), 'UTF-8');
    this.algorithmBitmap = io.readU4le('Ext.algorithmBitmap');
    this.numPreallocBlocks = io.readU1('Ext.numPreallocBlocks');
    this.numPreallocDirBlocks = io.readU1('Ext.numPreallocDirBlocks');
    this.numReservedGdtBlocks = io.readU2le('Ext.numReservedGdtBlocks');
    this.journalUuid = io.take(16, 'Ext.journalUuid');
    this.journalInode = io.readU4le('Ext.journalInode');
    this.journalDevice = io.readU4le('Ext.journalDevice');
    this.lastOrphan = io.readU4le('Ext.lastOrphan');
    this.hashSeed = io.take(16, 'Ext.hashSeed');
    this.hashVersion = io.readU1('Ext.hashVersion');
    this.journalBackupType = io.readU1('Ext.journalBackupType');
    this.lenDescriptor = io.readU2le('Ext.lenDescriptor');
    this.defaultMountOptions = io.readU4le('Ext.defaultMountOptions');
    this.firstMetaGroup = io.readU4le('Ext.firstMetaGroup');
    this.mkfsTime = io.readU4le('Ext.mkfsTime');
    this.journalBlocks = io.take(68, 'Ext.journalBlocks');
    this.numBlocksHi = io.readU4le('Ext.numBlocksHi');
    this.numReservedBlocksHi = io.readU4le('Ext.numReservedBlocksHi');
    this.numFreeBlocksHi = io.readU4le('Ext.numFreeBlocksHi');
    this.minExtraInodeSize = io.readU2le('Ext.minExtraInodeSize');
    this.wantExtraInodeSize = io.readU2le('Ext.wantExtraInodeSize');
    this.flags = io.readU4le('Ext.flags');
    this.raidStride = io.readU2le('Ext.raidStride');
    this.mmpInterval = io.readU2le('Ext.mmpInterval');
    this.mmpBlock = io.readU8le('Ext.mmpBlock');
    this.raidStripeWidth = io.readU4le('Ext.raidStripeWidth');
    this.logGroupsPerFlex = io.readU1('Ext.logGroupsPerFlex');
    this.checksumType = io.readU1('Ext.checksumType');
    this.encryptionLevel = io.readU1('Ext.encryptionLevel');
    this.reserved1 = io.readU1('Ext.reserved1');
    this.numWrittenKib = io.readU8le('Ext.numWrittenKib');
    this.snapshots = io.take(20, 'Ext.snapshots');
    this.errorLog = io.take(108, 'Ext.errorLog');
    this.mountOptions = io.take(64, 'Ext.mountOptions');
    this.userQuotaInode = io.readU4le('Ext.userQuotaInode');
    this.groupQuotaInode = io.readU4le('Ext.groupQuotaInode');
    this.numOverheadClusters = io.readU4le('Ext.numOverheadClusters');
    this.backupGroups = [];
    for (let i = 0, n = io.count(2, 4, 'Ext.backupGroups'); i < n; i++) {
      this.backupGroups.push(io.readU4le('Ext.backupGroups'));
    }
    this.encryption = io.take(20, 'Ext.encryption');
    this.lostFoundInode = io.readU4le('Ext.lostFoundInode');
    this.projectQuotaInode = io.readU4le('Ext.projectQuotaInode');
    this.checksumSeed = io.readU4le('Ext.checksumSeed');
    this.timeHighBits = io.take(8, 'Ext.timeHighBits');
    this.fileEncoding = io.readU2le('Ext.fileEncoding');
    this.fileEncodingFlags = io.readU2le('Ext.fileEncodingFlags');
    this.orphanFileInode = io.readU4le('Ext.orphanFileInode');
    this.reserved2 = io.take(376, 'Ext.reserved2');
    this.checksum = io.readU4le('Ext.checksum');
  }
}

/** The first 32 bytes of a group descriptor, which every one has. */
class ExtGroupDescriptorRecord extends RecordCursor {
  /** Called `bg_block_bitmap_lo` in the original. */
  get blockBitmapLo(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `bg_inode_bitmap_lo` in the original. */
  get inodeBitmapLo(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `bg_inode_table_lo` in the original. */
  get inodeTableLo(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /**
   * Of clusters, whatever its original name says.
   * Called `bg_free_blocks_count_lo` in the original.
   */
  get numFreeClustersLo(): number {
    return this._view.getUint16(this._offset + 12, true);
  }

  /** Called `bg_free_inodes_count_lo` in the original. */
  get numFreeInodesLo(): number {
    return this._view.getUint16(this._offset + 14, true);
  }

  /** Called `bg_used_dirs_count_lo` in the original. */
  get numDirectoriesLo(): number {
    return this._view.getUint16(this._offset + 16, true);
  }

  /** Called `bg_flags` in the original. */
  get flags(): number {
    return this._view.getUint16(this._offset + 18, true);
  }

  /** Called `bg_exclude_bitmap_lo` in the original. */
  get excludeBitmapLo(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  /** Called `bg_block_bitmap_csum_lo` in the original. */
  get blockBitmapChecksumLo(): number {
    return this._view.getUint16(this._offset + 24, true);
  }

  /** Called `bg_inode_bitmap_csum_lo` in the original. */
  get inodeBitmapChecksumLo(): number {
    return this._view.getUint16(this._offset + 26, true);
  }

  /** Called `bg_itable_unused_lo` in the original. */
  get numUnusedInodesLo(): number {
    return this._view.getUint16(this._offset + 28, true);
  }

  /**
   * The lower half of a CRC-32C with the feature metadata_csum, a CRC-16
   * with uninit_bg.
   * Called `bg_checksum` in the original.
   */
  get checksum(): number {
    return this._view.getUint16(this._offset + 30, true);
  }
}

/** The first 64 bytes of a descriptor of the feature 64bit. */
class ExtWideGroupDescriptorRecord extends RecordCursor {
  /** As in group_descriptor. */
  get low(): Uint8Array {
    return this._take(0, 32);
  }

  /** Called `bg_block_bitmap_hi` in the original. */
  get blockBitmapHi(): number {
    return this._view.getUint32(this._offset + 32, true);
  }

  /** Called `bg_inode_bitmap_hi` in the original. */
  get inodeBitmapHi(): number {
    return this._view.getUint32(this._offset + 36, true);
  }

  /** Called `bg_inode_table_hi` in the original. */
  get inodeTableHi(): number {
    return this._view.getUint32(this._offset + 40, true);
  }

  /** Called `bg_free_blocks_count_hi` in the original. */
  get numFreeClustersHi(): number {
    return this._view.getUint16(this._offset + 44, true);
  }

  /** Called `bg_free_inodes_count_hi` in the original. */
  get numFreeInodesHi(): number {
    return this._view.getUint16(this._offset + 46, true);
  }

  /** Called `bg_used_dirs_count_hi` in the original. */
  get numDirectoriesHi(): number {
    return this._view.getUint16(this._offset + 48, true);
  }

  /** Called `bg_itable_unused_hi` in the original. */
  get numUnusedInodesHi(): number {
    return this._view.getUint16(this._offset + 50, true);
  }

  /** Called `bg_exclude_bitmap_hi` in the original. */
  get excludeBitmapHi(): number {
    return this._view.getUint32(this._offset + 52, true);
  }

  /** Called `bg_block_bitmap_csum_hi` in the original. */
  get blockBitmapChecksumHi(): number {
    return this._view.getUint16(this._offset + 56, true);
  }

  /** Called `bg_inode_bitmap_csum_hi` in the original. */
  get inodeBitmapChecksumHi(): number {
    return this._view.getUint16(this._offset + 58, true);
  }

  /** Called `bg_reserved` in the original. */
  get reserved(): number {
    return this._view.getUint32(this._offset + 60, true);
  }
}

/**
 * The first 128 bytes of an inode.
 * @see Linux fs/ext4/ext4.h: struct ext4_inode
 */
class ExtInode {
  readonly _io: SafeStream;
  /** Called `i_mode` in the original. */
  readonly mode: number;
  /** Called `i_uid` in the original. */
  readonly uidLo: number;
  /** Called `i_size_lo` in the original. */
  readonly lenFileLo: number;
  /**
   * Seconds since 1970; inode_extra has the upper bits.
   * Called `i_atime` in the original.
   */
  readonly accessed: number;
  /** Called `i_ctime` in the original. */
  readonly changed: number;
  /** Called `i_mtime` in the original. */
  readonly modified: number;
  /**
   * The next inode in the list of orphans, if this is one of it.
   * Called `i_dtime` in the original.
   */
  readonly deletionTime: number;
  /** Called `i_gid` in the original. */
  readonly gidLo: number;
  /** Called `i_links_count` in the original. */
  readonly numLinks: number;
  /** Called `i_blocks_lo` in the original. */
  readonly numSectorsLo: number;
  /** Called `i_flags` in the original. */
  readonly flags: number;
  /** Called `i_osd1` in the original. */
  readonly version: number;
  /** Called `i_block` in the original. */
  readonly blockMap: Uint8Array;
  /** Called `i_generation` in the original. */
  readonly generation: number;
  /** Called `i_file_acl_lo` in the original. */
  readonly fileAclLo: number;
  /** Called `i_size_high` in the original. */
  readonly lenFileHi: number;
  /** Called `i_obso_faddr` in the original. */
  readonly fragmentAddress: number;
  /** Called `l_i_blocks_high` in the original. */
  readonly numSectorsHi: number;
  /** Called `l_i_file_acl_high` in the original. */
  readonly fileAclHi: number;
  /** Called `l_i_uid_high` in the original. */
  readonly uidHi: number;
  /** Called `l_i_gid_high` in the original. */
  readonly gidHi: number;
  /** Called `l_i_checksum_lo` in the original. */
  readonly checksumLo: number;
  /** Called `l_i_reserved` in the original. */
  readonly reserved: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.mode = io.readU2le('ExtInode.mode');
    this.uidLo = io.readU2le('ExtInode.uidLo');
    this.lenFileLo = io.readU4le('ExtInode.lenFileLo');
    this.accessed = io.readS4le('ExtInode.accessed');
    this.changed = io.readS4le('ExtInode.changed');
    this.modified = io.readS4le('ExtInode.modified');
    this.deletionTime = io.readU4le('ExtInode.deletionTime');
    this.gidLo = io.readU2le('ExtInode.gidLo');
    this.numLinks = io.readU2le('ExtInode.numLinks');
    this.numSectorsLo = io.readU4le('ExtInode.numSectorsLo');
    this.flags = io.readU4le('ExtInode.flags');
    this.version = io.readU4le('ExtInode.version');
    this.blockMap = io.take(60, 'ExtInode.blockMap');
    this.generation = io.readU4le('ExtInode.generation');
    this.fileAclLo = io.readU4le('ExtInode.fileAclLo');
    this.lenFileHi = io.readU4le('ExtInode.lenFileHi');
    this.fragmentAddress = io.readU4le('ExtInode.fragmentAddress');
    this.numSectorsHi = io.readU2le('ExtInode.numSectorsHi');
    this.fileAclHi = io.readU2le('ExtInode.fileAclHi');
    this.uidHi = io.readU2le('ExtInode.uidHi');
    this.gidHi = io.readU2le('ExtInode.gidHi');
    this.checksumLo = io.readU2le('ExtInode.checksumLo');
    this.reserved = io.readU2le('ExtInode.reserved');
  }
}

/**
 * The first 128 bytes of an inode.
 * @see Linux fs/ext4/ext4.h: struct ext4_inode
 */
class ExtInodeRecord extends RecordCursor {
  /** Called `i_mode` in the original. */
  get mode(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `i_uid` in the original. */
  get uidLo(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `i_size_lo` in the original. */
  get lenFileLo(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /**
   * Seconds since 1970; inode_extra has the upper bits.
   * Called `i_atime` in the original.
   */
  get accessed(): number {
    return this._view.getInt32(this._offset + 8, true);
  }

  /** Called `i_ctime` in the original. */
  get changed(): number {
    return this._view.getInt32(this._offset + 12, true);
  }

  /** Called `i_mtime` in the original. */
  get modified(): number {
    return this._view.getInt32(this._offset + 16, true);
  }

  /**
   * The next inode in the list of orphans, if this is one of it.
   * Called `i_dtime` in the original.
   */
  get deletionTime(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  /** Called `i_gid` in the original. */
  get gidLo(): number {
    return this._view.getUint16(this._offset + 24, true);
  }

  /** Called `i_links_count` in the original. */
  get numLinks(): number {
    return this._view.getUint16(this._offset + 26, true);
  }

  /** Called `i_blocks_lo` in the original. */
  get numSectorsLo(): number {
    return this._view.getUint32(this._offset + 28, true);
  }

  /** Called `i_flags` in the original. */
  get flags(): number {
    return this._view.getUint32(this._offset + 32, true);
  }

  /** Called `i_osd1` in the original. */
  get version(): number {
    return this._view.getUint32(this._offset + 36, true);
  }

  /** Called `i_block` in the original. */
  get blockMap(): Uint8Array {
    return this._take(40, 60);
  }

  /** Called `i_generation` in the original. */
  get generation(): number {
    return this._view.getUint32(this._offset + 100, true);
  }

  /** Called `i_file_acl_lo` in the original. */
  get fileAclLo(): number {
    return this._view.getUint32(this._offset + 104, true);
  }

  /** Called `i_size_high` in the original. */
  get lenFileHi(): number {
    return this._view.getUint32(this._offset + 108, true);
  }

  /** Called `i_obso_faddr` in the original. */
  get fragmentAddress(): number {
    return this._view.getUint32(this._offset + 112, true);
  }

  /** Called `l_i_blocks_high` in the original. */
  get numSectorsHi(): number {
    return this._view.getUint16(this._offset + 116, true);
  }

  /** Called `l_i_file_acl_high` in the original. */
  get fileAclHi(): number {
    return this._view.getUint16(this._offset + 118, true);
  }

  /** Called `l_i_uid_high` in the original. */
  get uidHi(): number {
    return this._view.getUint16(this._offset + 120, true);
  }

  /** Called `l_i_gid_high` in the original. */
  get gidHi(): number {
    return this._view.getUint16(this._offset + 122, true);
  }

  /** Called `l_i_checksum_lo` in the original. */
  get checksumLo(): number {
    return this._view.getUint16(this._offset + 124, true);
  }

  /** Called `l_i_reserved` in the original. */
  get reserved(): number {
    return this._view.getUint16(this._offset + 126, true);
  }
}

/**
 * What a node of an extent tree begins with, in the inode and elsewhere.
 * @see Linux fs/ext4/ext4_extents.h: struct ext4_extent_header
 */
class ExtExtentHeader {
  readonly _io: SafeStream;
  /** Called `eh_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `eh_entries` in the original. */
  readonly numEntries: number;
  /** Called `eh_max` in the original. */
  readonly maxEntries: number;
  /**
   * 0 has extents as entries, others have nodes.
   * Called `eh_depth` in the original.
   */
  readonly depth: number;
  /** Called `eh_generation` in the original. */
  readonly generation: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'ExtExtentHeader.magic');
    if (compareBytes(this.magic, Uint8Array.of(10, 243)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(10, 243), this.magic, io, 'ExtExtentHeader.magic', 'BAD_MAGIC');
    }
    this.numEntries = io.readU2le('ExtExtentHeader.numEntries');
    this.maxEntries = io.readU2le('ExtExtentHeader.maxEntries');
    this.depth = io.readU2le('ExtExtentHeader.depth');
    this.generation = io.readU4le('ExtExtentHeader.generation');
  }
}

class ExtExtentRecord extends RecordCursor {
  /**
   * The first of the file's blocks.
   * Called `ee_block` in the original.
   */
  get block(): number {
    return this._view.getUint32(this._offset, true);
  }

  /**
   * Blocks; above 0x8000, so many more and not yet written to.
   * Called `ee_len` in the original.
   */
  get length(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `ee_start_hi` in the original. */
  get startHi(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /** Called `ee_start_lo` in the original. */
  get startLo(): number {
    return this._view.getUint32(this._offset + 8, true);
  }
}

class ExtExtentIndexRecord extends RecordCursor {
  /**
   * The first of the file's blocks that the node below covers.
   * Called `ei_block` in the original.
   */
  get block(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `ei_leaf_lo` in the original. */
  get leafLo(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `ei_leaf_hi` in the original. */
  get leafHi(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `ei_unused` in the original. */
  get unused(): number {
    return this._view.getUint16(this._offset + 10, true);
  }
}

/** Of a file without extents; 0 is a hole. */
class ExtBlockPointerRecord extends RecordCursor {
  get block(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/** An entry of the orphan file's blocks, which end in 8 bytes of another kind. */
class ExtOrphanRecord extends RecordCursor {
  /** 0 if unused. */
  get inode(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/** @see Linux fs/ext4/ext4.h: struct ext4_orphan_block_tail */
class ExtOrphanBlockTail {
  readonly _io: SafeStream;
  /** Called `ob_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `ob_checksum` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'ExtOrphanBlockTail.magic');
    if (compareBytes(this.magic, Uint8Array.of(4, 202, 16, 11)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(4, 202, 16, 11), this.magic, io, 'ExtOrphanBlockTail.magic', 'BAD_MAGIC');
    }
    this.checksum = io.readU4le('ExtOrphanBlockTail.checksum');
  }
}

/**
 * What an inode of more than 128 bytes has behind them.
 * @see Linux fs/ext4/ext4.h: struct ext4_inode
 */
class ExtInodeTail {
  readonly _io: SafeStream;
  /**
   * Bytes of fields; extended attributes may follow them.
   * Called `i_extra_isize` in the original.
   */
  readonly lenExtra: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenExtra = io.readU2le('ExtInodeTail.lenExtra');
  }
}

/**
 * The fields behind the first 128 bytes of an inode, if there are so many.
 * The two lowest bits of the upper parts are bits 32 and 33 of the seconds,
 * the others nanoseconds.
 * @see Linux fs/ext4/ext4.h: struct ext4_inode, ext4_decode_extra_time
 */
class ExtInodeExtraRecord extends RecordCursor {
  /** Called `i_extra_isize` in the original. */
  get lenExtra(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `i_checksum_hi` in the original. */
  get checksumHi(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `i_ctime_extra` in the original. */
  get changedExtra(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `i_mtime_extra` in the original. */
  get modifiedExtra(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /** Called `i_atime_extra` in the original. */
  get accessedExtra(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /** Called `i_crtime` in the original. */
  get created(): number {
    return this._view.getInt32(this._offset + 16, true);
  }

  /** Called `i_crtime_extra` in the original. */
  get createdExtra(): number {
    return this._view.getUint32(this._offset + 20, true);
  }
}

/**
 * What extended attributes in an inode begin with, if there are some.
 * @see Linux fs/ext4/xattr.h: struct ext4_xattr_ibody_header
 */
class ExtInodeAttributes {
  readonly _io: SafeStream;
  /**
   * 0xea020000.
   * Called `h_magic` in the original.
   */
  readonly magic: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('ExtInodeAttributes.magic');
  }
}

/**
 * What is in front of an attribute's name.
 * @see Linux fs/ext4/xattr.h: struct ext4_xattr_entry
 */
class ExtAttributeEntry {
  readonly _io: SafeStream;
  /** Called `e_name_len` in the original. */
  readonly lenName: number;
  /** Called `e_name_index` in the original. */
  readonly nameIndex: number;
  /** Called `e_value_offs` in the original. */
  readonly ofsValue: number;
  /**
   * The inode that has the value; 0 if it lies here.
   * Called `e_value_inum` in the original.
   */
  readonly valueInode: number;
  /** Called `e_value_size` in the original. */
  readonly lenValue: number;
  /** Called `e_hash` in the original. */
  readonly hash: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenName = io.readU1('ExtAttributeEntry.lenName');
    this.nameIndex = io.readU1('ExtAttributeEntry.nameIndex');
    this.ofsValue = io.readU2le('ExtAttributeEntry.ofsValue');
    this.valueInode = io.readU4le('ExtAttributeEntry.valueInode');
    this.lenValue = io.readU4le('ExtAttributeEntry.lenValue');
    this.hash = io.readU4le('ExtAttributeEntry.hash');
  }
}

/**
 * The begin of a block of extended attributes.
 * @see Linux fs/ext4/xattr.h: struct ext4_xattr_header
 */
class ExtAttributeBlock {
  readonly _io: SafeStream;
  /** Called `h_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `h_refcount` in the original. */
  readonly numReferences: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'ExtAttributeBlock.magic');
    if (compareBytes(this.magic, Uint8Array.of(0, 0, 2, 234)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0, 0, 2, 234), this.magic, io, 'ExtAttributeBlock.magic', 'BAD_MAGIC');
    }
    this.numReferences = io.readU4le('ExtAttributeBlock.numReferences');
  }
}

/**
 * What an access control list begins with, as ext and F2FS store it.
 * @see Linux fs/ext4/acl.h: ext4_acl_header
 */
class ExtAccessList {
  readonly _io: SafeStream;
  /**
   * 1
   * Called `a_version` in the original.
   */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.version = io.readU4le('ExtAccessList.version');
  }
}

/** @see Linux fs/ext4/acl.h: ext4_acl_entry, ext4_acl_entry_short */
class ExtAccessEntry {
  readonly _io: SafeStream;
  /** Called `e_tag` in the original. */
  readonly tag: number;
  /** Called `e_perm` in the original. */
  readonly permissions: number;
  /**
   * Of a user (2) or a group (8) that is named.
   * Called `e_id` in the original.
   */
  readonly owner: number | undefined;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = io.readU2le('ExtAccessEntry.tag');
    this.permissions = io.readU2le('ExtAccessEntry.permissions');
    if (this.tag === 2 || this.tag === 8) {
      this.owner = io.readU4le('ExtAccessEntry.owner');
    }
  }
}

/**
 * What each of the fast commits' notes begins with. They lie behind the log
 * of the journal and are little-endian, unlike it.
 * @see Linux fs/ext4/fast_commit.h: struct ext4_fc_tl
 */
class ExtFastCommitTag {
  readonly _io: SafeStream;
  /**
   * 1, blocks added to a file; 2, removed; 3, created; 4, linked; 5,
   * unlinked; 6, an inode; 7, padding; 8, the end of a commit; 9, the head.
   * Called `fc_tag` in the original.
   */
  readonly tag: number;
  /** Called `fc_len` in the original. */
  readonly lenValue: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = io.readU2le('ExtFastCommitTag.tag');
    this.lenValue = io.readU2le('ExtFastCommitTag.lenValue');
  }
}

/** @see Linux fs/ext4/fast_commit.h: struct ext4_fc_head */
class ExtFastCommitHead {
  readonly _io: SafeStream;
  /** Called `fc_features` in the original. */
  readonly features: number;
  /**
   * The transaction that was under way.
   * Called `fc_tid` in the original.
   */
  readonly transaction: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.features = io.readU4le('ExtFastCommitHead.features');
    this.transaction = io.readU4le('ExtFastCommitHead.transaction');
  }
}

/** @see Linux fs/ext4/fast_commit.h: struct ext4_fc_tail */
class ExtFastCommitTail {
  readonly _io: SafeStream;
  /** Called `fc_tid` in the original. */
  readonly transaction: number;
  /**
   * CRC-32C of the notes since the last tail, seed 0.
   * Called `fc_crc` in the original.
   */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.transaction = io.readU4le('ExtFastCommitTail.transaction');
    this.checksum = io.readU4le('ExtFastCommitTail.checksum');
  }
}

/** @see Linux fs/ext4/fast_commit.h: struct ext4_fc_add_range */
class ExtFastCommitAddRange {
  readonly _io: SafeStream;
  /** Called `fc_ino` in the original. */
  readonly inode: number;
  /**
   * As in extent.
   * Called `fc_ex` in the original.
   */
  readonly extent: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.inode = io.readU4le('ExtFastCommitAddRange.inode');
    this.extent = io.take(12, 'ExtFastCommitAddRange.extent');
  }
}

/** @see Linux fs/ext4/fast_commit.h: struct ext4_fc_del_range */
class ExtFastCommitDelRange {
  readonly _io: SafeStream;
  /** Called `fc_ino` in the original. */
  readonly inode: number;
  /** Called `fc_lblk` in the original. */
  readonly block: number;
  /** Called `fc_len` in the original. */
  readonly length: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.inode = io.readU4le('ExtFastCommitDelRange.inode');
    this.block = io.readU4le('ExtFastCommitDelRange.block');
    this.length = io.readU4le('ExtFastCommitDelRange.length');
  }
}

/** @see Linux fs/ext4/fast_commit.h: struct ext4_fc_dentry_info */
class ExtFastCommitName {
  readonly _io: SafeStream;
  /** Called `fc_parent_ino` in the original. */
  readonly parent: number;
  /** Called `fc_ino` in the original. */
  readonly inode: number;
  /** Called `fc_dname` in the original. */
  readonly name: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.parent = io.readU4le('ExtFastCommitName.parent');
    this.inode = io.readU4le('ExtFastCommitName.inode');
    this.name = io.readBytesFull('ExtFastCommitName.name');
  }
}

/** @see Linux fs/ext4/fast_commit.h: struct ext4_fc_inode */
class ExtFastCommitInode {
  readonly _io: SafeStream;
  /** Called `fc_ino` in the original. */
  readonly inode: number;
  /**
   * As in inode.
   * Called `fc_raw_inode` in the original.
   */
  readonly content: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.inode = io.readU4le('ExtFastCommitInode.inode');
    this.content = io.readBytesFull('ExtFastCommitInode.content');
  }
}

/**
 * An entry of a directory's block, without the name that lies behind it.
 * Without the feature filetype the type is the upper half of the name's
 * length, and 0.
 * @see Linux fs/ext4/ext4.h: struct ext4_dir_entry_2
 */
class ExtDirectoryEntryRecord extends RecordCursor {
  /**
   * 0 if unused.
   * Called `inode` in the original.
   */
  get inode(): number {
    return this._view.getUint32(this._offset, true);
  }

  /**
   * Bytes to the next entry; 0 and 0xffff are 64 KiB.
   * Called `rec_len` in the original.
   */
  get lenEntry(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `name_len` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset + 6);
  }

  /** Called `file_type` in the original. */
  get fileType(): number {
    return this._view.getUint8(this._offset + 7);
  }
}

/**
 * What the first block of a directory with an index has behind the entries
 * of itself and its parent.
 * @see Linux fs/ext4/namei.c: struct dx_root
 */
class ExtIndexRoot {
  readonly _io: SafeStream;
  readonly entries: Uint8Array;
  /** Called `reserved_zero` in the original. */
  readonly reserved: number;
  /**
   * 0, legacy; 1, half MD4; 2, TEA; 6, SipHash.
   * Called `hash_version` in the original.
   */
  readonly hashVersion: number;
  /** Called `info_length` in the original. */
  readonly lenInfo: number;
  /**
   * Of nodes below this one.
   * Called `indirect_levels` in the original.
   */
  readonly numLevels: number;
  /** Called `unused_flags` in the original. */
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.entries = io.take(24, 'ExtIndexRoot.entries');
    this.reserved = io.readU4le('ExtIndexRoot.reserved');
    this.hashVersion = io.readU1('ExtIndexRoot.hashVersion');
    this.lenInfo = io.readU1('ExtIndexRoot.lenInfo');
    if (this.lenInfo !== 8) {
      throw new ValidationNotEqualError(8, this.lenInfo, io, 'ExtIndexRoot.lenInfo');
    }
    this.numLevels = io.readU1('ExtIndexRoot.numLevels');
    this.flags = io.readU1('ExtIndexRoot.flags');
  }
}

/**
 * The first entry of a node, without its hash, which is 0.
 * @see Linux fs/ext4/namei.c: struct dx_countlimit
 */
class ExtIndexCount {
  readonly _io: SafeStream;
  /** Called `limit` in the original. */
  readonly maxEntries: number;
  /** Called `count` in the original. */
  readonly numEntries: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.maxEntries = io.readU2le('ExtIndexCount.maxEntries');
    this.numEntries = io.readU2le('ExtIndexCount.numEntries');
  }
}

/** @see Linux fs/ext4/namei.c: struct dx_entry */
class ExtIndexEntryRecord extends RecordCursor {
  /**
   * The lowest hash below; its lowest bit is set if the leaf before has
   * names of that hash, too.
   * Called `hash` in the original.
   */
  get hash(): number {
    return this._view.getUint32(this._offset, true);
  }

  /**
   * Of the directory; the upper four bits are not used.
   * Called `block` in the original.
   */
  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}

/**
 * The block of the feature mmp, which says who has it mounted.
 * @see Linux fs/ext4/ext4.h: struct mmp_struct
 */
class ExtMountProtection {
  readonly _io: SafeStream;
  /**
   * 0x4d4d50.
   * Called `mmp_magic` in the original.
   */
  readonly magic: number;
  /**
   * 0xff4d4d50 after an unmount, 0xe24d4d50 while e2fsck works on it;
   * otherwise it is mounted, and counted up every few seconds.
   * Called `mmp_seq` in the original.
   */
  readonly sequence: number;
  /** When and by whom it was written, and bytes that are not used. */
  readonly holder: Uint8Array;
  /**
   * CRC-32C of all that is before it.
   * Called `mmp_checksum` in the original.
   */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('ExtMountProtection.magic');
    this.sequence = io.readU4le('ExtMountProtection.sequence');
    this.holder = io.take(1012, 'ExtMountProtection.holder');
    this.checksum = io.readU4le('ExtMountProtection.checksum');
  }
}
