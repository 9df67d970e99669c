// Generated from formats/filesystem/xfs.ksy by `npm run generate`. Do not edit: change the specification.
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
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestXfs = Guest<Xfs>;

/** `xfs` from its bytes. @throws FormatError when they are none. */
export function parseXfs(bytes: Uint8Array): GuestXfs {
  return guest(new Xfs(new SafeStream(bytes)));
}

export type GuestXfsAgf = Guest<XfsAgf>;

/** `agf` from its bytes. @throws FormatError when they are none. */
export function parseXfsAgf(bytes: Uint8Array): GuestXfsAgf {
  return guest(new XfsAgf(new SafeStream(bytes)));
}

export type GuestXfsAgi = Guest<XfsAgi>;

/** `agi` from its bytes. @throws FormatError when they are none. */
export function parseXfsAgi(bytes: Uint8Array): GuestXfsAgi {
  return guest(new XfsAgi(new SafeStream(bytes)));
}

export type GuestXfsBtreeBlock = Guest<XfsBtreeBlock>;

/** `btree_block` from its bytes. @throws FormatError when they are none. */
export function parseXfsBtreeBlock(bytes: Uint8Array): GuestXfsBtreeBlock {
  return guest(new XfsBtreeBlock(new SafeStream(bytes)));
}

export type GuestXfsInode = Guest<XfsInode>;

/** `inode` from its bytes. @throws FormatError when they are none. */
export function parseXfsInode(bytes: Uint8Array): GuestXfsInode {
  return guest(new XfsInode(new SafeStream(bytes)));
}

export type GuestXfsLogRecord = Guest<XfsLogRecord>;

/** `log_record` from its bytes. @throws FormatError when they are none. */
export function parseXfsLogRecord(bytes: Uint8Array): GuestXfsLogRecord {
  return guest(new XfsLogRecord(new SafeStream(bytes)));
}

export type GuestXfsBtreePointer = Guest<XfsBtreePointerRecord>;

/** A table of `btree_pointer`: 4 bytes each, `strideBytes` apart. */
export function xfsBtreePointerRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsBtreePointer> {
  return records(new XfsBtreePointerRecord(bytes, 'le'), 4, strideBytes, 'XfsBtreePointer');
}

export type GuestXfsBlockHead = Guest<XfsBlockHeadRecord>;

/** A table of `block_head`: 10 bytes each, `strideBytes` apart. */
export function xfsBlockHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 10,
): Records<GuestXfsBlockHead> {
  return records(new XfsBlockHeadRecord(bytes, 'le'), 10, strideBytes, 'XfsBlockHead');
}

export type GuestXfsDirectoryBlock = Guest<XfsDirectoryBlockRecord>;

/** A table of `directory_block`: 48 bytes each, `strideBytes` apart. */
export function xfsDirectoryBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 48,
): Records<GuestXfsDirectoryBlock> {
  return records(new XfsDirectoryBlockRecord(bytes, 'le'), 48, strideBytes, 'XfsDirectoryBlock');
}

export type GuestXfsNamesBlock = Guest<XfsNamesBlockRecord>;

/** A table of `names_block`: 56 bytes each, `strideBytes` apart. */
export function xfsNamesBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 56,
): Records<GuestXfsNamesBlock> {
  return records(new XfsNamesBlockRecord(bytes, 'le'), 56, strideBytes, 'XfsNamesBlock');
}

export type GuestXfsNamesLinks = Guest<XfsNamesLinksRecord>;

/** A table of `names_links`: 10 bytes each, `strideBytes` apart. */
export function xfsNamesLinksRecords(
  bytes: Uint8Array,
  strideBytes: number = 10,
): Records<GuestXfsNamesLinks> {
  return records(new XfsNamesLinksRecord(bytes, 'le'), 10, strideBytes, 'XfsNamesLinks');
}

export type GuestXfsNamesCount = Guest<XfsNamesCountRecord>;

/** A table of `names_count`: 4 bytes each, `strideBytes` apart. */
export function xfsNamesCountRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsNamesCount> {
  return records(new XfsNamesCountRecord(bytes, 'le'), 4, strideBytes, 'XfsNamesCount');
}

export type GuestXfsNamesPointer = Guest<XfsNamesPointerRecord>;

/** A table of `names_pointer`: 8 bytes each, `strideBytes` apart. */
export function xfsNamesPointerRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsNamesPointer> {
  return records(new XfsNamesPointerRecord(bytes, 'le'), 8, strideBytes, 'XfsNamesPointer');
}

export type GuestXfsAttributeEntry = Guest<XfsAttributeEntryRecord>;

/** A table of `attribute_entry`: 8 bytes each, `strideBytes` apart. */
export function xfsAttributeEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsAttributeEntry> {
  return records(new XfsAttributeEntryRecord(bytes, 'le'), 8, strideBytes, 'XfsAttributeEntry');
}

export type GuestXfsLocalAttribute = Guest<XfsLocalAttributeRecord>;

/** A table of `local_attribute`: 3 bytes each, `strideBytes` apart. */
export function xfsLocalAttributeRecords(
  bytes: Uint8Array,
  strideBytes: number = 3,
): Records<GuestXfsLocalAttribute> {
  return records(new XfsLocalAttributeRecord(bytes, 'le'), 3, strideBytes, 'XfsLocalAttribute');
}

export type GuestXfsRemoteAttribute = Guest<XfsRemoteAttributeRecord>;

/** A table of `remote_attribute`: 9 bytes each, `strideBytes` apart. */
export function xfsRemoteAttributeRecords(
  bytes: Uint8Array,
  strideBytes: number = 9,
): Records<GuestXfsRemoteAttribute> {
  return records(new XfsRemoteAttributeRecord(bytes, 'le'), 9, strideBytes, 'XfsRemoteAttribute');
}

export type GuestXfsShortAttributes = Guest<XfsShortAttributesRecord>;

/** A table of `short_attributes`: 4 bytes each, `strideBytes` apart. */
export function xfsShortAttributesRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsShortAttributes> {
  return records(new XfsShortAttributesRecord(bytes, 'le'), 4, strideBytes, 'XfsShortAttributes');
}

export type GuestXfsShortAttribute = Guest<XfsShortAttributeRecord>;

/** A table of `short_attribute`: 3 bytes each, `strideBytes` apart. */
export function xfsShortAttributeRecords(
  bytes: Uint8Array,
  strideBytes: number = 3,
): Records<GuestXfsShortAttribute> {
  return records(new XfsShortAttributeRecord(bytes, 'le'), 3, strideBytes, 'XfsShortAttribute');
}

export type GuestXfsValueBlock = Guest<XfsValueBlockRecord>;

/** A table of `value_block`: 40 bytes each, `strideBytes` apart. */
export function xfsValueBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 40,
): Records<GuestXfsValueBlock> {
  return records(new XfsValueBlockRecord(bytes, 'le'), 40, strideBytes, 'XfsValueBlock');
}

export type GuestXfsAccessCount = Guest<XfsAccessCountRecord>;

/** A table of `access_count`: 4 bytes each, `strideBytes` apart. */
export function xfsAccessCountRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsAccessCount> {
  return records(new XfsAccessCountRecord(bytes, 'le'), 4, strideBytes, 'XfsAccessCount');
}

export type GuestXfsAccessEntry = Guest<XfsAccessEntryRecord>;

/** A table of `access_entry`: 12 bytes each, `strideBytes` apart. */
export function xfsAccessEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestXfsAccessEntry> {
  return records(new XfsAccessEntryRecord(bytes, 'le'), 12, strideBytes, 'XfsAccessEntry');
}

export type GuestXfsStamp = Guest<XfsStampRecord>;

/** A table of `stamp`: 8 bytes each, `strideBytes` apart. */
export function xfsStampRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsStamp> {
  return records(new XfsStampRecord(bytes, 'le'), 8, strideBytes, 'XfsStamp');
}

export type GuestXfsInodeChunk = Guest<XfsInodeChunkRecord>;

/** A table of `inode_chunk`: 16 bytes each, `strideBytes` apart. */
export function xfsInodeChunkRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestXfsInodeChunk> {
  return records(new XfsInodeChunkRecord(bytes, 'le'), 16, strideBytes, 'XfsInodeChunk');
}

export type GuestXfsRefcountRecord = Guest<XfsRefcountRecordRecord>;

/** A table of `refcount_record`: 12 bytes each, `strideBytes` apart. */
export function xfsRefcountRecordRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestXfsRefcountRecord> {
  return records(new XfsRefcountRecordRecord(bytes, 'le'), 12, strideBytes, 'XfsRefcountRecord');
}

export type GuestXfsReverseMapRecord = Guest<XfsReverseMapRecordRecord>;

/** A table of `reverse_map_record`: 24 bytes each, `strideBytes` apart. */
export function xfsReverseMapRecordRecords(
  bytes: Uint8Array,
  strideBytes: number = 24,
): Records<GuestXfsReverseMapRecord> {
  return records(new XfsReverseMapRecordRecord(bytes, 'le'), 24, strideBytes, 'XfsReverseMapRecord');
}

