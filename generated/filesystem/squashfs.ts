// Generated from formats/filesystem/squashfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  concat,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  shl,
  ValidationExprError,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSquashfs = Guest<Squashfs>;

/** `squashfs` from its bytes. @throws FormatError when they are none. */
export function parseSquashfs(bytes: Uint8Array): GuestSquashfs {
  return guest(new Squashfs(new SafeStream(bytes)));
}

export type GuestSquashfsMetadataHead = Guest<SquashfsMetadataHeadRecord>;

/** A table of `metadata_head`: 2 bytes each, `strideBytes` apart. */
export function squashfsMetadataHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 2,
): Records<GuestSquashfsMetadataHead> {
  return records(new SquashfsMetadataHeadRecord(bytes, 'le'), 2, strideBytes, 'SquashfsMetadataHead');
}

export type GuestSquashfsInodeHead = Guest<SquashfsInodeHeadRecord>;

/** A table of `inode_head`: 16 bytes each, `strideBytes` apart. */
export function squashfsInodeHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestSquashfsInodeHead> {
  return records(new SquashfsInodeHeadRecord(bytes, 'le'), 16, strideBytes, 'SquashfsInodeHead');
}

export type GuestSquashfsDirectoryInode = Guest<SquashfsDirectoryInodeRecord>;

/** A table of `directory_inode`: 16 bytes each, `strideBytes` apart. */
export function squashfsDirectoryInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestSquashfsDirectoryInode> {
  return records(new SquashfsDirectoryInodeRecord(bytes, 'le'), 16, strideBytes, 'SquashfsDirectoryInode');
}

export type GuestSquashfsLargeDirectoryInode = Guest<SquashfsLargeDirectoryInodeRecord>;

/** A table of `large_directory_inode`: 24 bytes each, `strideBytes` apart. */
export function squashfsLargeDirectoryInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 24,
): Records<GuestSquashfsLargeDirectoryInode> {
  return records(new SquashfsLargeDirectoryInodeRecord(bytes, 'le'), 24, strideBytes, 'SquashfsLargeDirectoryInode');
}

export type GuestSquashfsIndexEntry = Guest<SquashfsIndexEntryRecord>;

/** A table of `index_entry`: 12 bytes each, `strideBytes` apart. */
export function squashfsIndexEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestSquashfsIndexEntry> {
  return records(new SquashfsIndexEntryRecord(bytes, 'le'), 12, strideBytes, 'SquashfsIndexEntry');
}

export type GuestSquashfsFileInode = Guest<SquashfsFileInodeRecord>;

/** A table of `file_inode`: 16 bytes each, `strideBytes` apart. */
export function squashfsFileInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestSquashfsFileInode> {
  return records(new SquashfsFileInodeRecord(bytes, 'le'), 16, strideBytes, 'SquashfsFileInode');
}

export type GuestSquashfsLargeFileInode = Guest<SquashfsLargeFileInodeRecord>;

/** A table of `large_file_inode`: 40 bytes each, `strideBytes` apart. */
export function squashfsLargeFileInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 40,
): Records<GuestSquashfsLargeFileInode> {
  return records(new SquashfsLargeFileInodeRecord(bytes, 'le'), 40, strideBytes, 'SquashfsLargeFileInode');
}

export type GuestSquashfsWord = Guest<SquashfsWordRecord>;

/** A table of `word`: 4 bytes each, `strideBytes` apart. */
export function squashfsWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestSquashfsWord> {
  return records(new SquashfsWordRecord(bytes, 'le'), 4, strideBytes, 'SquashfsWord');
}

export type GuestSquashfsPlace = Guest<SquashfsPlaceRecord>;

/** A table of `place`: 8 bytes each, `strideBytes` apart. */
export function squashfsPlaceRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestSquashfsPlace> {
  return records(new SquashfsPlaceRecord(bytes, 'le'), 8, strideBytes, 'SquashfsPlace');
}

export type GuestSquashfsFragmentEntry = Guest<SquashfsFragmentEntryRecord>;

/** A table of `fragment_entry`: 16 bytes each, `strideBytes` apart. */
export function squashfsFragmentEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestSquashfsFragmentEntry> {
  return records(new SquashfsFragmentEntryRecord(bytes, 'le'), 16, strideBytes, 'SquashfsFragmentEntry');
}

export type GuestSquashfsAttributesHead = Guest<SquashfsAttributesHeadRecord>;

/** A table of `attributes_head`: 16 bytes each, `strideBytes` apart. */
export function squashfsAttributesHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestSquashfsAttributesHead> {
  return records(new SquashfsAttributesHeadRecord(bytes, 'le'), 16, strideBytes, 'SquashfsAttributesHead');
}

export type GuestSquashfsAttributesEntry = Guest<SquashfsAttributesEntryRecord>;

