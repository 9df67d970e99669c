// Generated from formats/filesystem/erofs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  shl,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestErofs = Guest<Erofs>;

/** `erofs` from its bytes. @throws FormatError when they are none. */
export function parseErofs(bytes: Uint8Array): GuestErofs {
  return guest(new Erofs(new SafeStream(bytes)));
}

export type GuestErofsCompactInode = Guest<ErofsCompactInodeRecord>;

/** A table of `compact_inode`: 32 bytes each, `strideBytes` apart. */
export function erofsCompactInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 32,
): Records<GuestErofsCompactInode> {
  return records(new ErofsCompactInodeRecord(bytes, 'le'), 32, strideBytes, 'ErofsCompactInode');
}

export type GuestErofsExtendedInode = Guest<ErofsExtendedInodeRecord>;

/** A table of `extended_inode`: 64 bytes each, `strideBytes` apart. */
export function erofsExtendedInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 64,
): Records<GuestErofsExtendedInode> {
  return records(new ErofsExtendedInodeRecord(bytes, 'le'), 64, strideBytes, 'ErofsExtendedInode');
}

export type GuestErofsDirectoryEntry = Guest<ErofsDirectoryEntryRecord>;

/** A table of `directory_entry`: 12 bytes each, `strideBytes` apart. */
export function erofsDirectoryEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestErofsDirectoryEntry> {
  return records(new ErofsDirectoryEntryRecord(bytes, 'le'), 12, strideBytes, 'ErofsDirectoryEntry');
}

export type GuestErofsWord = Guest<ErofsWordRecord>;

/** A table of `word`: 4 bytes each, `strideBytes` apart. */
export function erofsWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestErofsWord> {
  return records(new ErofsWordRecord(bytes, 'le'), 4, strideBytes, 'ErofsWord');
}

export type GuestErofsChunk = Guest<ErofsChunkRecord>;

/** A table of `chunk`: 8 bytes each, `strideBytes` apart. */
export function erofsChunkRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestErofsChunk> {
  return records(new ErofsChunkRecord(bytes, 'le'), 8, strideBytes, 'ErofsChunk');
}

export type GuestErofsMapHead = Guest<ErofsMapHeadRecord>;

/** A table of `map_head`: 8 bytes each, `strideBytes` apart. */
export function erofsMapHeadRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestErofsMapHead> {
  return records(new ErofsMapHeadRecord(bytes, 'le'), 8, strideBytes, 'ErofsMapHead');
}

export type GuestErofsMapEntry = Guest<ErofsMapEntryRecord>;

/** A table of `map_entry`: 8 bytes each, `strideBytes` apart. */
export function erofsMapEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestErofsMapEntry> {
  return records(new ErofsMapEntryRecord(bytes, 'le'), 8, strideBytes, 'ErofsMapEntry');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Erofs(new SafeStream(bytes));
  return guestClaims({
    type: 'erofs',
    isMountedCut: true,
    blockSize: shl(1n, big(it.logBlock), 'Erofs block-size'),
    blocks: it.numBlocks,
    free: 0,
    available: 0,
    label: it.volumeName,
    uuid: it.uuid,
  });
}

/**
 * The superblock of a read-only filesystem. Nothing is ever free on it; the kernel
 * gives no limit of inodes, so that there is no count of files either. An image
 * whose data lie on further devices is not read.
 * @see Linux fs/erofs/erofs_fs.h: struct erofs_super_block
 * @see Linux fs/erofs/super.c: erofs_read_superblock, erofs_superblock_csum_verify, erofs_statfs
 */