export type GuestXfsFreeSpaceRecord = Guest<XfsFreeSpaceRecordRecord>;

/** A table of `free_space_record`: 8 bytes each, `strideBytes` apart. */
export function xfsFreeSpaceRecordRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsFreeSpaceRecord> {
  return records(new XfsFreeSpaceRecordRecord(bytes, 'le'), 8, strideBytes, 'XfsFreeSpaceRecord');
}

export type GuestXfsInodeNumber = Guest<XfsInodeNumberRecord>;

/** A table of `inode_number`: 8 bytes each, `strideBytes` apart. */
export function xfsInodeNumberRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsInodeNumber> {
  return records(new XfsInodeNumberRecord(bytes, 'le'), 8, strideBytes, 'XfsInodeNumber');
}

export type GuestXfsShortDirectory = Guest<XfsShortDirectoryRecord>;

/** A table of `short_directory`: 2 bytes each, `strideBytes` apart. */
export function xfsShortDirectoryRecords(
  bytes: Uint8Array,
  strideBytes: number = 2,
): Records<GuestXfsShortDirectory> {
  return records(new XfsShortDirectoryRecord(bytes, 'le'), 2, strideBytes, 'XfsShortDirectory');
}

export type GuestXfsShortDirectoryEntry = Guest<XfsShortDirectoryEntryRecord>;

/** A table of `short_directory_entry`: 3 bytes each, `strideBytes` apart. */
export function xfsShortDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 3,
): Records<GuestXfsShortDirectoryEntry> {
  return records(new XfsShortDirectoryEntryRecord(bytes, 'le'), 3, strideBytes, 'XfsShortDirectoryEntry');
}

export type GuestXfsDirectoryEntry = Guest<XfsDirectoryEntryRecord>;

/** A table of `directory_entry`: 9 bytes each, `strideBytes` apart. */
export function xfsDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 9,
): Records<GuestXfsDirectoryEntry> {
  return records(new XfsDirectoryEntryRecord(bytes, 'le'), 9, strideBytes, 'XfsDirectoryEntry');
}

export type GuestXfsDirectoryRoom = Guest<XfsDirectoryRoomRecord>;

/** A table of `directory_room`: 4 bytes each, `strideBytes` apart. */
export function xfsDirectoryRoomRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsDirectoryRoom> {
  return records(new XfsDirectoryRoomRecord(bytes, 'le'), 4, strideBytes, 'XfsDirectoryRoom');
}

export type GuestXfsDirectoryTail = Guest<XfsDirectoryTailRecord>;

/** A table of `directory_tail`: 8 bytes each, `strideBytes` apart. */
export function xfsDirectoryTailRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsDirectoryTail> {
  return records(new XfsDirectoryTailRecord(bytes, 'le'), 8, strideBytes, 'XfsDirectoryTail');
}

export type GuestXfsBtreeHead = Guest<XfsBtreeHeadRecord>;

/** A table of `btree_head`: 16 bytes each, `strideBytes` apart. */
export function xfsBtreeHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestXfsBtreeHead> {
  return records(new XfsBtreeHeadRecord(bytes, 'le'), 16, strideBytes, 'XfsBtreeHead');
}

export type GuestXfsLongBtreeHead = Guest<XfsLongBtreeHeadRecord>;

/** A table of `long_btree_head`: 24 bytes each, `strideBytes` apart. */
export function xfsLongBtreeHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 24,
): Records<GuestXfsLongBtreeHead> {
  return records(new XfsLongBtreeHeadRecord(bytes, 'le'), 24, strideBytes, 'XfsLongBtreeHead');
}

export type GuestXfsLongBtreeBlock = Guest<XfsLongBtreeBlockRecord>;

/** A table of `long_btree_block`: 72 bytes each, `strideBytes` apart. */
export function xfsLongBtreeBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 72,
): Records<GuestXfsLongBtreeBlock> {
  return records(new XfsLongBtreeBlockRecord(bytes, 'le'), 72, strideBytes, 'XfsLongBtreeBlock');
}

export type GuestXfsLongBtreePointer = Guest<XfsLongBtreePointerRecord>;

/** A table of `long_btree_pointer`: 8 bytes each, `strideBytes` apart. */
export function xfsLongBtreePointerRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestXfsLongBtreePointer> {
  return records(new XfsLongBtreePointerRecord(bytes, 'le'), 8, strideBytes, 'XfsLongBtreePointer');
}

export type GuestXfsBtreeRoot = Guest<XfsBtreeRootRecord>;

/** A table of `btree_root`: 4 bytes each, `strideBytes` apart. */
export function xfsBtreeRootRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsBtreeRoot> {
  return records(new XfsBtreeRootRecord(bytes, 'le'), 4, strideBytes, 'XfsBtreeRoot');
}

export type GuestXfsFileExtent = Guest<XfsFileExtentRecord>;

/** A table of `file_extent`: 16 bytes each, `strideBytes` apart. */
export function xfsFileExtentRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestXfsFileExtent> {
  return records(new XfsFileExtentRecord(bytes, 'le'), 16, strideBytes, 'XfsFileExtent');
}

export type GuestXfsLogBlock = Guest<XfsLogBlockRecord>;

/** A table of `log_block`: 512 bytes each, `strideBytes` apart. */
export function xfsLogBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 512,
): Records<GuestXfsLogBlock> {
  return records(new XfsLogBlockRecord(bytes, 'le'), 512, strideBytes, 'XfsLogBlock');
}

/** Where the fields of `xfs` lie in it. */
export const XfsFields = {
  magic: { at: 0, sizeBytes: 4 },
  lenBlock: { at: 4, type: 'u4be' },
  numDataBlocks: { at: 8, type: 'u8be' },
  numRealtimeBlocks: { at: 16, type: 'u8be' },
  numRealtimeExtents: { at: 24, type: 'u8be' },
  uuid: { at: 32, sizeBytes: 16 },
  logStart: { at: 48, type: 'u8be' },
  rootInode: { at: 56, type: 'u8be' },
  realtimeBitmapInode: { at: 64, type: 'u8be' },
  realtimeSummaryInode: { at: 72, type: 'u8be' },
  realtimeExtentSize: { at: 80, type: 'u4be' },
  blocksPerGroup: { at: 84, type: 'u4be' },
  numGroups: { at: 88, type: 'u4be' },
  numRealtimeBitmapBlocks: { at: 92, type: 'u4be' },
  numLogBlocks: { at: 96, type: 'u4be' },
  version: { at: 100, type: 'u2be' },
  lenSector: { at: 102, type: 'u2be' },
  lenInode: { at: 104, type: 'u2be' },
  inodesPerBlock: { at: 106, type: 'u2be' },
  label: { at: 108, sizeBytes: 12 },
  log2Block: { at: 120, type: 'u1' },
  log2Sector: { at: 121, type: 'u1' },
  log2Inode: { at: 122, type: 'u1' },
  log2InodesPerBlock: { at: 123, type: 'u1' },
  log2BlocksPerGroup: { at: 124, type: 'u1' },
  log2RealtimeExtents: { at: 125, type: 'u1' },
  inProgress: { at: 126, type: 'u1' },
  maxInodePercent: { at: 127, type: 'u1' },
  numInodes: { at: 128, type: 'u8be' },
  numFreeInodes: { at: 136, type: 'u8be' },
  numFreeBlocks: { at: 144, type: 'u8be' },
  numFreeRealtimeExtents: { at: 152, type: 'u8be' },
  userQuotaInode: { at: 160, type: 'u8be' },
  groupQuotaInode: { at: 168, type: 'u8be' },
  quotaFlags: { at: 176, type: 'u2be' },
  flags: { at: 178, type: 'u1' },
  sharedVersion: { at: 179, type: 'u1' },
  inodeAlignment: { at: 180, type: 'u4be' },
  stripeUnit: { at: 184, type: 'u4be' },
  stripeWidth: { at: 188, type: 'u4be' },
  log2DirectoryBlocks: { at: 192, type: 'u1' },
  log2LogSector: { at: 193, type: 'u1' },
  lenLogSector: { at: 194, type: 'u2be' },
  logStripeUnit: { at: 196, type: 'u4be' },
  features2: { at: 200, type: 'u4be' },
  badFeatures2: { at: 204, type: 'u4be' },
  featuresCompat: { at: 208, type: 'u4be' },
  featuresRoCompat: { at: 212, type: 'u4be' },
  featuresIncompat: { at: 216, type: 'u4be' },
  featuresLogIncompat: { at: 220, type: 'u4be' },
  checksum: { at: 224, type: 'u4le' },
  sparseInodeAlignment: { at: 228, type: 'u4be' },
  projectQuotaInode: { at: 232, type: 'u8be' },
  lastWriteLsn: { at: 240, type: 'u8be' },
  metaUuid: { at: 248, sizeBytes: 16 },
} as const;

