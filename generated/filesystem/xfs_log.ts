// Generated from formats/filesystem/xfs_log.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestXfsLog = Guest<XfsLog>;

/** `xfs_log` from its bytes. @throws FormatError when they are none. */
export function parseXfsLog(bytes: Uint8Array): GuestXfsLog {
  return guest(new XfsLog(new SafeStream(bytes)));
}

export type GuestXfsLogBufferItem = Guest<XfsLogBufferItem>;

/** `buffer_item` from its bytes. @throws FormatError when they are none. */
export function parseXfsLogBufferItem(bytes: Uint8Array): GuestXfsLogBufferItem {
  return guest(new XfsLogBufferItem(new SafeStream(bytes)));
}

export type GuestXfsLogExtentsItem = Guest<XfsLogExtentsItem>;

/** `extents_item` from its bytes. @throws FormatError when they are none. */
export function parseXfsLogExtentsItem(bytes: Uint8Array): GuestXfsLogExtentsItem {
  return guest(new XfsLogExtentsItem(new SafeStream(bytes)));
}

export type GuestXfsLogInodeCoreV3 = Guest<XfsLogInodeCoreV3>;

/** `inode_core_v3` from its bytes. @throws FormatError when they are none. */
export function parseXfsLogInodeCoreV3(bytes: Uint8Array): GuestXfsLogInodeCoreV3 {
  return guest(new XfsLogInodeCoreV3(new SafeStream(bytes)));
}

export type GuestXfsLogInodeCreation = Guest<XfsLogInodeCreation>;

/** `inode_creation` from its bytes. @throws FormatError when they are none. */
export function parseXfsLogInodeCreation(bytes: Uint8Array): GuestXfsLogInodeCreation {
  return guest(new XfsLogInodeCreation(new SafeStream(bytes)));
}

export type GuestXfsLogOperation = Guest<XfsLogOperationRecord>;

/** A table of `operation`: 12 bytes each, `strideBytes` apart. */
export function xfsLogOperationRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestXfsLogOperation> {
  return records(new XfsLogOperationRecord(bytes, 'le'), 12, strideBytes, 'XfsLogOperation');
}

export type GuestXfsLogItem = Guest<XfsLogItemRecord>;

/** A table of `item`: 4 bytes each, `strideBytes` apart. */
export function xfsLogItemRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsLogItem> {
  return records(new XfsLogItemRecord(bytes, 'le'), 4, strideBytes, 'XfsLogItem');
}

export type GuestXfsLogMapWord = Guest<XfsLogMapWordRecord>;

/** A table of `map_word`: 4 bytes each, `strideBytes` apart. */
export function xfsLogMapWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestXfsLogMapWord> {
  return records(new XfsLogMapWordRecord(bytes, 'le'), 4, strideBytes, 'XfsLogMapWord');
}

export type GuestXfsLogExtent = Guest<XfsLogExtentRecord>;

/** A table of `extent`: 12 bytes each, `strideBytes` apart. */
export function xfsLogExtentRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestXfsLogExtent> {
  return records(new XfsLogExtentRecord(bytes, 'le'), 12, strideBytes, 'XfsLogExtent');
}

export type GuestXfsLogPhysicalExtent = Guest<XfsLogPhysicalExtentRecord>;

/** A table of `physical_extent`: 16 bytes each, `strideBytes` apart. */
export function xfsLogPhysicalExtentRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestXfsLogPhysicalExtent> {
  return records(new XfsLogPhysicalExtentRecord(bytes, 'le'), 16, strideBytes, 'XfsLogPhysicalExtent');
}

export type GuestXfsLogMapExtent = Guest<XfsLogMapExtentRecord>;

/** A table of `map_extent`: 32 bytes each, `strideBytes` apart. */
export function xfsLogMapExtentRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestXfsLogMapExtent> {
  return records(new XfsLogMapExtentRecord(bytes, 'le'), 32, strideBytes, 'XfsLogMapExtent');
}

export type GuestXfsLogInodeItem = Guest<XfsLogInodeItemRecord>;

/** A table of `inode_item`: 56 bytes each, `strideBytes` apart. */
export function xfsLogInodeItemRecords(
  bytes: Uint8Array,
  strideBytes: number = 56,
): Records<GuestXfsLogInodeItem> {
  return records(new XfsLogInodeItemRecord(bytes, 'le'), 56, strideBytes, 'XfsLogInodeItem');
}