class Erofs {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /**
   * CRC-32C of the rest of the superblock's block, with 0 in this place, if bit 0
   * of the compatible features is set.
   */
  readonly checksum: number;
  readonly featureCompat: number;
  /** Called `blkszbits` in the original. */
  readonly logBlock: number;
  /** Called `sb_extslots` in the original. */
  readonly numExtensionSlots: number;
  /**
   * With 48-bit block addresses the upper bits of the number of blocks.
   * Called `rb` in the original.
   */
  readonly rootNidOrBlocksHi: number;
  /** Called `inos` in the original. */
  readonly numInodes: bigint;
  /**
   * Seconds since 1970.
   * Called `epoch` in the original.
   */
  readonly builtAt: bigint;
  /** Called `fixed_nsec` in the original. */
  readonly builtAtNanoseconds: number;
  /** Called `blocks_lo` in the original. */
  readonly numBlocksLo: number;
  /** Called `meta_blkaddr` in the original. */
  readonly metadataBlock: number;
  /** Called `xattr_blkaddr` in the original. */
  readonly xattrBlock: number;
  readonly uuid: Uint8Array;
  readonly volumeName: string;
  readonly featureIncompat: number;
  /** Called `u1` in the original. */
  readonly compression: number;
  /**
   * Further devices that hold data.
   * Called `extra_devices` in the original.
   */
  readonly numExtraDevices: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Erofs.magic');
    if (compareBytes(this.magic, Uint8Array.of(226, 225, 245, 224)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(226, 225, 245, 224), this.magic, io, 'Erofs.magic', 'BAD_MAGIC');
    }
    this.checksum = io.readU4le('Erofs.checksum');
    this.featureCompat = io.readU4le('Erofs.featureCompat');
    this.logBlock = io.readU1('Erofs.logBlock');
    if (this.logBlock < 9) {
      throw new ValidationLessThanError(9, this.logBlock, io, 'Erofs.logBlock');
    }
    if (this.logBlock > 16) {
      throw new ValidationGreaterThanError(16, this.logBlock, io, 'Erofs.logBlock');
    }
    this.numExtensionSlots = io.readU1('Erofs.numExtensionSlots');
    this.rootNidOrBlocksHi = io.readU2le('Erofs.rootNidOrBlocksHi');
    this.numInodes = io.readU8le('Erofs.numInodes');
    this.builtAt = io.readU8le('Erofs.builtAt');
    this.builtAtNanoseconds = io.readU4le('Erofs.builtAtNanoseconds');
    this.numBlocksLo = io.readU4le('Erofs.numBlocksLo');
    this.metadataBlock = io.readU4le('Erofs.metadataBlock');
    this.xattrBlock = io.readU4le('Erofs.xattrBlock');
    this.uuid = io.take(16, 'Erofs.uuid');
    this.volumeName = decode(terminate(io.take(16, 'Erofs.volumeName'), [0], false), 'UTF-8');
    this.featureIncompat = io.readU4le('Erofs.featureIncompat');
    this.compression = io.readU2le('Erofs.compression');
    this.numExtraDevices = io.readU2le('Erofs.numExtraDevices');
    if (this.numExtraDevices !== 0) {
      throw new ValidationNotEqualError(0, this.numExtraDevices, io, 'Erofs.numExtraDevices');
    }
  }

  get is48bit(): boolean {
    return (big(this.featureIncompat) & 128n) !== 0n;
  }

  #numBlocks: bigint | undefined;
  get numBlocks(): bigint {
    return (this.#numBlocks ??= this.is48bit ? shl(big(this.rootNidOrBlocksHi), 32n, 'Erofs.numBlocks') + big(this.numBlocksLo) : big(this.numBlocksLo));
  }
}