/** Where the fields of `agf` lie in it. */
export const XfsAgfFields = {
  magic: { at: 0, sizeBytes: 4 },
  version: { at: 4, type: 'u4be' },
  groupNumber: { at: 8, type: 'u4be' },
  numBlocks: { at: 12, type: 'u4be' },
  bnoRoot: { at: 16, type: 'u4be' },
  cntRoot: { at: 20, type: 'u4be' },
  rmapRoot: { at: 24, type: 'u4be' },
  bnoLevel: { at: 28, type: 'u4be' },
  cntLevel: { at: 32, type: 'u4be' },
  rmapLevel: { at: 36, type: 'u4be' },
  freeListFirst: { at: 40, type: 'u4be' },
  freeListLast: { at: 44, type: 'u4be' },
  numFreeListBlocks: { at: 48, type: 'u4be' },
  numFreeBlocks: { at: 52, type: 'u4be' },
  longestFreeExtent: { at: 56, type: 'u4be' },
  numBtreeBlocks: { at: 60, type: 'u4be' },
  uuid: { at: 64, sizeBytes: 16 },
  numRmapBlocks: { at: 80, type: 'u4be' },
  numRefcountBlocks: { at: 84, type: 'u4be' },
  refcountRoot: { at: 88, type: 'u4be' },
  refcountLevel: { at: 92, type: 'u4be' },
  reserved1: { at: 96, sizeBytes: 112 },
  lastWriteLsn: { at: 208, type: 'u8be' },
  checksum: { at: 216, type: 'u4le' },
} as const;

/** Where the fields of `agi` lie in it. */
export const XfsAgiFields = {
  magic: { at: 0, sizeBytes: 4 },
  version: { at: 4, type: 'u4be' },
  groupNumber: { at: 8, type: 'u4be' },
  numBlocks: { at: 12, type: 'u4be' },
  numInodes: { at: 16, type: 'u4be' },
  inodeRoot: { at: 20, type: 'u4be' },
  inodeLevel: { at: 24, type: 'u4be' },
  numFreeInodes: { at: 28, type: 'u4be' },
  newestInode: { at: 32, type: 'u4be' },
  directoryInode: { at: 36, type: 'u4be' },
  unlinked: { at: 40, sizeBytes: 256 },
  uuid: { at: 296, sizeBytes: 16 },
  checksum: { at: 312, type: 'u4le' },
  reserved1: { at: 316, type: 'u4be' },
  lastWriteLsn: { at: 320, type: 'u8be' },
  freeInodeRoot: { at: 328, type: 'u4be' },
  freeInodeLevel: { at: 332, type: 'u4be' },
  numInodeTreeBlocks: { at: 336, type: 'u4be' },
  numFreeInodeTreeBlocks: { at: 340, type: 'u4be' },
} as const;

/** Where the fields of `btree_block` lie in it. */
export const XfsBtreeBlockFields = {
  magic: { at: 0, sizeBytes: 4 },
  level: { at: 4, type: 'u2be' },
  numRecords: { at: 6, type: 'u2be' },
  leftSibling: { at: 8, type: 'u4be' },
  rightSibling: { at: 12, type: 'u4be' },
  blockNumber: { at: 16, type: 'u8be' },
  lastWriteLsn: { at: 24, type: 'u8be' },
  uuid: { at: 32, sizeBytes: 16 },
  owner: { at: 48, type: 'u4be' },
  checksum: { at: 52, type: 'u4le' },
} as const;

/** Where the fields of `free_list` lie in it. */
export const XfsFreeListFields = {
  magic: { at: 0, sizeBytes: 4 },
  groupNumber: { at: 4, type: 'u4be' },
  uuid: { at: 8, sizeBytes: 16 },
  lastWriteLsn: { at: 24, type: 'u8be' },
  checksum: { at: 32, type: 'u4le' },
} as const;

/** Where the fields of `symlink_block` lie in it. */
export const XfsSymlinkBlockFields = {
  magic: { at: 0, sizeBytes: 4 },
  offset: { at: 4, type: 'u4be' },
  lenTarget: { at: 8, type: 'u4be' },
  checksum: { at: 12, type: 'u4le' },
  uuid: { at: 16, sizeBytes: 16 },
  owner: { at: 32, type: 'u8be' },
  blockNumber: { at: 40, type: 'u8be' },
  lastWriteLsn: { at: 48, type: 'u8be' },
} as const;

/** Where the fields of `directory_block` lie in it. */
export const XfsDirectoryBlockFields = {
  magic: { at: 0, type: 'u4be' },
  checksum: { at: 4, type: 'u4le' },
  blockNumber: { at: 8, type: 'u8be' },
  lastWriteLsn: { at: 16, type: 'u8be' },
  uuid: { at: 24, sizeBytes: 16 },
  owner: { at: 40, type: 'u8be' },
} as const;

/** Where the fields of `names_block` lie in it. */
export const XfsNamesBlockFields = {
  forward: { at: 0, type: 'u4be' },
  back: { at: 4, type: 'u4be' },
  magic: { at: 8, type: 'u2be' },
  reserved1: { at: 10, type: 'u2be' },
  checksum: { at: 12, type: 'u4le' },
  blockNumber: { at: 16, type: 'u8be' },
  lastWriteLsn: { at: 24, type: 'u8be' },
  uuid: { at: 32, sizeBytes: 16 },
  owner: { at: 48, type: 'u8be' },
} as const;

/** Where the fields of `value_block` lie in it. */
export const XfsValueBlockFields = {
  magic: { at: 0, sizeBytes: 4 },
  offset: { at: 4, type: 'u4be' },
  lenValue: { at: 8, type: 'u4be' },
  checksum: { at: 12, type: 'u4le' },
  uuid: { at: 16, sizeBytes: 16 },
  owner: { at: 32, type: 'u8be' },
} as const;

/** Where the fields of `long_btree_block` lie in it. */
export const XfsLongBtreeBlockFields = {
  magic: { at: 0, type: 'u4be' },
  level: { at: 4, type: 'u2be' },
  numRecords: { at: 6, type: 'u2be' },
  leftSibling: { at: 8, type: 'u8be' },
  rightSibling: { at: 16, type: 'u8be' },
  blockNumber: { at: 24, type: 'u8be' },
  lastWriteLsn: { at: 32, type: 'u8be' },
  uuid: { at: 40, sizeBytes: 16 },
  owner: { at: 56, type: 'u8be' },
  checksum: { at: 64, type: 'u4le' },
  reserved1: { at: 68, type: 'u4be' },
} as const;

/** Where the fields of `inode` lie in it. */
export const XfsInodeFields = {
  magic: { at: 0, sizeBytes: 2 },
  mode: { at: 2, type: 'u2be' },
  version: { at: 4, type: 'u1' },
  dataFormat: { at: 5, type: 'u1' },
  numLinksOld: { at: 6, type: 'u2be' },
  owner: { at: 8, type: 'u4be' },
  ownerGroup: { at: 12, type: 'u4be' },
  numLinks: { at: 16, type: 'u4be' },
  projectLo: { at: 20, type: 'u2be' },
  projectHi: { at: 22, type: 'u2be' },
  numExtentsBig: { at: 24, type: 'u8be' },
  accessed: { at: 32, type: 'u8be' },
  modified: { at: 40, type: 'u8be' },
  changed: { at: 48, type: 'u8be' },
  lenFile: { at: 56, type: 'u8be' },
  numBlocks: { at: 64, type: 'u8be' },
  extentSize: { at: 72, type: 'u4be' },
  numExtents: { at: 76, type: 'u4be' },
  numAttributeExtents: { at: 80, type: 'u2be' },
  attributesOffset: { at: 82, type: 'u1' },
  attributesFormat: { at: 83, type: 'u1' },
  eventMask: { at: 84, type: 'u4be' },
  eventState: { at: 88, type: 'u2be' },
  flags: { at: 90, type: 'u2be' },
  generation: { at: 92, type: 'u4be' },
  nextUnlinked: { at: 96, type: 'u4be' },
  checksum: { at: 100, type: 'u4le' },
  changeCount: { at: 104, type: 'u8be' },
  lastWriteLsn: { at: 112, type: 'u8be' },
  flags2: { at: 120, type: 'u8be' },
  cowExtentSize: { at: 128, type: 'u4be' },
  reserved1: { at: 132, sizeBytes: 12 },
  created: { at: 144, type: 'u8be' },
  number: { at: 152, type: 'u8be' },
  uuid: { at: 160, sizeBytes: 16 },
} as const;

/** Where the fields of `log_record` lie in it. */
export const XfsLogRecordFields = {
  magic: { at: 0, sizeBytes: 4 },
  cycle: { at: 4, type: 'u4be' },
  version: { at: 8, type: 'u4be' },
  lenData: { at: 12, type: 'u4be' },
  lsn: { at: 16, type: 'u8be' },
  tailLsn: { at: 24, type: 'u8be' },
  checksum: { at: 32, type: 'u4le' },
  previousBlock: { at: 36, type: 'u4be' },
  numOperations: { at: 40, type: 'u4be' },
  firstWords: { at: 44, sizeBytes: 256 },
  format: { at: 300, type: 'u4be' },
  uuid: { at: 304, sizeBytes: 16 },
  lenBuffer: { at: 320, type: 'u4be' },
} as const;

