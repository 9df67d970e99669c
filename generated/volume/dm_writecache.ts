// Generated from formats/volume/dm_writecache.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestDmWritecache = Guest<DmWritecache>;

/** `dm_writecache` from its bytes. @throws FormatError when they are none. */
export function parseDmWritecache(bytes: Uint8Array): GuestDmWritecache {
  return guest(new DmWritecache(new SafeStream(bytes)));
}

export type GuestDmWritecacheEntry = Guest<DmWritecacheEntryRecord>;

/** A table of `entry`: 16 bytes each, `strideBytes` apart. */
export function dmWritecacheEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestDmWritecacheEntry> {
  return records(new DmWritecacheEntryRecord(bytes, 'le'), 16, strideBytes, 'DmWritecacheEntry');
}

/**
 * The head of a cache of writes alone: behind it lies an entry for each of its
 * blocks, and behind these the blocks.
 * @see Linux drivers/md/dm-writecache.c: struct wc_memory_superblock, struct wc_memory_entry
 */
class DmWritecache {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `block_size` in the original. */
  readonly numBlockBytes: number;
  readonly pad: Uint8Array;
  /** Called `n_blocks` in the original. */
  readonly numBlocks: bigint;
  /**
   * Entries of this number, or of a later one, were not committed.
   * Called `seq_count` in the original.
   */
  readonly numCommits: bigint;
  readonly padding: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'DmWritecache.magic');
    if (compareBytes(this.magic, Uint8Array.of(33, 147, 72, 35)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(33, 147, 72, 35), this.magic, io, 'DmWritecache.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('DmWritecache.version');
    this.numBlockBytes = io.readU4le('DmWritecache.numBlockBytes');
    this.pad = io.take(4, 'DmWritecache.pad');
    this.numBlocks = io.readU8le('DmWritecache.numBlocks');
    this.numCommits = io.readU8le('DmWritecache.numCommits');
    this.padding = io.take(32, 'DmWritecache.padding');
  }
}

class DmWritecacheEntryRecord extends RecordCursor {
  /**
   * All ones where the block holds nothing.
   * Called `original_sector` in the original.
   */
  get sector(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `seq_count` in the original. */
  get commit(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }
}