export type GuestXfsLogWholeInodeItem = Guest<XfsLogWholeInodeItemRecord>;

/** A table of `whole_inode_item`: 88 bytes each, `strideBytes` apart. */
export function xfsLogWholeInodeItemRecords(
  bytes: Uint8Array,
  strideBytes: number = 88,
): Records<GuestXfsLogWholeInodeItem> {
  return records(new XfsLogWholeInodeItemRecord(bytes, 'le'), 88, strideBytes, 'XfsLogWholeInodeItem');
}

export type GuestXfsLogInodeItem32 = Guest<XfsLogInodeItem32Record>;

/** A table of `inode_item_32`: 52 bytes each, `strideBytes` apart. */
export function xfsLogInodeItem32Records(
  bytes: Uint8Array,
  strideBytes: number = 52,
): Records<GuestXfsLogInodeItem32> {
  return records(new XfsLogInodeItem32Record(bytes, 'le'), 52, strideBytes, 'XfsLogInodeItem32');
}

export type GuestXfsLogInodeCore = Guest<XfsLogInodeCoreRecord>;

/** A table of `inode_core`: 92 bytes each, `strideBytes` apart. */
export function xfsLogInodeCoreRecords(
  bytes: Uint8Array,
  strideBytes: number = 92,
): Records<GuestXfsLogInodeCore> {
  return records(new XfsLogInodeCoreRecord(bytes, 'le'), 92, strideBytes, 'XfsLogInodeCore');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new XfsLog(new SafeStream(bytes));
  return guestClaims({
    type: 'xfs_external_log',
    uuid: it.uuid,
  });
}

/**
 * The first record of the log. The log is a ring without a head of its own: if a
 * record runs around its end, the first block holds the rest of that record, and
 * the log is not recognised. The types are what records are made of; unlike all
 * else of XFS most of it is in the byte order of the machine that wrote it.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_rec_header
 */
class XfsLog {
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
  /**
   * Of the filesystem that the log belongs to.
   * Called `h_fs_uuid` in the original.
   */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'XfsLog.magic');
    if (compareBytes(this.magic, Uint8Array.of(254, 237, 186, 190)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(254, 237, 186, 190), this.magic, io, 'XfsLog.magic', 'BAD_MAGIC');
    }
    this.cycle = io.readU4be('XfsLog.cycle');
    this.version = io.readU4be('XfsLog.version');
    if (this.version < 1) {
      throw new ValidationLessThanError(1, this.version, io, 'XfsLog.version');
    }
    if (this.version > 2) {
      throw new ValidationGreaterThanError(2, this.version, io, 'XfsLog.version');
    }
    this.lenData = io.readU4be('XfsLog.lenData');
    this.lsn = io.readU8be('XfsLog.lsn');
    this.tailLsn = io.readU8be('XfsLog.tailLsn');
    this.checksum = io.readU4le('XfsLog.checksum');
    this.previousBlock = io.readU4be('XfsLog.previousBlock');
    this.numOperations = io.readU4be('XfsLog.numOperations');
    this.firstWords = io.take(256, 'XfsLog.firstWords');
    this.format = io.readU4be('XfsLog.format');
    if (this.format > 3) {
      throw new ValidationGreaterThanError(3, this.format, io, 'XfsLog.format');
    }
    this.uuid = io.take(16, 'XfsLog.uuid');
  }
}

/**
 * The head of an operation. Its numbers are big-endian, its data is not.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xlog_op_header
 */
