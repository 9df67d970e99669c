// Generated from formats/filesystem/jbd2.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestJbd2 = Guest<Jbd2>;

/** `jbd2` from its bytes. @throws FormatError when they are none. */
export function parseJbd2(bytes: Uint8Array): GuestJbd2 {
  return guest(new Jbd2(new SafeStream(bytes)));
}

export type GuestJbd2BlockTail = Guest<Jbd2BlockTail>;

/** `block_tail` from its bytes. @throws FormatError when they are none. */
export function parseJbd2BlockTail(bytes: Uint8Array): GuestJbd2BlockTail {
  return guest(new Jbd2BlockTail(new SafeStream(bytes)));
}

export type GuestJbd2Commit = Guest<Jbd2Commit>;

/** `commit` from its bytes. @throws FormatError when they are none. */
export function parseJbd2Commit(bytes: Uint8Array): GuestJbd2Commit {
  return guest(new Jbd2Commit(new SafeStream(bytes)));
}

export type GuestJbd2Revoke = Guest<Jbd2Revoke>;

/** `revoke` from its bytes. @throws FormatError when they are none. */
export function parseJbd2Revoke(bytes: Uint8Array): GuestJbd2Revoke {
  return guest(new Jbd2Revoke(new SafeStream(bytes)));
}

export type GuestJbd2Header = Guest<Jbd2HeaderRecord>;

/** A table of `header`: 12 bytes each, `strideBytes` apart. */
export function jbd2HeaderRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestJbd2Header> {
  return records(new Jbd2HeaderRecord(bytes, 'le'), 12, strideBytes, 'Jbd2Header');
}

export type GuestJbd2Tag = Guest<Jbd2TagRecord>;

/** A table of `tag`: 8 bytes each, `strideBytes` apart. */
export function jbd2TagRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestJbd2Tag> {
  return records(new Jbd2TagRecord(bytes, 'le'), 8, strideBytes, 'Jbd2Tag');
}

export type GuestJbd2WideTag = Guest<Jbd2WideTagRecord>;

/** A table of `wide_tag`: 12 bytes each, `strideBytes` apart. */
export function jbd2WideTagRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestJbd2WideTag> {
  return records(new Jbd2WideTagRecord(bytes, 'le'), 12, strideBytes, 'Jbd2WideTag');
}

export type GuestJbd2Tag3 = Guest<Jbd2Tag3Record>;

/** A table of `tag3`: 16 bytes each, `strideBytes` apart. */
export function jbd2Tag3Records(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestJbd2Tag3> {
  return records(new Jbd2Tag3Record(bytes, 'le'), 16, strideBytes, 'Jbd2Tag3');
}

export type GuestJbd2RevokedBlock = Guest<Jbd2RevokedBlockRecord>;

/** A table of `revoked_block`: 4 bytes each, `strideBytes` apart. */
export function jbd2RevokedBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
): Records<GuestJbd2RevokedBlock> {
  return records(new Jbd2RevokedBlockRecord(bytes, 'le'), 4, strideBytes, 'Jbd2RevokedBlock');
}

export type GuestJbd2WideRevokedBlock = Guest<Jbd2WideRevokedBlockRecord>;

/** A table of `wide_revoked_block`: 8 bytes each, `strideBytes` apart. */
export function jbd2WideRevokedBlockRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestJbd2WideRevokedBlock> {
  return records(new Jbd2WideRevokedBlockRecord(bytes, 'le'), 8, strideBytes, 'Jbd2WideRevokedBlock');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Jbd2(new SafeStream(bytes));
  return guestClaims({
    type: 'jbd',
    uuid: it.uuid,
  });
}

/**
 * The superblock of a journal, which fills the first block of it, and what its
 * other blocks begin with. A transaction is descriptor blocks, each in front of
 * the blocks that it names, revoke blocks, and a commit block.
 *
 * It lies in a file of the filesystem whose blocks it logs, or behind the
 * superblock of a device of its own.
 * @see https://docs.kernel.org/filesystems/ext4/globals.html
 * @see Linux include/linux/jbd2.h: struct journal_superblock_s, struct journal_header_s
 */