/** Where the fields of `more_log_record` lie in it. */
export const XfsMoreLogRecordFields = {
  cycle: { at: 0, type: 'u4be' },
  firstWords: { at: 4, sizeBytes: 256 },
} as const;

/**
 * The superblock of an XFS filesystem, versions 4 and 5, the headers of its
 * allocation groups, and as much of its log as tells whether it was unmounted
 * cleanly.
 * @see https://mirrors.edge.kernel.org/pub/linux/utils/fs/xfs/docs/xfs_filesystem_structure.pdf
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_dsb, xfs_agf, xfs_agi
 * @see Linux fs/xfs/libxfs/xfs_log_format.h
 */
class Xfs {
  readonly _io: SafeStream;
  /** Called `sb_magicnum` in the original. */
  readonly magic: Uint8Array;
  /** Called `sb_blocksize` in the original. */
  readonly lenBlock: number;
  /** Called `sb_dblocks` in the original. */
  readonly numDataBlocks: bigint;
  /** Called `sb_rblocks` in the original. */
  readonly numRealtimeBlocks: bigint;
  /** Called `sb_rextents` in the original. */
  readonly numRealtimeExtents: bigint;
  /** Called `sb_uuid` in the original. */
  readonly uuid: Uint8Array;
  /**
   * Filesystem block of the internal log; 0 if it is on another device.
   * Called `sb_logstart` in the original.
   */
  readonly logStart: bigint;
  /** Called `sb_rootino` in the original. */
  readonly rootInode: bigint;
  /** Called `sb_rbmino` in the original. */
  readonly realtimeBitmapInode: bigint;
  /** Called `sb_rsumino` in the original. */
  readonly realtimeSummaryInode: bigint;
  /** Called `sb_rextsize` in the original. */
  readonly realtimeExtentSize: number;
  /** Called `sb_agblocks` in the original. */
  readonly blocksPerGroup: number;
  /** Called `sb_agcount` in the original. */
  readonly numGroups: number;
  /** Called `sb_rbmblocks` in the original. */
  readonly numRealtimeBitmapBlocks: number;
  /** Called `sb_logblocks` in the original. */
  readonly numLogBlocks: number;
  /**
   * The lower four bits are the version, the others are features.
   * Called `sb_versionnum` in the original.
   */
  readonly version: number;
  /** Called `sb_sectsize` in the original. */
  readonly lenSector: number;
  /** Called `sb_inodesize` in the original. */
  readonly lenInode: number;
  /** Called `sb_inopblock` in the original. */
  readonly inodesPerBlock: number;
  /** Called `sb_fname` in the original. */
  readonly label: string;
  /** Called `sb_blocklog` in the original. */
  readonly log2Block: number;
  /** Called `sb_sectlog` in the original. */
  readonly log2Sector: number;
  /** Called `sb_inodelog` in the original. */
  readonly log2Inode: number;
  /** Called `sb_inopblog` in the original. */
  readonly log2InodesPerBlock: number;
  /** Called `sb_agblklog` in the original. */
  readonly log2BlocksPerGroup: number;
  /** Called `sb_rextslog` in the original. */
  readonly log2RealtimeExtents: number;
  /**
   * Not 0 while mkfs runs, and in the copies of the superblock.
   * Called `sb_inprogress` in the original.
   */
  readonly inProgress: number;
  /**
   * The part of the space that inodes may fill; 0 is without limit.
   * Called `sb_imax_pct` in the original.
   */
  readonly maxInodePercent: number;
  /**
   * Inodes allocated, used or free.
   * Called `sb_icount` in the original.
   */
  readonly numInodes: bigint;
  /** Called `sb_ifree` in the original. */
  readonly numFreeInodes: bigint;
  /** Called `sb_fdblocks` in the original. */
  readonly numFreeBlocks: bigint;
  /** Called `sb_frextents` in the original. */
  readonly numFreeRealtimeExtents: bigint;
  /** Called `sb_uquotino` in the original. */
  readonly userQuotaInode: bigint;
  /** Called `sb_gquotino` in the original. */
  readonly groupQuotaInode: bigint;
  /** Called `sb_qflags` in the original. */
  readonly quotaFlags: number;
  /** Called `sb_flags` in the original. */
  readonly flags: number;
  /** Called `sb_shared_vn` in the original. */
  readonly sharedVersion: number;
  /** Called `sb_inoalignmt` in the original. */
  readonly inodeAlignment: number;
  /** Called `sb_unit` in the original. */
  readonly stripeUnit: number;
  /** Called `sb_width` in the original. */
  readonly stripeWidth: number;
  /** Called `sb_dirblklog` in the original. */
  readonly log2DirectoryBlocks: number;
  /** Called `sb_logsectlog` in the original. */
  readonly log2LogSector: number;
  /** Called `sb_logsectsize` in the original. */
  readonly lenLogSector: number;
  /** Called `sb_logsunit` in the original. */
  readonly logStripeUnit: number;
  /** Called `sb_features2` in the original. */
  readonly features2: number;
  /** Called `sb_bad_features2` in the original. */
  readonly badFeatures2: number;
  /**
   * This and what follows is of version 5 only.
   * Called `sb_features_compat` in the original.
   */
  readonly featuresCompat: number;
  /** Called `sb_features_ro_compat` in the original. */
  readonly featuresRoCompat: number;
  /** Called `sb_features_incompat` in the original. */
  readonly featuresIncompat: number;
  /** Called `sb_features_log_incompat` in the original. */
  readonly featuresLogIncompat: number;
  /**
   * CRC-32C of the sector, this field being 0.
   * Called `sb_crc` in the original.
   */
  readonly checksum: number;
  /** Called `sb_spino_align` in the original. */
  readonly sparseInodeAlignment: number;
  /** Called `sb_pquotino` in the original. */
  readonly projectQuotaInode: bigint;
  /** Called `sb_lsn` in the original. */
  readonly lastWriteLsn: bigint;
  /**
   * With the feature meta_uuid, the UUID that all other metadata bears.
   * Called `sb_meta_uuid` in the original.
   */
  readonly metaUuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Xfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(88, 70, 83, 66)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(88, 70, 83, 66), this.magic, io, 'Xfs.magic', 'BAD_MAGIC');
    }
    this.lenBlock = io.readU4be('Xfs.lenBlock');
    if (this.lenBlock < 512) {
      throw new ValidationLessThanError(512, this.lenBlock, io, 'Xfs.lenBlock');
    }
    if (this.lenBlock > 65536) {
      throw new ValidationGreaterThanError(65536, this.lenBlock, io, 'Xfs.lenBlock');
    }
    this.numDataBlocks = io.readU8be('Xfs.numDataBlocks');
    this.numRealtimeBlocks = io.readU8be('Xfs.numRealtimeBlocks');
    this.numRealtimeExtents = io.readU8be('Xfs.numRealtimeExtents');
    this.uuid = io.take(16, 'Xfs.uuid');
    this.logStart = io.readU8be('Xfs.logStart');
    this.rootInode = io.readU8be('Xfs.rootInode');
    this.realtimeBitmapInode = io.readU8be('Xfs.realtimeBitmapInode');
    this.realtimeSummaryInode = io.readU8be('Xfs.realtimeSummaryInode');
    this.realtimeExtentSize = io.readU4be('Xfs.realtimeExtentSize');
    this.blocksPerGroup = io.readU4be('Xfs.blocksPerGroup');
    this.numGroups = io.readU4be('Xfs.numGroups');
    this.numRealtimeBitmapBlocks = io.readU4be('Xfs.numRealtimeBitmapBlocks');
    this.numLogBlocks = io.readU4be('Xfs.numLogBlocks');
    this.version = io.readU2be('Xfs.version');
    this.lenSector = io.readU2be('Xfs.lenSector');
    if (this.lenSector < 512) {
      throw new ValidationLessThanError(512, this.lenSector, io, 'Xfs.lenSector');
    }
    if (this.lenSector > 32768) {
      throw new ValidationGreaterThanError(32768, this.lenSector, io, 'Xfs.lenSector');
    }
    this.lenInode = io.readU2be('Xfs.lenInode');
    if (this.lenInode < 256) {
      throw new ValidationLessThanError(256, this.lenInode, io, 'Xfs.lenInode');
    }
    if (this.lenInode > 2048) {
      throw new ValidationGreaterThanError(2048, this.lenInode, io, 'Xfs.lenInode');
    }
    this.inodesPerBlock = io.readU2be('Xfs.inodesPerBlock');
    this.label = decode(terminate(io.take(12, 'Xfs.label'), [0], false), 'UTF-8');
    this.log2Block = io.readU1('Xfs.log2Block');
    if (this.log2Block < 9) {
      throw new ValidationLessThanError(9, this.log2Block, io, 'Xfs.log2Block');
    }
    if (this.log2Block > 16) {
      throw new ValidationGreaterThanError(16, this.log2Block, io, 'Xfs.log2Block');
    }
    this.log2Sector = io.readU1('Xfs.log2Sector');
    if (this.log2Sector < 9) {
      throw new ValidationLessThanError(9, this.log2Sector, io, 'Xfs.log2Sector');
    }
    if (this.log2Sector > 15) {
      throw new ValidationGreaterThanError(15, this.log2Sector, io, 'Xfs.log2Sector');
    }
    this.log2Inode = io.readU1('Xfs.log2Inode');
    if (this.log2Inode < 8) {
      throw new ValidationLessThanError(8, this.log2Inode, io, 'Xfs.log2Inode');
    }
    if (this.log2Inode > 11) {
      throw new ValidationGreaterThanError(11, this.log2Inode, io, 'Xfs.log2Inode');
    }
    this.log2InodesPerBlock = io.readU1('Xfs.log2InodesPerBlock');
    if (this.log2InodesPerBlock > 8) {
      throw new ValidationGreaterThanError(8, this.log2InodesPerBlock, io, 'Xfs.log2InodesPerBlock');
    }
    this.log2BlocksPerGroup = io.readU1('Xfs.log2BlocksPerGroup');
    if (this.log2BlocksPerGroup > 31) {
      throw new ValidationGreaterThanError(31, this.log2BlocksPerGroup, io, 'Xfs.log2BlocksPerGroup');
    }
    this.log2RealtimeExtents = io.readU1('Xfs.log2RealtimeExtents');
    this.inProgress = io.readU1('Xfs.inProgress');
    this.maxInodePercent = io.readU1('Xfs.maxInodePercent');
    if (this.maxInodePercent > 100) {
      throw new ValidationGreaterThanError(100, this.maxInodePercent, io, 'Xfs.maxInodePercent');
    }
    this.numInodes = io.readU8be('Xfs.numInodes');
    this.numFreeInodes = io.readU8be('Xfs.numFreeInodes');
    this.numFreeBlocks = io.readU8be('Xfs.numFreeBlocks');
    this.numFreeRealtimeExtents = io.readU8be('Xfs.numFreeRealtimeExtents');
    this.userQuotaInode = io.readU8be('Xfs.userQuotaInode');
    this.groupQuotaInode = io.readU8be('Xfs.groupQuotaInode');
    this.quotaFlags = io.readU2be('Xfs.quotaFlags');
    this.flags = io.readU1('Xfs.flags');
    this.sharedVersion = io.readU1('Xfs.sharedVersion');
    this.inodeAlignment = io.readU4be('Xfs.inodeAlignment');
    this.stripeUnit = io.readU4be('Xfs.stripeUnit');
    this.stripeWidth = io.readU4be('Xfs.stripeWidth');
    this.log2DirectoryBlocks = io.readU1('Xfs.log2DirectoryBlocks');
    this.log2LogSector = io.readU1('Xfs.log2LogSector');
    this.lenLogSector = io.readU2be('Xfs.lenLogSector');
    this.logStripeUnit = io.readU4be('Xfs.logStripeUnit');
    this.features2 = io.readU4be('Xfs.features2');
    this.badFeatures2 = io.readU4be('Xfs.badFeatures2');
    this.featuresCompat = io.readU4be('Xfs.featuresCompat');
    this.featuresRoCompat = io.readU4be('Xfs.featuresRoCompat');
    this.featuresIncompat = io.readU4be('Xfs.featuresIncompat');
    this.featuresLogIncompat = io.readU4be('Xfs.featuresLogIncompat');
    this.checksum = io.readU4le('Xfs.checksum');
    this.sparseInodeAlignment = io.readU4be('Xfs.sparseInodeAlignment');
    this.projectQuotaInode = io.readU8be('Xfs.projectQuotaInode');
    this.lastWriteLsn = io.readU8be('Xfs.lastWriteLsn');
    this.metaUuid = io.take(16, 'Xfs.metaUuid');
  }
}

