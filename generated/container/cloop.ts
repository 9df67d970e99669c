// Generated from formats/container/cloop.ksy by `npm run generate`. Do not edit: change the specification.
import {
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestCloop = Guest<Cloop>;

/** `cloop` from its bytes. @throws FormatError when they are none. */
export function parseCloop(bytes: Uint8Array): GuestCloop {
  return guest(new Cloop(new SafeStream(bytes)));
}

export type GuestCloopBlockOffset = Guest<CloopBlockOffsetRecord>;

/** A table of `block_offset`: 8 bytes each, `strideBytes` apart. */
export function cloopBlockOffsetRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestCloopBlockOffset> {
  return records(new CloopBlockOffsetRecord(bytes, 'le'), 8, strideBytes, 'CloopBlockOffset');
}

/**
 * A read-only disk image of blocks, each compressed with zlib. It begins with
 * the text of a shell script. Behind the header stand the offsets of the
 * blocks, and one more where the last block ends.
 *
 * ### Making a test image
 *
 *     create_compressed_fs -B 65536 disk.raw disk.cloop
 * @see cloop compressed_loop.h struct cloop_head
 * @see QEMU block/cloop.c
 */
class Cloop {
  readonly _io: SafeStream;
  readonly preamble: Uint8Array;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  readonly numBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.preamble = io.take(128, 'Cloop.preamble');
    this.lenBlock = io.readU4be('Cloop.lenBlock');
    this.numBlocks = io.readU4be('Cloop.numBlocks');
  }
}

/** Where a block's stream begins, counted from the start of the file. */
class CloopBlockOffsetRecord extends RecordCursor {
  get value(): bigint {
    return this._view.getBigUint64(this._offset);
  }
}