class Jbd2 {
  readonly _io: SafeStream;
  /** Called `h_magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * 3, the first version, which has no features; 4, the second.
   * Called `h_blocktype` in the original.
   */
  readonly blockType: number;
  /** Called `h_sequence` in the original. */
  readonly headerSequence: number;
  /** Called `s_blocksize` in the original. */
  readonly lenBlock: number;
  /** Called `s_maxlen` in the original. */
  readonly numBlocks: number;
  /**
   * The first block of the log itself.
   * Called `s_first` in the original.
   */
  readonly firstBlock: number;
  /**
   * The number of the first transaction that is expected in the log.
   * Called `s_sequence` in the original.
   */
  readonly sequence: number;
  /**
   * The block at which that begins; 0 if the log is empty.
   * Called `s_start` in the original.
   */
  readonly start: number;
  /** Called `s_errno` in the original. */
  readonly error: number;
  /** Called `s_feature_compat` in the original. */
  readonly featureCompat: number;
  /** Called `s_feature_incompat` in the original. */
  readonly featureIncompat: number;
  /** Called `s_feature_ro_compat` in the original. */
  readonly featureRoCompat: number;
  /** Called `s_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `s_nr_users` in the original. */
  readonly numUsers: number;
  /** Called `s_dynsuper` in the original. */
  readonly dynamicSuperblock: number;
  /** Called `s_max_transaction` in the original. */
  readonly maxTransaction: number;
  /** Called `s_max_trans_data` in the original. */
  readonly maxTransactionData: number;
  /**
   * 4, CRC-32C.
   * Called `s_checksum_type` in the original.
   */
  readonly checksumType: number;
  /** Called `s_padding2` in the original. */
  readonly padding2: Uint8Array;
  /**
   * Blocks at the end that hold fast commits; 0 is 256.
   * Called `s_num_fc_blks` in the original.
   */
  readonly numFastCommitBlocks: number;
  /** Called `s_head` in the original. */
  readonly head: number;
  /** Called `s_padding` in the original. */
  readonly padding: Uint8Array;
  /**
   * CRC-32C of the 1024 bytes, with zeros here.
   * Called `s_checksum` in the original.
   */
  readonly checksum: number;
  /** Called `s_users` in the original. */
  readonly users: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Jbd2.magic');
    if (compareBytes(this.magic, Uint8Array.of(192, 59, 57, 152)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(192, 59, 57, 152), this.magic, io, 'Jbd2.magic', 'BAD_MAGIC');
    }
    this.blockType = io.readU4be('Jbd2.blockType');
    if (this.blockType < 3) {
      throw new ValidationLessThanError(3, this.blockType, io, 'Jbd2.blockType');
    }
    if (this.blockType > 4) {
      throw new ValidationGreaterThanError(4, this.blockType, io, 'Jbd2.blockType');
    }
    this.headerSequence = io.readU4be('Jbd2.headerSequence');
    this.lenBlock = io.readU4be('Jbd2.lenBlock');
    this.numBlocks = io.readU4be('Jbd2.numBlocks');
    this.firstBlock = io.readU4be('Jbd2.firstBlock');
    this.sequence = io.readU4be('Jbd2.sequence');
    this.start = io.readU4be('Jbd2.start');
    this.error = io.readU4be('Jbd2.error');
    this.featureCompat = io.readU4be('Jbd2.featureCompat');
    this.featureIncompat = io.readU4be('Jbd2.featureIncompat');
    this.featureRoCompat = io.readU4be('Jbd2.featureRoCompat');
    this.uuid = io.take(16, 'Jbd2.uuid');
    this.numUsers = io.readU4be('Jbd2.numUsers');
    this.dynamicSuperblock = io.readU4be('Jbd2.dynamicSuperblock');
    this.maxTransaction = io.readU4be('Jbd2.maxTransaction');
    this.maxTransactionData = io.readU4be('Jbd2.maxTransactionData');
    this.checksumType = io.readU1('Jbd2.checksumType');
    this.padding2 = io.take(3, 'Jbd2.padding2');
    this.numFastCommitBlocks = io.readU4be('Jbd2.numFastCommitBlocks');
    this.head = io.readU4be('Jbd2.head');
    this.padding = io.take(160, 'Jbd2.padding');
    this.checksum = io.readU4be('Jbd2.checksum');
    this.users = io.take(768, 'Jbd2.users');
  }
}

/** What every block begins with that is not a copy of one of the filesystem's. */
class Jbd2HeaderRecord extends RecordCursor {
  /** Called `h_magic` in the original. */
  get magic(): number {
    return this._view.getUint32(this._offset);
  }