/** What an allocation group knows of its free space; its second sector. */
class XfsAgf {
  readonly _io: SafeStream;
  /** Called `agf_magicnum` in the original. */
  readonly magic: Uint8Array;
  /** Called `agf_versionnum` in the original. */
  readonly version: number;
  /** Called `agf_seqno` in the original. */
  readonly groupNumber: number;
  /** Called `agf_length` in the original. */
  readonly numBlocks: number;
  /** Called `agf_bno_root` in the original. */
  readonly bnoRoot: number;
  /** Called `agf_cnt_root` in the original. */
  readonly cntRoot: number;
  /** Called `agf_rmap_root` in the original. */
  readonly rmapRoot: number;
  /** Called `agf_bno_level` in the original. */
  readonly bnoLevel: number;
  /** Called `agf_cnt_level` in the original. */
  readonly cntLevel: number;
  /** Called `agf_rmap_level` in the original. */
  readonly rmapLevel: number;
  /** Called `agf_flfirst` in the original. */
  readonly freeListFirst: number;
  /** Called `agf_fllast` in the original. */
  readonly freeListLast: number;
  /** Called `agf_flcount` in the original. */
  readonly numFreeListBlocks: number;
  /** Called `agf_freeblks` in the original. */
  readonly numFreeBlocks: number;
  /** Called `agf_longest` in the original. */
  readonly longestFreeExtent: number;
  /**
   * Blocks of the trees of free space and of the reverse map, without their roots.
   * Called `agf_btreeblks` in the original.
   */
  readonly numBtreeBlocks: number;
  /** Called `agf_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `agf_rmap_blocks` in the original. */
  readonly numRmapBlocks: number;
  /** Called `agf_refcount_blocks` in the original. */
  readonly numRefcountBlocks: number;
  /** Called `agf_refcount_root` in the original. */
  readonly refcountRoot: number;
  /** Called `agf_refcount_level` in the original. */
  readonly refcountLevel: number;
  /** Called `agf_spare64` in the original. */
  readonly reserved1: Uint8Array;
  /** Called `agf_lsn` in the original. */
  readonly lastWriteLsn: bigint;
  /** Called `agf_crc` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'XfsAgf.magic');
    if (compareBytes(this.magic, Uint8Array.of(88, 65, 71, 70)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(88, 65, 71, 70), this.magic, io, 'XfsAgf.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('XfsAgf.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'XfsAgf.version');
    }
    this.groupNumber = io.readU4be('XfsAgf.groupNumber');
    this.numBlocks = io.readU4be('XfsAgf.numBlocks');
    this.bnoRoot = io.readU4be('XfsAgf.bnoRoot');
    this.cntRoot = io.readU4be('XfsAgf.cntRoot');
    this.rmapRoot = io.readU4be('XfsAgf.rmapRoot');
    this.bnoLevel = io.readU4be('XfsAgf.bnoLevel');
    this.cntLevel = io.readU4be('XfsAgf.cntLevel');
    this.rmapLevel = io.readU4be('XfsAgf.rmapLevel');
    this.freeListFirst = io.readU4be('XfsAgf.freeListFirst');
    this.freeListLast = io.readU4be('XfsAgf.freeListLast');
    this.numFreeListBlocks = io.readU4be('XfsAgf.numFreeListBlocks');
    this.numFreeBlocks = io.readU4be('XfsAgf.numFreeBlocks');
    this.longestFreeExtent = io.readU4be('XfsAgf.longestFreeExtent');
    this.numBtreeBlocks = io.readU4be('XfsAgf.numBtreeBlocks');
    this.uuid = io.take(16, 'XfsAgf.uuid');
    this.numRmapBlocks = io.readU4be('XfsAgf.numRmapBlocks');
    this.numRefcountBlocks = io.readU4be('XfsAgf.numRefcountBlocks');
    this.refcountRoot = io.readU4be('XfsAgf.refcountRoot');
    this.refcountLevel = io.readU4be('XfsAgf.refcountLevel');
    this.reserved1 = io.take(112, 'XfsAgf.reserved1');
    this.lastWriteLsn = io.readU8be('XfsAgf.lastWriteLsn');
    this.checksum = io.readU4le('XfsAgf.checksum');
  }
}

/** What an allocation group knows of its inodes; its third sector. */
class XfsAgi {
  readonly _io: SafeStream;
  /** Called `agi_magicnum` in the original. */
  readonly magic: Uint8Array;
  /** Called `agi_versionnum` in the original. */
  readonly version: number;
  /** Called `agi_seqno` in the original. */
  readonly groupNumber: number;
  /** Called `agi_length` in the original. */
  readonly numBlocks: number;
  /** Called `agi_count` in the original. */
  readonly numInodes: number;
  /** Called `agi_root` in the original. */
  readonly inodeRoot: number;
  /** Called `agi_level` in the original. */
  readonly inodeLevel: number;
  /** Called `agi_freecount` in the original. */
  readonly numFreeInodes: number;
  /** Called `agi_newino` in the original. */
  readonly newestInode: number;
  /** Called `agi_dirino` in the original. */
  readonly directoryInode: number;
  /** Called `agi_unlinked` in the original. */
  readonly unlinked: Uint8Array;
  /** Called `agi_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `agi_crc` in the original. */
  readonly checksum: number;
  /** Called `agi_pad32` in the original. */
  readonly reserved1: number;
  /** Called `agi_lsn` in the original. */
  readonly lastWriteLsn: bigint;
  /** Called `agi_free_root` in the original. */
  readonly freeInodeRoot: number;
  /** Called `agi_free_level` in the original. */
  readonly freeInodeLevel: number;
  /** Called `agi_iblocks` in the original. */
  readonly numInodeTreeBlocks: number;
  /**
   * With the feature inobtcount.
   * Called `agi_fblocks` in the original.
   */
  readonly numFreeInodeTreeBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'XfsAgi.magic');
    if (compareBytes(this.magic, Uint8Array.of(88, 65, 71, 73)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(88, 65, 71, 73), this.magic, io, 'XfsAgi.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('XfsAgi.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'XfsAgi.version');
    }
    this.groupNumber = io.readU4be('XfsAgi.groupNumber');
    this.numBlocks = io.readU4be('XfsAgi.numBlocks');
    this.numInodes = io.readU4be('XfsAgi.numInodes');
    this.inodeRoot = io.readU4be('XfsAgi.inodeRoot');
    this.inodeLevel = io.readU4be('XfsAgi.inodeLevel');
    this.numFreeInodes = io.readU4be('XfsAgi.numFreeInodes');
    this.newestInode = io.readU4be('XfsAgi.newestInode');
    this.directoryInode = io.readU4be('XfsAgi.directoryInode');
    this.unlinked = io.take(256, 'XfsAgi.unlinked');
    this.uuid = io.take(16, 'XfsAgi.uuid');
    this.checksum = io.readU4le('XfsAgi.checksum');
    this.reserved1 = io.readU4be('XfsAgi.reserved1');
    this.lastWriteLsn = io.readU8be('XfsAgi.lastWriteLsn');
    this.freeInodeRoot = io.readU4be('XfsAgi.freeInodeRoot');
    this.freeInodeLevel = io.readU4be('XfsAgi.freeInodeLevel');
    this.numInodeTreeBlocks = io.readU4be('XfsAgi.numInodeTreeBlocks');
    this.numFreeInodeTreeBlocks = io.readU4be('XfsAgi.numFreeInodeTreeBlocks');
  }
}

