// Generated from formats/filesystem/bfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  decode,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  sumRecords,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestBfs = Guest<Bfs>;

/** `bfs` from its bytes. @throws FormatError when they are none. */
export function parseBfs(bytes: Uint8Array): GuestBfs {
  return guest(new Bfs(new SafeStream(bytes)));
}

export type GuestBfsInode = Guest<BfsInodeRecord>;

/** A table of `inode`: 12 bytes each, `strideBytes` apart. */
export function bfsInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 12,
): Records<GuestBfsInode> {
  return records(new BfsInodeRecord(bytes, 'le'), 12, strideBytes, 'BfsInode');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Bfs(new SafeStream(bytes));
  return guestClaims({
    type: 'bfs',
    blockSize: 512,
    blocks: div(big(it.ofsEnd) + 1n, 512n, 'Bfs blocks'),
    free: {
      sum: {
        at: 512,
        count: it.numInodes,
        size: 64,
        base: div(big(it.ofsEnd) + 1n - big(it.ofsData), 512n, 'Bfs free-base'),
        total: (bytes, strideBytes) =>
          sumRecords(new BfsInodeRecord(bytes, 'le'), 12, strideBytes, 'BfsInode', (record) => -record.numBlocks),
      },
    },
    inodes: it.numInodes,
    inodesFree: {
      sum: {
        at: 512,
        count: it.numInodes,
        size: 64,
        base: 0,
        total: (bytes, strideBytes) =>
          sumRecords(new BfsInodeRecord(bytes, 'le'), 12, strideBytes, 'BfsInode', (record) => record.isFree ? 1 : 0),
      },
    },
  });
}

/**
 * The superblock of SCO UnixWare's filesystem for its boot files. Behind it comes
 * the table of inodes; each file is one run of blocks, so that the inodes say what
 * is in use.
 * @see Linux include/uapi/linux/bfs_fs.h: struct bfs_super_block, struct bfs_inode
 * @see Linux fs/bfs/inode.c: bfs_fill_super, bfs_statfs
 */
class Bfs {
  readonly _io: SafeStream;
  /** Called `s_magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * Where the data begin and the table of at most 512 inodes ends.
   * Called `s_start` in the original.
   */
  readonly ofsData: number;
  /**
   * The last byte.
   * Called `s_end` in the original.
   */
  readonly ofsEnd: number;
  /**
   * How far a compaction that was interrupted had come.
   * Called `s_from, s_to, s_bfrom, s_bto` in the original.
   */
  readonly compaction: Uint8Array;
  /** Called `s_fsname` in the original. */
  readonly filesystemName: string;
  /** Called `s_volume` in the original. */
  readonly volumeName: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Bfs.magic');
    if (compareBytes(this.magic, Uint8Array.of(206, 250, 173, 27)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(206, 250, 173, 27), this.magic, io, 'Bfs.magic', 'BAD_MAGIC');
    }
    this.ofsData = io.readU4le('Bfs.ofsData');
    if (this.ofsData < 512) {
      throw new ValidationLessThanError(512, this.ofsData, io, 'Bfs.ofsData');
    }
    if (this.ofsData > 33280) {
      throw new ValidationGreaterThanError(33280, this.ofsData, io, 'Bfs.ofsData');
    }
    this.ofsEnd = io.readU4le('Bfs.ofsEnd');
    if (this.ofsEnd < this.ofsData) {
      throw new ValidationLessThanError(this.ofsData, this.ofsEnd, io, 'Bfs.ofsEnd');
    }
    this.compaction = io.take(16, 'Bfs.compaction');
    this.filesystemName = decode(terminate(io.take(6, 'Bfs.filesystemName'), [0], false), 'UTF-8');
    this.volumeName = decode(terminate(io.take(6, 'Bfs.volumeName'), [0], false), 'UTF-8');
  }

  #numInodes: bigint | undefined;
  get numInodes(): bigint {
    return (this.#numInodes ??= div(big(this.ofsData) - 512n, 64n, 'Bfs.numInodes'));
  }
}

class BfsInodeRecord extends RecordCursor {
  /**
   * The inode's own number; 0 when it is free.
   * Called `i_ino` in the original.
   */
  get number(): number {
    return this._view.getUint16(this._offset, true);
  }

  /** Called `i_unused` in the original. */
  get reserved1(): number {
    return this._view.getUint16(this._offset + 2, true);
  }

  /** Called `i_sblock` in the original. */
  get firstBlock(): number {
    return this._view.getUint32(this._offset + 4, true);
  }

  /** Called `i_eblock` in the original. */
  get lastBlock(): number {
    return this._view.getUint32(this._offset + 8, true);
  }

  get isFree(): boolean {
    return this.number === 0;
  }

  get numBlocks(): bigint {
    return this.isFree || this.firstBlock === 0 ? 0n : big(this.lastBlock) + 1n - big(this.firstBlock);
  }
}