  /**
   * 1, descriptor; 2, commit; 5, revoke.
   * Called `h_blocktype` in the original.
   */
  get blockType(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `h_sequence` in the original. */
  get sequence(): number {
    return this._view.getUint32(this._offset + 8);
  }
}

/**
 * Names the filesystem's block that one of the next blocks is a copy of. With
 * the feature 64bit the upper half of its number follows, with csum_v2 two
 * more bytes.
 * @see Linux include/linux/jbd2.h: struct journal_block_tag_s
 */
class Jbd2TagRecord extends RecordCursor {
  /** Called `t_blocknr` in the original. */
  get blockLo(): number {
    return this._view.getUint32(this._offset);
  }

  /**
   * With csum_v2, the lower half of the CRC-32C.
   * Called `t_checksum` in the original.
   */
  get checksum(): number {
    return this._view.getUint16(this._offset + 4);
  }

  /**
   * 1, the copy's first word was the journal's magic number; 2, no UUID
   * follows; 8, the last tag of the block.
   * Called `t_flags` in the original.
   */
  get flags(): number {
    return this._view.getUint16(this._offset + 6);
  }
}

/** With the feature 64bit, without csum_v3. */
class Jbd2WideTagRecord extends RecordCursor {
  /** As in tag. */
  get low(): Uint8Array {
    return this._take(0, 8);
  }

  /** Called `t_blocknr_high` in the original. */
  get blockHi(): number {
    return this._view.getUint32(this._offset + 8);
  }
}

/**
 * A tag with the feature csum_v3.
 * @see Linux include/linux/jbd2.h: struct journal_block_tag3_s
 */
class Jbd2Tag3Record extends RecordCursor {
  /** Called `t_blocknr` in the original. */
  get blockLo(): number {
    return this._view.getUint32(this._offset);
  }

  /** Called `t_flags` in the original. */
  get flags(): number {
    return this._view.getUint32(this._offset + 4);
  }

  /** Called `t_blocknr_high` in the original. */
  get blockHi(): number {
    return this._view.getUint32(this._offset + 8);
  }

  /**
   * CRC-32C of the transaction's number and the copy.
   * Called `t_checksum` in the original.
   */
  get checksum(): number {
    return this._view.getUint32(this._offset + 12);
  }
}

/** The end of descriptor and revoke blocks with csum_v2 and csum_v3. */
class Jbd2BlockTail {
  readonly _io: SafeStream;
  /** Called `t_checksum` in the original. */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4be('Jbd2BlockTail.checksum');
  }
}

class Jbd2Commit {
  readonly _io: SafeStream;
  readonly header: Uint8Array;
  /**
   * 1, CRC-32 of the transaction's blocks, with the feature checksum.
   * Called `h_chksum_type` in the original.
   */
  readonly checksumType: number;
  /** Called `h_chksum_size` in the original. */
  readonly lenChecksum: number;
  /** Called `h_padding` in the original. */
  readonly padding: Uint8Array;
  /** Called `h_chksum[0]` in the original. */
  readonly checksum: number;
  /** Called `h_chksum` in the original. */
  readonly moreChecksums: Uint8Array;
  /** Called `h_commit_sec` in the original. */
  readonly seconds: bigint;
  /** Called `h_commit_nsec` in the original. */
  readonly nanoseconds: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.header = io.take(12, 'Jbd2Commit.header');
    this.checksumType = io.readU1('Jbd2Commit.checksumType');
    this.lenChecksum = io.readU1('Jbd2Commit.lenChecksum');
    this.padding = io.take(2, 'Jbd2Commit.padding');
    this.checksum = io.readU4be('Jbd2Commit.checksum');
    this.moreChecksums = io.take(28, 'Jbd2Commit.moreChecksums');
    this.seconds = io.readU8be('Jbd2Commit.seconds');
    this.nanoseconds = io.readU4be('Jbd2Commit.nanoseconds');
  }
}

class Jbd2Revoke {
  readonly _io: SafeStream;
  readonly header: Uint8Array;
  /**
   * Bytes of the block in use, with these.
   * Called `r_count` in the original.
   */
  readonly lenUsed: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.header = io.take(12, 'Jbd2Revoke.header');
    this.lenUsed = io.readU4be('Jbd2Revoke.lenUsed');
  }
}

class Jbd2RevokedBlockRecord extends RecordCursor {
  get block(): number {
    return this._view.getUint32(this._offset);
  }
}

/** With the feature 64bit. */
class Jbd2WideRevokedBlockRecord extends RecordCursor {
  get block(): bigint {
    return this._view.getBigUint64(this._offset);
  }
}