/**
 * The head of a block of a tree within one allocation group, in version 5.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_btree_block
 */
class XfsBtreeBlock {
  readonly _io: SafeStream;
  /** Called `bb_magic` in the original. */
  readonly magic: string;
  /**
   * 0 in a leaf.
   * Called `bb_level` in the original.
   */
  readonly level: number;
  /** Called `bb_numrecs` in the original. */
  readonly numRecords: number;
  /** Called `bb_leftsib` in the original. */
  readonly leftSibling: number;
  /** Called `bb_rightsib` in the original. */
  readonly rightSibling: number;
  /** Called `bb_blkno` in the original. */
  readonly blockNumber: bigint;
  /** Called `bb_lsn` in the original. */
  readonly lastWriteLsn: bigint;
  /** Called `bb_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `bb_owner` in the original. */
  readonly owner: number;
  /** Called `bb_crc` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(io.take(4, 'XfsBtreeBlock.magic'), 'ASCII');
    this.level = io.readU2be('XfsBtreeBlock.level');
    this.numRecords = io.readU2be('XfsBtreeBlock.numRecords');
    this.leftSibling = io.readU4be('XfsBtreeBlock.leftSibling');
    this.rightSibling = io.readU4be('XfsBtreeBlock.rightSibling');
    this.blockNumber = io.readU8be('XfsBtreeBlock.blockNumber');
    this.lastWriteLsn = io.readU8be('XfsBtreeBlock.lastWriteLsn');
    this.uuid = io.take(16, 'XfsBtreeBlock.uuid');
    this.owner = io.readU4be('XfsBtreeBlock.owner');
    this.checksum = io.readU4le('XfsBtreeBlock.checksum');
  }
}

/** A pointer of a tree's inner block, a block number within the group. */
class XfsBtreePointerRecord extends RecordCursor {
  get block(): number {
    return this._view.getUint32(this._offset);
  }
}

/**
 * Most metadata begins with a magic number of four bytes. Leaves and nodes
 * of directories and of attributes have one of two behind two pointers.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da_blkinfo
 */
class XfsBlockHeadRecord extends RecordCursor {
  get magic(): number {
    return this._view.getUint32(this._offset);
  }

  get back(): number {
    return this._view.getUint32(this._offset + 4);
  }