/** Called `erofs_inode_compact` in the original. */
class ErofsCompactInodeRecord extends RecordCursor {
  /**
   * Bit 0 is set in the extended form; bits 1 to 3 are the layout of the content.
   * Called `i_format` in the original.
   */
  get format(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `i_xattr_icount` in the original. */
  get numAttributeWords(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `i_mode` in the original. */
  get mode(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `i_nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /** Called `i_size` in the original. */
  get lenFile(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get reserved(): number {
    return this._view.getUint32(this._offset + 12, true);
  }

  /**
   * The first block, or the number of compressed blocks, or the form of chunks.
   * Called `i_u` in the original.
   */
  get content(): number {
    return this._view.getUint32(this._offset + 16, true);
  }

  /** Called `i_ino` in the original. */
  get number(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  /** Called `i_uid` in the original. */
  get owner(): number {
    return this._view.getUint16(this._offset + 24, true);
  }

  /** Called `i_gid` in the original. */
  get group(): number {
    return this._view.getUint16(this._offset + 26, true);
  }

  get reserved2(): number {
    return this._view.getUint32(this._offset + 28, true);
  }
}

/** Called `erofs_inode_extended` in the original. */
class ErofsExtendedInodeRecord extends RecordCursor {
  /** Called `i_format` in the original. */
  get format(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `i_xattr_icount` in the original. */
  get numAttributeWords(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `i_mode` in the original. */
  get mode(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  get reserved(): number {
    return this._view.getUint16(this._offset + 6, true);
  }

  /** Called `i_size` in the original. */
  get lenFile(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `i_u` in the original. */
  get content(): number {
    return this._view.getUint32(this._offset + 16, true);
  }

  /** Called `i_ino` in the original. */
  get number(): number {
    return this._view.getUint32(this._offset + 20, true);
  }

  /** Called `i_uid` in the original. */
  get owner(): number {
    return this._view.getUint32(this._offset + 24, true);
  }

  /** Called `i_gid` in the original. */
  get group(): number {
    return this._view.getUint32(this._offset + 28, true);
  }

  /** Called `i_mtime` in the original. */
  get modified(): bigint {
    return this._view.getBigUint64(this._offset + 32, true);
  }

  /** Called `i_mtime_nsec` in the original. */
  get modifiedNs(): number {
    return this._view.getUint32(this._offset + 40, true);
  }

  /** Called `i_nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint32(this._offset + 44, true);
  }

  get reserved2(): Uint8Array {
    return this._take(48, 16);
  }
}

/**
 * Those of a block come first, then their names.
 * Called `erofs_dirent` in the original.
 */
class ErofsDirectoryEntryRecord extends RecordCursor {
  /** Called `nid` in the original. */
  get number(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `nameoff` in the original. */
  get ofsName(): number {
    return this._view.getUint16(this._offset + 8, true);
  }

  /** Called `file_type` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset + 10);
  }

  get reserved(): number {
    return this._view.getUint8(this._offset + 11);
  }
}

/** The block of a chunk; a part of a packed index. */
class ErofsWordRecord extends RecordCursor {
  get value(): number {
    return this._view.getUint32(this._offset, true);
  }
}

/** Called `erofs_inode_chunk_index` in the original. */
class ErofsChunkRecord extends RecordCursor {
  get advise(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `device_id` in the original. */
  get device(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `blkaddr` in the original. */
  get block(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}

/**
 * Before the index of a compressed file.
 * Called `z_erofs_map_header` in the original.
 */
class ErofsMapHeadRecord extends RecordCursor {
  get reserved(): Uint8Array {
    return this._take(0, 4);
  }

  /**
   * 1 a part of the index is packed by 2 bytes, 2 and 4 more than a block may
   * be compressed together, 8 the end is within the inode, 0x20 in a fragment.
   * Called `h_advise` in the original.
   */
  get advise(): number {
    return this._view.getUint16(this._offset + 4, true);
  }

  /** Called `h_algorithmtype` in the original. */
  get algorithm(): number {
    return this._view.getUint8(this._offset + 6);
  }

  /**
   * The lowest three bits are by how many a cluster of the file has more than
   * those of a block; the highest one, that all is in a fragment.
   * Called `h_clusterbits` in the original.
   */
  get cluster(): number {
    return this._view.getUint8(this._offset + 7);
  }
}

/**
 * An entry of an index that is not packed.
 * Called `z_erofs_lcluster_index` in the original.
 */
class ErofsMapEntryRecord extends RecordCursor {
  /**
   * 0 not compressed, 1 and 3 the beginning of what is, 2 a cluster that goes on.
   * Called `di_advise` in the original.
   */
  get advise(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `di_clusterofs` in the original. */
  get offset(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** The block, or how far it is back to the beginning, and on to the next one. */
  get value(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}