/** A table of `attributes_entry`: 16 bytes each, `strideBytes` apart. */
export function squashfsAttributesEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestSquashfsAttributesEntry> {
  return records(new SquashfsAttributesEntryRecord(bytes, 'le'), 16, strideBytes, 'SquashfsAttributesEntry');
}

export type GuestSquashfsDirectoryHead = Guest<SquashfsDirectoryHeadRecord>;

/** A table of `directory_head`: 12 bytes each, `strideBytes` apart. */
export function squashfsDirectoryHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestSquashfsDirectoryHead> {
  return records(new SquashfsDirectoryHeadRecord(bytes, 'le'), 12, strideBytes, 'SquashfsDirectoryHead');
}

export type GuestSquashfsDirectoryEntry = Guest<SquashfsDirectoryEntryRecord>;

/** A table of `directory_entry`: 8 bytes each, `strideBytes` apart. */
export function squashfsDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestSquashfsDirectoryEntry> {
  return records(new SquashfsDirectoryEntryRecord(bytes, 'le'), 8, strideBytes, 'SquashfsDirectoryEntry');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Squashfs(new SafeStream(bytes));
  return guestClaims({
    type: 'squashfs',
    blockSize: it.lenBlock,
    blocks: div(it.lenUsed - 1n, big(it.lenBlock), 'Squashfs blocks') + 1n,
    end: it.lenUsed,
    free: 0,
    available: 0,
    inodes: it.numInodes,
    inodesFree: 0,
    version: concat('Squashfs version', it.major.toString(), '.', it.minor.toString()),
  });
}

/**
 * The superblock of a compressed read-only filesystem, version 4. Its last block
 * may be a part of one, and nothing is ever free on it.
 *
 * Behind the inodes and directories lie the tables of fragments, of inodes for
 * NFS (lookup), of owners and of extended attributes, in this order. Of each the
 * superblock names the index: where the blocks of the table lie, which come
 * before their index and behind that of the table before. A mount refuses
 * indexes that leave this order.
 * @see https://dr-emann.github.io/squashfs/squashfs.html
 * @see Linux fs/squashfs/squashfs_fs.h: struct squashfs_super_block
 * @see Linux fs/squashfs/super.c: squashfs_fill_super, squashfs_statfs
 * @see Linux fs/squashfs/id.c, xattr_id.c, export.c, fragment.c: the sizes of the indexes
 */
