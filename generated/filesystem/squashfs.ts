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