class XfsLogOperationRecord extends RecordCursor {
  /** Called `oh_tid` in the original. */
  get transaction(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `oh_len` in the original. */
  get lenData(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `oh_clientid` in the original. */
  get client(): number {
    return this._view.getUint8(this._offset + 8);
  }

  /**
   * Bit 0 starts a transaction, 1 commits it; 2: the data goes on in the
   * next record, 3: it goes on from the last one, 4: it ends here; 5: the
   * log was unmounted.
   * Called `oh_flags` in the original.
   */
  get flags(): number {
    return this._view.getUint8(this._offset + 9);
  }

  /** Called `oh_res2` in the original. */
  get reserved1(): number {
    return this._view.getUint16(this._offset + 10);
  }
}

/** How every item begins. */
class XfsLogItemRecord extends RecordCursor {
  get type(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** The operations that the item consists of, this one included. */
  get numRegions(): number {
    return this._view.getUint16(this._offset + 2, true);
  }
}

/**
 * A buffer of metadata, and which chunks of 128 bytes of it follow.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_buf_log_format
 */
class XfsLogBufferItem {
  readonly _io: SafeStream;
  /** Called `blf_type` in the original. */
  readonly type: number;
  /** Called `blf_size` in the original. */
  readonly numRegions: number;
  /**
   * Bit 0: only the pointers of unlinked inodes; 1: forget the buffer;
   * 2 to 4: quotas. The uppermost five bits are what the buffer holds.
   * Called `blf_flags` in the original.
   */
  readonly flags: number;
  /**
   * Its length in sectors of 512 bytes.
   * Called `blf_len` in the original.
   */
  readonly numSectors: number;
  /** Called `blf_blkno` in the original. */
  readonly firstSector: bigint;
  /** Called `blf_map_size` in the original. */
  readonly numMapWords: number;
  /** Called `blf_data_map` in the original. */
  readonly map: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU2le('XfsLogBufferItem.type');
    this.numRegions = io.readU2le('XfsLogBufferItem.numRegions');
    this.flags = io.readU2le('XfsLogBufferItem.flags');
    this.numSectors = io.readU2le('XfsLogBufferItem.numSectors');
    this.firstSector = io.readU8le('XfsLogBufferItem.firstSector');
    this.numMapWords = io.readU4le('XfsLogBufferItem.numMapWords');
    this.map = io.readBytesFull('XfsLogBufferItem.map');
  }
}

/** 32 bits of a buffer's map, the lowest bit first. */
class XfsLogMapWordRecord extends RecordCursor {
  get bits(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/**
 * Extents that shall be freed, or that were.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_efi_log_format, xfs_efd_log_format
 */
class XfsLogExtentsItem {
  readonly _io: SafeStream;
  /** Called `efi_type` in the original. */
  readonly type: number;
  /** Called `efi_size` in the original. */
  readonly numRegions: number;
  /** Called `efi_nextents` in the original. */
  readonly numExtents: number;
  /** Called `efi_id` in the original. */
  readonly identity: bigint;
  /** Called `efi_extents` in the original. */
  readonly extents: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU2le('XfsLogExtentsItem.type');
    this.numRegions = io.readU2le('XfsLogExtentsItem.numRegions');
    this.numExtents = io.readU4le('XfsLogExtentsItem.numExtents');
    this.identity = io.readU8le('XfsLogExtentsItem.identity');
    this.extents = io.readBytesFull('XfsLogExtentsItem.extents');
  }
}

/** Without the last four bytes on machines of 32 bits. */
class XfsLogExtentRecord extends RecordCursor {
  /** Called `ext_start` in the original. */
  get firstBlock(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `ext_len` in the original. */
  get numBlocks(): number {
    return this._view.getUint32(this._offset + 8, true);
  }
}

/**
 * Blocks whose references are to be counted anew.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_phys_extent
 */
class XfsLogPhysicalExtentRecord extends RecordCursor {
  /** Called `pe_startblock` in the original. */
  get firstBlock(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `pe_len` in the original. */
  get numBlocks(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /**
   * 1: one reference more, 2: one less, 3: set aside for a write to
   * shared blocks, 4: no longer.
   * Called `pe_flags` in the original.
   */
  get flags(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/**
 * A piece that is to be put into a file's map, or taken out of it.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_map_extent
 */
class XfsLogMapExtentRecord extends RecordCursor {
  /** Called `me_owner` in the original. */
  get inode(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `me_startblock` in the original. */
  get firstBlock(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `me_startoff` in the original. */
  get fileBlock(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `me_len` in the original. */
  get numBlocks(): number {
    return this._view.getUint32(this._offset + 24, true);
  }

  /**
   * 1: put in, 2: take out; the uppermost bits say that it is of the
   * attributes, was never written, lies on the realtime device.
   * Called `me_flags` in the original.
   */
  get flags(): number {
    return this._view.getUint32(this._offset + 28, true);
  }
}

/**
 * An inode, of which the next region is the core.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format
 */
class XfsLogInodeItemRecord extends RecordCursor {
  /** Called `ilf_type` in the original. */
  get type(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `ilf_size` in the original. */
  get numRegions(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `ilf_fields` in the original. */
  get fields(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `ilf_asize` in the original. */
  get lenAttributes(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `ilf_dsize` in the original. */
  get lenData(): number {
    return this._view.getUint16(this._offset + 10, true);
  }

  /** Called `ilf_pad` in the original. */
  get reserved1(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /** Called `ilf_ino` in the original. */
  get inode(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `ilf_u` in the original. */
  get device(): Uint8Array {
    return this._take(24, 16);
  }

  /**
   * The buffer that the inode lies in, in sectors of 512 bytes.
   * Called `ilf_blkno` in the original.
   */
  get firstSector(): bigint {
    return this._view.getBigUint64(this._offset + 40, true);
  }

  /** Called `ilf_len` in the original. */
  get numSectors(): number {
    return this._view.getUint32(this._offset + 48, true);
  }

  /** Called `ilf_boffset` in the original. */
  get offset(): number {
    return this._view.getUint32(this._offset + 52, true);
  }
}

/**
 * The item of an inode as 64-bit kernels write it, the head of the operation
 * that has the core, and how the core begins, where all of that lies in one
 * record. Nearly all of a log may be such.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format, struct xlog_op_header, struct xfs_log_dinode 
 */
class XfsLogWholeInodeItemRecord extends RecordCursor {
  /** Called `ilf_type` in the original. */
  get type(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `ilf_size` in the original. */
  get numRegions(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  get reserved1(): Uint8Array {
    return this._take(4, 36);
  }

  /** Called `ilf_blkno` in the original. */
  get firstSectorLow(): number {
    return this._view.getUint32(this._offset + 40, true);
  }

  get firstSectorHigh(): number {
    return this._view.getUint32(this._offset + 44, true);
  }

  /** Called `ilf_len` in the original. */
  get numSectors(): number {
    return this._view.getUint32(this._offset + 48, true);
  }

  /** Called `ilf_boffset` in the original. */
  get offset(): number {
    return this._view.getUint32(this._offset + 52, true);
  }

  /** Called `oh_tid` in the original. */
  get transaction(): number {
    return this._view.getUint32(this._offset + 56);
  }

  /** Called `oh_len` in the original. */
  get lenCore(): number {
    return this._view.getUint32(this._offset + 60);
  }

  /** Called `oh_clientid` in the original. */
  get client(): number {
    return this._view.getUint8(this._offset + 64);
  }

  /** Called `oh_flags` in the original. */
  get flags(): number {
    return this._view.getUint8(this._offset + 65);
  }

  /** Called `oh_res2` in the original. */
  get reserved2(): number {
    return this._view.getUint16(this._offset + 66);
  }

  /** Called `di_magic` in the original. */
  get magic(): number {
    return this._view.getUint16(this._offset + 68, true);
  }

  /** Called `di_mode` in the original. */
  get mode(): number {
    return this._view.getUint16(this._offset + 70, true);
  }

  /** Called `di_version` in the original. */
  get version(): number {
    return this._view.getUint8(this._offset + 72);
  }

  /** Called `di_format` in the original. */
  get dataFormat(): number {
    return this._view.getUint8(this._offset + 73);
  }

  get reserved3(): Uint8Array {
    return this._take(74, 10);
  }

  /** Called `di_nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint32(this._offset + 84, true);
  }
}

/**
 * The same by a kernel of 32 bits, without padding.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_inode_log_format_32
 */
class XfsLogInodeItem32Record extends RecordCursor {
  /** Called `ilf_type` in the original. */
  get type(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `ilf_size` in the original. */
  get numRegions(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `ilf_fields` in the original. */
  get fields(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `ilf_asize` in the original. */
  get lenAttributes(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `ilf_dsize` in the original. */
  get lenData(): number {
    return this._view.getUint16(this._offset + 10, true);
  }

  /** Called `ilf_ino` in the original. */
  get inode(): bigint {
    return this._view.getBigUint64(this._offset + 12, true);
  }

  /** Called `ilf_u` in the original. */
  get device(): Uint8Array {
    return this._take(20, 16);
  }

  /** Called `ilf_blkno` in the original. */
  get firstSector(): bigint {
    return this._view.getBigUint64(this._offset + 36, true);
  }

  /** Called `ilf_len` in the original. */
  get numSectors(): number {
    return this._view.getUint32(this._offset + 44, true);
  }

  /** Called `ilf_boffset` in the original. */
  get offset(): number {
    return this._view.getUint32(this._offset + 48, true);
  }
}

/**
 * An inode as it is logged; on disk the same is big-endian.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_log_dinode
 */
class XfsLogInodeCoreRecord extends RecordCursor {
  /** Called `di_magic` in the original. */
  get magic(): number {
    return this._view.getUint16(this._offset, true);
  }

  /**
   * 0 in a free inode.
   * Called `di_mode` in the original.
   */
  get mode(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `di_version` in the original. */
  get version(): number {
    return this._view.getUint8(this._offset + 4);
  }

  /** Called `di_format` in the original. */
  get dataFormat(): number {
    return this._view.getUint8(this._offset + 5);
  }

  get reserved1(): Uint8Array {
    return this._take(6, 10);
  }

  /** Called `di_nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint32(this._offset + 16, true);
  }

  get reserved2(): Uint8Array {
    return this._take(20, 4);
  }

  /** Called `di_big_nextents` in the original. */
  get numExtentsBig(): bigint {
    return this._view.getBigUint64(this._offset + 24, true);
  }

  get reserved3(): Uint8Array {
    return this._take(32, 24);
  }

  /** Called `di_size` in the original. */
  get lenFile(): bigint {
    return this._view.getBigUint64(this._offset + 56, true);
  }

  /** Called `di_nblocks` in the original. */
  get numBlocks(): bigint {
    return this._view.getBigUint64(this._offset + 64, true);
  }

  /** Called `di_extsize` in the original. */
  get extentSize(): number {
    return this._view.getUint32(this._offset + 72, true);
  }

  /** Called `di_nextents` in the original. */
  get numExtents(): number {
    return this._view.getUint32(this._offset + 76, true);
  }

  /** Called `di_anextents` in the original. */
  get numAttributeExtents(): number {
    return this._view.getUint16(this._offset + 80, true);
  }

  get reserved4(): Uint8Array {
    return this._take(82, 8);
  }

  /** Called `di_flags` in the original. */
  get flags(): number {
    return this._view.getUint16(this._offset + 90, true);
  }
}

/** What follows an inode's core in version 5, at 120 bytes. */
class XfsLogInodeCoreV3 {
  readonly _io: SafeStream;
  /** Called `di_flags2` in the original. */
  readonly flags2: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.flags2 = io.readU8le('XfsLogInodeCoreV3.flags2');
  }
}

/**
 * Blocks that were filled with free inodes; big-endian but for its head.
 * @see Linux fs/xfs/libxfs/xfs_log_format.h: struct xfs_icreate_log
 */
class XfsLogInodeCreation {
  readonly _io: SafeStream;
  /** Called `icl_type` in the original. */
  readonly type: number;
  /** Called `icl_size` in the original. */
  readonly numRegions: number;
  /** Called `icl_ag` in the original. */
  readonly group: number;
  /** Called `icl_agbno` in the original. */
  readonly block: number;
  /** Called `icl_count` in the original. */
  readonly numInodes: number;
  /** Called `icl_isize` in the original. */
  readonly lenInode: number;
  /** Called `icl_length` in the original. */
  readonly numBlocks: number;
  /** Called `icl_gen` in the original. */
  readonly generation: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU2le('XfsLogInodeCreation.type');
    this.numRegions = io.readU2le('XfsLogInodeCreation.numRegions');
    this.group = io.readU4be('XfsLogInodeCreation.group');
    this.block = io.readU4be('XfsLogInodeCreation.block');
    this.numInodes = io.readU4be('XfsLogInodeCreation.numInodes');
    this.lenInode = io.readU4be('XfsLogInodeCreation.lenInode');
    this.numBlocks = io.readU4be('XfsLogInodeCreation.numBlocks');
    this.generation = io.readU4be('XfsLogInodeCreation.generation');
  }
}