class Squashfs {
  readonly _io: SafeStream;
  /** Called `s_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `inodes` in the original. */
  readonly numInodes: number;
  /**
   * Seconds since 1970.
   * Called `mkfs_time` in the original.
   */
  readonly madeAt: number;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /** Called `fragments` in the original. */
  readonly numFragments: number;
  /** 1 zlib, 2 lzma, 3 lzo, 4 xz, 5 lz4, 6 zstd. */
  readonly compression: number;
  /** Called `block_log` in the original. */
  readonly logBlock: number;
  readonly flags: number;
  /**
   * Number of owners.
   * Called `no_ids` in the original.
   */
  readonly numIds: number;
  /** Called `s_major` in the original. */
  readonly major: number;
  /** Called `s_minor` in the original. */
  readonly minor: number;
  readonly rootInode: bigint;
  /**
   * Bytes from the superblock to the end of the last table.
   * Called `bytes_used` in the original.
   */
  readonly lenUsed: bigint;
  /**
   * The index of the owners, 8 bytes for each 2048 of them.
   * Called `id_table_start` in the original.
   */
  readonly ofsOwners: bigint;
  /**
   * A head of 16 bytes and its index, of one pointer at least; none if all bits are set.
   * Called `xattr_id_table_start` in the original.
   */
  readonly ofsXattrs: bigint;
  /** Called `inode_table_start` in the original. */
  readonly ofsInodes: bigint;
  /** Called `directory_table_start` in the original. */
  readonly ofsDirectories: bigint;
  /**
   * The index of the fragments, 8 bytes for each 512 of them.
   * Called `fragment_table_start` in the original.
   */
  readonly ofsFragments: bigint;
  /**
   * The index of the inodes for NFS, 8 bytes for each 1024 of them; none if all bits are set.
   * Called `lookup_table_start` in the original.
   */
  readonly ofsLookup: bigint;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Squashfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(104, 115, 113, 115)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(104, 115, 113, 115), this.magic, io, 'Squashfs.magic', 'BAD_MAGIC');
    }
    this.numInodes = io.readU4le('Squashfs.numInodes');
    this.madeAt = io.readU4le('Squashfs.madeAt');
    this.lenBlock = io.readU4le('Squashfs.lenBlock');
    if (this.lenBlock < 4096) {
      throw new ValidationLessThanError(4096, this.lenBlock, io, 'Squashfs.lenBlock');
    }
    if (this.lenBlock > 1048576) {
      throw new ValidationGreaterThanError(1048576, this.lenBlock, io, 'Squashfs.lenBlock');
    }
    this.numFragments = io.readU4le('Squashfs.numFragments');
    this.compression = io.readU2le('Squashfs.compression');
    this.logBlock = io.readU2le('Squashfs.logBlock');
    if (!(this.logBlock <= 20 && shl(1n, big(this.logBlock), 'Squashfs.logBlock') === big(this.lenBlock))) {
      throw new ValidationExprError(this.logBlock, io, 'Squashfs.logBlock');
    }
    this.flags = io.readU2le('Squashfs.flags');
    this.numIds = io.readU2le('Squashfs.numIds');
    if (this.numIds < 1) {
      throw new ValidationLessThanError(1, this.numIds, io, 'Squashfs.numIds');
    }
    this.major = io.readU2le('Squashfs.major');
    if (this.major !== 4) {
      throw new ValidationNotEqualError(4, this.major, io, 'Squashfs.major');
    }
    this.minor = io.readU2le('Squashfs.minor');
    this.rootInode = io.readU8le('Squashfs.rootInode');
    this.lenUsed = io.readU8le('Squashfs.lenUsed');
    if (this.lenUsed < 96n) {
      throw new ValidationLessThanError(96, this.lenUsed, io, 'Squashfs.lenUsed');
    }
    this.ofsOwners = io.readU8le('Squashfs.ofsOwners');
    this.ofsXattrs = io.readU8le('Squashfs.ofsXattrs');
    if (!(this.ofsXattrs === this.none ? this.endOwnerIndex <= this.lenUsed : this.ofsXattrs > this.endOwnerIndex && this.ofsXattrs <= this.lenUsed - 24n)) {
      throw new ValidationExprError(this.ofsXattrs, io, 'Squashfs.ofsXattrs');
    }
    this.ofsInodes = io.readU8le('Squashfs.ofsInodes');
    this.ofsDirectories = io.readU8le('Squashfs.ofsDirectories');
    if (!(this.ofsDirectories > this.ofsInodes && this.ofsDirectories < this.ofsOwners)) {
      throw new ValidationExprError(this.ofsDirectories, io, 'Squashfs.ofsDirectories');
    }
    this.ofsFragments = io.readU8le('Squashfs.ofsFragments');
    if (!(this.numFragments === 0 || (this.ofsFragments > this.ofsDirectories && this.ofsFragments + this.lenFragmentIndex < this.ofsOwners))) {
      throw new ValidationExprError(this.ofsFragments, io, 'Squashfs.ofsFragments');
    }
    this.ofsLookup = io.readU8le('Squashfs.ofsLookup');
    if (!(this.ofsLookup === this.none || (this.ofsLookup > this.ofsDirectories && this.ofsLookup >= this.endFragmentIndex && this.ofsLookup < this.ofsOwners))) {
      throw new ValidationExprError(this.ofsLookup, io, 'Squashfs.ofsLookup');
    }
  }

  #none: bigint | undefined;
  get none(): bigint {
    return (this.#none ??= 18446744073709551615n);
  }

  #endOwnerIndex: bigint | undefined;
  get endOwnerIndex(): bigint {
    return (this.#endOwnerIndex ??= this.ofsOwners + div(big(this.numIds) * 4n + 8191n, 8192n, 'Squashfs.endOwnerIndex') * 8n);
  }

  #lenFragmentIndex: bigint | undefined;
  get lenFragmentIndex(): bigint {
    return (this.#lenFragmentIndex ??= div(big(this.numFragments) * 16n + 8191n, 8192n, 'Squashfs.lenFragmentIndex') * 8n);
  }

  #endFragmentIndex: bigint | undefined;
  get endFragmentIndex(): bigint {
    return (this.#endFragmentIndex ??= this.numFragments === 0 ? 0n : this.ofsFragments + this.lenFragmentIndex);
  }
}

/** Before each block of inodes, of directories and of tables. */
class SquashfsMetadataHeadRecord extends RecordCursor {
  /** The highest bit is set where the block is not compressed. */
  get lenBlock(): number {
    return this._view.getUint16(this._offset, true);
  }
}

/** Called `squashfs_base_inode` in the original. */
class SquashfsInodeHeadRecord extends RecordCursor {
  /**
   * 1 directory, 2 file, 3 link, 4 block device, 5 character device, 6 FIFO,
   * 7 socket; from 8 on the same, with larger numbers.
   * Called `inode_type` in the original.
   */
  get type(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Permissions alone. */
  get mode(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /**
   * An index of the table of owners, as that of the group.
   * Called `uid` in the original.
   */
  get owner(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `guid` in the original. */
  get group(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /** Called `mtime` in the original. */
  get modifiedAt(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /** Called `inode_number` in the original. */
  get number(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/** Called `squashfs_dir_inode` in the original. */
class SquashfsDirectoryInodeRecord extends RecordCursor {
  /**
   * Of the names, from the first block of directories on.
   * Called `start_block` in the original.
   */
  get block(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /**
   * With three bytes for the directory itself and the one above.
   * Called `file_size` in the original.
   */
  get lenNames(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** In the block, when it is decompressed. */
  get offset(): number {
    return this._view.getUint16(this._offset + 10, true);
  }

  /** Called `parent_inode` in the original. */
  get parent(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/** Called `squashfs_ldir_inode` in the original. */
class SquashfsLargeDirectoryInodeRecord extends RecordCursor {
  /** Called `nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `file_size` in the original. */
  get lenNames(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `start_block` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /** Called `parent_inode` in the original. */
  get parent(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /** Called `i_count` in the original. */
  get numIndex(): number {
    return this._view.getUint16(this._offset + 16, true);
  }

  get offset(): number {
    return this._view.getUint16(this._offset + 18, true);
  }

  /** Called `xattr` in the original. */
  get attributes(): number {
    return this._view.getUint32(this._offset + 20, true);
  }
}

/**
 * In which block of names those from this one on are. The name follows.
 * Called `squashfs_dir_index` in the original.
 */
class SquashfsIndexEntryRecord extends RecordCursor {
  get index(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `start_block` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /**
   * Less 1.
   * Called `size` in the original.
   */
  get lenName(): number {
    return this._view.getUint32(this._offset + 8, true);
  }
}

/**
 * The sizes of its blocks follow.
 * Called `squashfs_reg_inode` in the original.
 */
class SquashfsFileInodeRecord extends RecordCursor {
  /** Called `start_block` in the original. */
  get ofsContent(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** All bits are set where the end of the file is in no fragment. */
  get fragment(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** In the fragment. */
  get offset(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /** Called `file_size` in the original. */
  get lenFile(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/** Called `squashfs_lreg_inode` in the original. */
class SquashfsLargeFileInodeRecord extends RecordCursor {
  /** Called `start_block` in the original. */
  get ofsContent(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `file_size` in the original. */
  get lenFile(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `sparse` in the original. */
  get lenSparse(): bigint {
    return this._view.getBigUint64(this._offset + 16, true);
  }

  /** Called `nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint32(this._offset + 24, true);
  }

  get fragment(): number {
    return this._view.getUint32(this._offset + 28, true);
  }

  get offset(): number {
    return this._view.getUint32(this._offset + 32, true);
  }

  /** Called `xattr` in the original. */
  get attributes(): number {
    return this._view.getUint32(this._offset + 36, true);
  }
}

/**
 * The size of a block, an owner; a link's and a device's number of links, and
 * behind it the size of the target, whose text follows, or the device's number.
 */
class SquashfsWordRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/** Where a block of a table is. */
class SquashfsPlaceRecord extends RecordCursor {
  get value(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}

/** Called `squashfs_fragment_entry` in the original. */
class SquashfsFragmentEntryRecord extends RecordCursor {
  /** Called `start_block` in the original. */
  get ofsBlock(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /**
   * As of a file's block.
   * Called `size` in the original.
   */
  get lenBlock(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get unused(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/**
 * Before the index of the table of attributes.
 * Called `squashfs_xattr_id_table` in the original.
 */
class SquashfsAttributesHeadRecord extends RecordCursor {
  /** Called `xattr_table_start` in the original. */
  get ofsAttributes(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `xattr_ids` in the original. */
  get numEntries(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get unused(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/**
 * The extended attributes of inodes that have the same ones.
 * Called `squashfs_xattr_id` in the original.
 */
class SquashfsAttributesEntryRecord extends RecordCursor {
  /** Called `xattr` in the original. */
  get place(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `count` in the original. */
  get numAttributes(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  /** Called `size` in the original. */
  get lenAttributes(): number {
    return this._view.getUint32(this._offset + 12, true);
  }
}

/**
 * Before up to 256 names, whose inodes are in one block.
 * Called `squashfs_dir_header` in the original.
 */
class SquashfsDirectoryHeadRecord extends RecordCursor {
  /**
   * Less 1.
   * Called `count` in the original.
   */
  get numEntries(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `start_block` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `inode_number` in the original. */
  get number(): number {
    return this._view.getUint32(this._offset + 8, true);
  }
}

/** Called `squashfs_dir_entry` in the original. */
class SquashfsDirectoryEntryRecord extends RecordCursor {
  get offset(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `inode_number` in the original. */
  get numberDelta(): number {
    return this._view.getInt16(this._offset + 2, true);
  }

  get type(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /**
   * Less 1.
   * Called `size` in the original.
   */
  get lenName(): number {
    return this._view.getUint16(this._offset + 6, true);
  }
}