  get namesMagic(): number {
    return this._view.getUint16(this._offset + 8);
  }
}

/**
 * The head of a directory's block of names or of free room, in version 5.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir3_blk_hdr
 */
class XfsDirectoryBlockRecord extends RecordCursor {
  get magic(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `crc` in the original. */
  get checksum(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `blkno` in the original. */
  get blockNumber(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }

  /** Called `lsn` in the original. */
  get lastWriteLsn(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }

  get uuid(): Uint8Array {
    return this._take(24, 16);
  }

  get owner(): bigint {
    return this._view.getBigUint64(this._offset + 40);
  }
}

/**
 * The head of a leaf or node of a directory or of attributes, in version 5.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da3_blkinfo
 */
class XfsNamesBlockRecord extends RecordCursor {
  /** Called `forw` in the original. */
  get forward(): number {
    return this._view.getUint32(this._offset);
  }

  get back(): number {
    return this._view.getUint32(this._offset + 4);
  }

  get magic(): number {
    return this._view.getUint16(this._offset + 8);
  }

  /** Called `pad` in the original. */
  get reserved1(): number {
    return this._view.getUint16(this._offset + 10);
  }

  /** Called `crc` in the original. */
  get checksum(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /** Called `blkno` in the original. */
  get blockNumber(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }

  /** Called `lsn` in the original. */
  get lastWriteLsn(): bigint {
    return this._view.getBigUint64(this._offset + 24);
  }

  get uuid(): Uint8Array {
    return this._take(32, 16);
  }

  get owner(): bigint {
    return this._view.getBigUint64(this._offset + 48);
  }
}

/**
 * What the head of such a block begins with, in either version.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da_blkinfo
 */
class XfsNamesLinksRecord extends RecordCursor {
  /** Called `forw` in the original. */
  get forward(): number {
    return this._view.getUint32(this._offset);
  }

  get back(): number {
    return this._view.getUint32(this._offset + 4);
  }

  get magic(): number {
    return this._view.getUint16(this._offset + 8);
  }
}

/**
 * Behind the head of a leaf or node of attributes. What a leaf has behind
 * the count is something else.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da3_node_hdr
 */
class XfsNamesCountRecord extends RecordCursor {
  /** Called `count` in the original. */
  get numEntries(): number {
    return this._view.getUint16(this._offset);
  }

  get level(): number {
    return this._view.getUint16(this._offset + 2);
  }
}

/** @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_da_node_entry */
class XfsNamesPointerRecord extends RecordCursor {
  /** Called `hashval` in the original. */
  get hash(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `before` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 4);
  }
}

/**
 * Where in its leaf an attribute lies.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_leaf_entry
 */
class XfsAttributeEntryRecord extends RecordCursor {
  /** Called `hashval` in the original. */
  get hash(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `nameidx` in the original. */
  get ofsAttribute(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /** 1, the value lies here; 2, trusted; 4, security; 8, a parent; 128, not complete. */
  get flags(): number {
    return this._view.getUint8(this._offset + 6);
  }

  /** Called `pad2` in the original. */
  get reserved1(): number {
    return this._view.getUint8(this._offset + 7);
  }
}

/**
 * Its name follows, then its value.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_leaf_name_local
 */
class XfsLocalAttributeRecord extends RecordCursor {
  /** Called `valuelen` in the original. */
  get lenValue(): number {
    return this._view.getUint16(this._offset);
  }

  /** Called `namelen` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset + 2);
  }
}

/**
 * An attribute whose value has blocks of its own. Its name follows.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_leaf_name_remote
 */
class XfsRemoteAttributeRecord extends RecordCursor {
  /** Called `valueblk` in the original. */
  get valueBlock(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `valuelen` in the original. */
  get lenValue(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `namelen` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset + 8);
  }
}

/**
 * Attributes that lie in the inode.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_sf_hdr
 */
class XfsShortAttributesRecord extends RecordCursor {
  /** Called `totsize` in the original. */
  get lenAll(): number {
    return this._view.getUint16(this._offset);
  }

  /** Called `count` in the original. */
  get numEntries(): number {
    return this._view.getUint8(this._offset + 2);
  }

  /** Called `padding` in the original. */
  get reserved1(): number {
    return this._view.getUint8(this._offset + 3);
  }
}

/**
 * Its name follows, then its value.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr_sf_entry
 */
class XfsShortAttributeRecord extends RecordCursor {
  /** Called `namelen` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset);
  }

  /** Called `valuelen` in the original. */
  get lenValue(): number {
    return this._view.getUint8(this._offset + 1);
  }

  get flags(): number {
    return this._view.getUint8(this._offset + 2);
  }
}

/**
 * The head of a block with an attribute's value, in version 5.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_attr3_rmt_hdr
 */
class XfsValueBlockRecord extends RecordCursor {
  /** Called `rm_magic` in the original. */
  get magic(): Uint8Array {
    const value = this._take(0, 4);
    if (compareBytes(value, Uint8Array.of(88, 65, 82, 77)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(88, 65, 82, 77), value, this, 'XfsValueBlock.magic', 'BAD_MAGIC');
    }
    return value;
  }

  /** Called `rm_offset` in the original. */
  get offset(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `rm_bytes` in the original. */
  get lenValue(): number {
    return this._view.getUint32(this._offset + 8);
  }

  /** Called `rm_crc` in the original. */
  get checksum(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /** Called `rm_uuid` in the original. */
  get uuid(): Uint8Array {
    return this._take(16, 16);
  }

  /** Called `rm_owner` in the original. */
  get owner(): bigint {
    return this._view.getBigUint64(this._offset + 32);
  }
}

/**
 * An access control list begins with the number of its entries.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_acl
 */
class XfsAccessCountRecord extends RecordCursor {
  /** Called `acl_cnt` in the original. */
  get numEntries(): number {
    return this._view.getUint32(this._offset);
  }
}

/** @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_acl_entry */
class XfsAccessEntryRecord extends RecordCursor {
  /** Called `ae_tag` in the original. */
  get tag(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `ae_id` in the original. */
  get owner(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `ae_perm` in the original. */
  get permissions(): number {
    return this._view.getUint16(this._offset + 8);
  }

  /** Called `ae_pad` in the original. */
  get reserved1(): number {
    return this._view.getUint16(this._offset + 10);
  }
}

/** The place in the log of the last change that was written here. */
class XfsStampRecord extends RecordCursor {
  get lsn(): bigint {
    return this._view.getBigUint64(this._offset);
  }
}

/**
 * A record of a tree of inodes, a chunk of 64 of them.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_inobt_rec
 */
class XfsInodeChunkRecord extends RecordCursor {
  /** Called `ir_startino` in the original. */
  get firstInode(): number {
    return this._view.getUint32(this._offset);
  }

  /**
   * With sparse inodes; without, the number of the free ones is four bytes.
   * Called `ir_holemask` in the original.
   */
  get holeMask(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /** Called `ir_count` in the original. */
  get numInodes(): number {
    return this._view.getUint8(this._offset + 6);
  }

  /** Called `ir_freecount` in the original. */
  get numFree(): number {
    return this._view.getUint8(this._offset + 7);
  }

  /** Called `ir_free` in the original. */
  get free(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }
}

/**
 * A record of the tree of shared blocks. The uppermost bit of the first
 * block says that a write was prepared there.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_refcount_rec
 */
class XfsRefcountRecordRecord extends RecordCursor {
  /** Called `rc_startblock` in the original. */
  get firstBlock(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `rc_blockcount` in the original. */
  get numBlocks(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `rc_refcount` in the original. */
  get numReferences(): number {
    return this._view.getUint32(this._offset + 8);
  }
}

/**
 * A record of the reverse map: blocks, and the inode that has them. Of
 * metadata the owner is a negative number.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_rmap_rec
 */
class XfsReverseMapRecordRecord extends RecordCursor {
  /** Called `rm_startblock` in the original. */
  get firstBlock(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `rm_blockcount` in the original. */
  get numBlocks(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `rm_owner` in the original. */
  get owner(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }

  /**
   * Where in the file, in blocks; the uppermost three bits say that they
   * are of the attributes, of the file's map, and unwritten.
   * Called `rm_offset` in the original.
   */
  get offset(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }
}

/**
 * A record of the trees of free space, by block and by size.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_alloc_rec
 */
class XfsFreeSpaceRecordRecord extends RecordCursor {
  /** Called `ar_startblock` in the original. */
  get firstBlock(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `ar_blockcount` in the original. */
  get numBlocks(): number {
    return this._view.getUint32(this._offset + 4);
  }
}

/** An inode, as a directory with large numbers within its own inode has it. */
class XfsInodeNumberRecord extends RecordCursor {
  get number(): bigint {
    return this._view.getBigUint64(this._offset);
  }
}

/**
 * How a directory begins that lies in its inode. Its parent follows, and
 * the entries; their numbers of inodes have 8 bytes if any needs them.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_sf_hdr
 */
class XfsShortDirectoryRecord extends RecordCursor {
  /** Called `count` in the original. */
  get numEntries(): number {
    return this._view.getUint8(this._offset);
  }

  /**
   * How many of the numbers need 8 bytes.
   * Called `i8count` in the original.
   */
  get numLarge(): number {
    return this._view.getUint8(this._offset + 1);
  }
}

/**
 * The begin of such an entry. Behind the name are the type, with the feature
 * ftype, and the inode.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_sf_entry
 */
class XfsShortDirectoryEntryRecord extends RecordCursor {
  /** Called `namelen` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset);
  }

  /** Where it would lie in a block. */
  get offset(): number {
    return this._view.getUint16(this._offset + 1);
  }
}

/**
 * The begin of an entry in a directory's block. Behind the name are the
 * type, with the feature ftype, and at the end of a multiple of 8 bytes where
 * the entry begins.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_data_entry
 */
class XfsDirectoryEntryRecord extends RecordCursor {
  /** Called `inumber` in the original. */
  get inode(): bigint {
    return this._view.getBigUint64(this._offset);
  }

  /** Called `namelen` in the original. */
  get lenName(): number {
    return this._view.getUint8(this._offset + 8);
  }
}

/**
 * Free room in a directory's block.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_data_unused
 */
class XfsDirectoryRoomRecord extends RecordCursor {
  /**
   * 0xffff, which no number of an inode begins with.
   * Called `freetag` in the original.
   */
  get tag(): number {
    return this._view.getUint16(this._offset);
  }

  /** Called `length` in the original. */
  get lenRoom(): number {
    return this._view.getUint16(this._offset + 2);
  }
}

/**
 * The end of a directory that has one block: before it is the index, of 8
 * bytes for each name.
 * @see Linux fs/xfs/libxfs/xfs_da_format.h: struct xfs_dir2_block_tail
 */
class XfsDirectoryTailRecord extends RecordCursor {
  /** Called `count` in the original. */
  get numIndexEntries(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `stale` in the original. */
  get numStale(): number {
    return this._view.getUint32(this._offset + 4);
  }
}

/** How a block of a tree within one allocation group begins, in any version. */
class XfsBtreeHeadRecord extends RecordCursor {
  /** Called `bb_magic` in the original. */
  get magic(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `bb_level` in the original. */
  get level(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /** Called `bb_numrecs` in the original. */
  get numRecords(): number {
    return this._view.getUint16(this._offset + 6);
  }

  /** Called `bb_leftsib` in the original. */
  get leftSibling(): number {
    return this._view.getUint32(this._offset + 8);
  }

  /** Called `bb_rightsib` in the original. */
  get rightSibling(): number {
    return this._view.getUint32(this._offset + 12);
  }
}

/**
 * How a block of the tree of a file's extents begins, in any version.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_btree_block
 */
class XfsLongBtreeHeadRecord extends RecordCursor {
  /** Called `bb_magic` in the original. */
  get magic(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `bb_level` in the original. */
  get level(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /** Called `bb_numrecs` in the original. */
  get numRecords(): number {
    return this._view.getUint16(this._offset + 6);
  }

  /** Called `bb_leftsib` in the original. */
  get leftSibling(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }

  /** Called `bb_rightsib` in the original. */
  get rightSibling(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }
}

/** The head of such a block in version 5. */
class XfsLongBtreeBlockRecord extends RecordCursor {
  /** Called `bb_magic` in the original. */
  get magic(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `bb_level` in the original. */
  get level(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /** Called `bb_numrecs` in the original. */
  get numRecords(): number {
    return this._view.getUint16(this._offset + 6);
  }

  /** Called `bb_leftsib` in the original. */
  get leftSibling(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }

  /** Called `bb_rightsib` in the original. */
  get rightSibling(): bigint {
    return this._view.getBigUint64(this._offset + 16);
  }

  /** Called `bb_blkno` in the original. */
  get blockNumber(): bigint {
    return this._view.getBigUint64(this._offset + 24);
  }

  /** Called `bb_lsn` in the original. */
  get lastWriteLsn(): bigint {
    return this._view.getBigUint64(this._offset + 32);
  }

  /** Called `bb_uuid` in the original. */
  get uuid(): Uint8Array {
    return this._take(40, 16);
  }

  /** Called `bb_owner` in the original. */
  get owner(): bigint {
    return this._view.getBigUint64(this._offset + 56);
  }

  /** Called `bb_crc` in the original. */
  get checksum(): number {
    return this._view.getUint32(this._offset + 64, true);
  }

  /** Called `bb_pad` in the original. */
  get reserved1(): number {
    return this._view.getUint32(this._offset + 68);
  }
}

/** A block of the filesystem. */
class XfsLongBtreePointerRecord extends RecordCursor {
  get block(): bigint {
    return this._view.getBigUint64(this._offset);
  }
}

/**
 * How the root of the tree of a file's extents begins, which lies in the inode.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_bmdr_block
 */
class XfsBtreeRootRecord extends RecordCursor {
  /** Called `bb_level` in the original. */
  get level(): number {
    return this._view.getUint16(this._offset);
  }

  /** Called `bb_numrecs` in the original. */
  get numRecords(): number {
    return this._view.getUint16(this._offset + 2);
  }
}

/**
 * From the top: a bit for blocks that were never written, 54 bits of the
 * place in the file, 52 of the first block, 21 of the number of blocks.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_bmbt_rec
 */
class XfsFileExtentRecord extends RecordCursor {
  /** Called `l0` in the original. */
  get high(): bigint {
    return this._view.getBigUint64(this._offset);
  }

  /** Called `l1` in the original. */
  get low(): bigint {
    return this._view.getBigUint64(this._offset + 8);
  }
}

/**
 * An inode, without the content of its forks.
 * @see Linux fs/xfs/libxfs/xfs_format.h: struct xfs_dinode
 */
class XfsInode {
  readonly _io: SafeStream;
  /** Called `di_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `di_mode` in the original. */
  readonly mode: number;
  /** Called `di_version` in the original. */
  readonly version: number;
  /** Called `di_format` in the original. */
  readonly dataFormat: number;
  /** Called `di_onlink` in the original. */
  readonly numLinksOld: number;
  /** Called `di_uid` in the original. */
  readonly owner: number;
  /** Called `di_gid` in the original. */
  readonly ownerGroup: number;
  /** Called `di_nlink` in the original. */
  readonly numLinks: number;
  /** Called `di_projid_lo` in the original. */
  readonly projectLo: number;
  /** Called `di_projid_hi` in the original. */
  readonly projectHi: number;
  /** Called `di_big_nextents` in the original. */
  readonly numExtentsBig: bigint;
  /**
   * With the feature bigtime nanoseconds, without it four bytes of seconds
   * and four of nanoseconds; so are the other times.
   * Called `di_atime` in the original.
   */
  readonly accessed: bigint;
  /** Called `di_mtime` in the original. */
  readonly modified: bigint;
  /** Called `di_ctime` in the original. */
  readonly changed: bigint;
  /** Called `di_size` in the original. */
  readonly lenFile: bigint;
  /** Called `di_nblocks` in the original. */
  readonly numBlocks: bigint;
  /** Called `di_extsize` in the original. */
  readonly extentSize: number;
  /** Called `di_nextents` in the original. */
  readonly numExtents: number;
  /** Called `di_anextents` in the original. */
  readonly numAttributeExtents: number;
  /**
   * Where the attributes begin, in units of 8 bytes behind the core; 0 for none.
   * Called `di_forkoff` in the original.
   */
  readonly attributesOffset: number;
  /** Called `di_aformat` in the original. */
  readonly attributesFormat: number;
  /** Called `di_dmevmask` in the original. */
  readonly eventMask: number;
  /** Called `di_dmstate` in the original. */
  readonly eventState: number;
  /** Called `di_flags` in the original. */
  readonly flags: number;
  /** Called `di_gen` in the original. */
  readonly generation: number;
  /** Called `di_next_unlinked` in the original. */
  readonly nextUnlinked: number;
  /**
   * This and what follows is of version 5 only.
   * Called `di_crc` in the original.
   */
  readonly checksum: number;
  /** Called `di_changecount` in the original. */
  readonly changeCount: bigint;
  /** Called `di_lsn` in the original. */
  readonly lastWriteLsn: bigint;
  /** Called `di_flags2` in the original. */
  readonly flags2: bigint;
  /** Called `di_cowextsize` in the original. */
  readonly cowExtentSize: number;
  /** Called `di_pad2` in the original. */
  readonly reserved1: Uint8Array;
  /** Called `di_crtime` in the original. */
  readonly created: bigint;
  /** Called `di_ino` in the original. */
  readonly number: bigint;
  /** Called `di_uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'XfsInode.magic');
    if (compareBytes(this.magic, Uint8Array.of(73, 78)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(73, 78), this.magic, io, 'XfsInode.magic', 'BAD_MAGIC');
    }
    this.mode = io.readU2be('XfsInode.mode');
    this.version = io.readU1('XfsInode.version');
    this.dataFormat = io.readU1('XfsInode.dataFormat');
    this.numLinksOld = io.readU2be('XfsInode.numLinksOld');
    this.owner = io.readU4be('XfsInode.owner');
    this.ownerGroup = io.readU4be('XfsInode.ownerGroup');
    this.numLinks = io.readU4be('XfsInode.numLinks');
    this.projectLo = io.readU2be('XfsInode.projectLo');
    this.projectHi = io.readU2be('XfsInode.projectHi');
    this.numExtentsBig = io.readU8be('XfsInode.numExtentsBig');
    this.accessed = io.readU8be('XfsInode.accessed');
    this.modified = io.readU8be('XfsInode.modified');
    this.changed = io.readU8be('XfsInode.changed');
    this.lenFile = io.readU8be('XfsInode.lenFile');
    this.numBlocks = io.readU8be('XfsInode.numBlocks');
    this.extentSize = io.readU4be('XfsInode.extentSize');
    this.numExtents = io.readU4be('XfsInode.numExtents');
    this.numAttributeExtents = io.readU2be('XfsInode.numAttributeExtents');
    this.attributesOffset = io.readU1('XfsInode.attributesOffset');
    this.attributesFormat = io.readU1('XfsInode.attributesFormat');
    this.eventMask = io.readU4be('XfsInode.eventMask');
    this.eventState = io.readU2be('XfsInode.eventState');
    this.flags = io.readU2be('XfsInode.flags');
    this.generation = io.readU4be('XfsInode.generation');
    this.nextUnlinked = io.readU4be('XfsInode.nextUnlinked');
    this.checksum = io.readU4le('XfsInode.checksum');
    this.changeCount = io.readU8be('XfsInode.changeCount');
    this.lastWriteLsn = io.readU8be('XfsInode.lastWriteLsn');
    this.flags2 = io.readU8be('XfsInode.flags2');
    this.cowExtentSize = io.readU4be('XfsInode.cowExtentSize');
    this.reserved1 = io.take(12, 'XfsInode.reserved1');
    this.created = io.readU8be('XfsInode.created');
    this.number = io.readU8be('XfsInode.number');
    this.uuid = io.take(16, 'XfsInode.uuid');
  }
}

/**
 * A block of the log. Each begins with the number of the cycle in which it
 * was written, but that of a record's head, where the number comes second.
 */
class XfsLogBlockRecord extends RecordCursor {
  get firstWord(): number {
    return this._view.getUint32(this._offset);
  }

  get secondWord(): number {
    return this._view.getUint32(this._offset + 4);
  }

  get rest(): Uint8Array {
    return this._take(8, 504);
  }
}

/**
 * The head of a record of the log.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_rec_header
 */
class XfsLogRecord {
  readonly _io: SafeStream;
  /** Called `h_magicno` in the original. */
  readonly magic: Uint8Array;
  /** Called `h_cycle` in the original. */
  readonly cycle: number;
  /** Called `h_version` in the original. */
  readonly version: number;
  /** Called `h_len` in the original. */
  readonly lenData: number;
  /** Called `h_lsn` in the original. */
  readonly lsn: bigint;
  /** Called `h_tail_lsn` in the original. */
  readonly tailLsn: bigint;
  /** Called `h_crc` in the original. */
  readonly checksum: number;
  /** Called `h_prev_block` in the original. */
  readonly previousBlock: number;
  /** Called `h_num_logops` in the original. */
  readonly numOperations: number;
  /** Called `h_cycle_data` in the original. */
  readonly firstWords: Uint8Array;
  /** Called `h_fmt` in the original. */
  readonly format: number;
  /** Called `h_fs_uuid` in the original. */
  readonly uuid: Uint8Array;
  /**
   * The most data that a record may have. If it is more than 32 KiB, there
   * is one block of head for each 32 KiB.
   * Called `h_size` in the original.
   */
  readonly lenBuffer: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'XfsLogRecord.magic');
    if (compareBytes(this.magic, Uint8Array.of(254, 237, 186, 190)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(254, 237, 186, 190), this.magic, io, 'XfsLogRecord.magic', 'BAD_MAGIC');
    }
    this.cycle = io.readU4be('XfsLogRecord.cycle');
    this.version = io.readU4be('XfsLogRecord.version');
    this.lenData = io.readU4be('XfsLogRecord.lenData');
    this.lsn = io.readU8be('XfsLogRecord.lsn');
    this.tailLsn = io.readU8be('XfsLogRecord.tailLsn');
    this.checksum = io.readU4le('XfsLogRecord.checksum');
    this.previousBlock = io.readU4be('XfsLogRecord.previousBlock');
    this.numOperations = io.readU4be('XfsLogRecord.numOperations');
    this.firstWords = io.take(256, 'XfsLogRecord.firstWords');
    this.format = io.readU4be('XfsLogRecord.format');
    this.uuid = io.take(16, 'XfsLogRecord.uuid');
    this.lenBuffer = io.readU4be('XfsLogRecord.lenBuffer');
  }
}
