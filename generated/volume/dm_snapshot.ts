// Generated from formats/volume/dm_snapshot.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDmSnapshot = Guest<DmSnapshot>;

/** `dm_snapshot` from its bytes. @throws FormatError when they are none. */
export function parseDmSnapshot(bytes: Uint8Array): GuestDmSnapshot {
  return guest(new DmSnapshot(new SafeStream(bytes)));
}

export type GuestDmSnapshotException = Guest<DmSnapshotExceptionRecord>;

/** A table of `exception`: 16 bytes each, `strideBytes` apart. */
export function dmSnapshotExceptionRecords(
  bytes: Uint8Array,
  strideBytes: number = 16,
): Records<GuestDmSnapshotException> {
  return records(new DmSnapshotExceptionRecord(bytes, 'le'), 16, strideBytes, 'DmSnapshotException');
}

/**
 * What a snapshot of the older kind (dm-snapshot) stores. Chunk 0 has the header,
 * and chunk 1 the first table of exceptions; so many data chunks follow as a table
 * has entries, then comes the next table.
 * @see Linux drivers/md/dm-snap-persistent.c: struct disk_header, struct disk_exception
 */
class DmSnapshot {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * 0, a change found no room any more, and the snapshot is lost.
   * Called `valid` in the original.
   */
  readonly isValid: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `chunk_size` in the original. */
  readonly numChunkSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'DmSnapshot.magic');
    if (compareBytes(this.magic, Uint8Array.of(83, 110, 65, 112)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(83, 110, 65, 112), this.magic, io, 'DmSnapshot.magic', 'BAD_MAGIC');
    }
    this.isValid = io.readU4le('DmSnapshot.isValid');
    this.version = io.readU4le('DmSnapshot.version');
    this.numChunkSectors = io.readU4le('DmSnapshot.numChunkSectors');
  }
}

/** A chunk of the origin that was changed, and the chunk of the store that has it as it was. */
class DmSnapshotExceptionRecord extends RecordCursor {
  get oldChunk(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** 0 behind the last one. */
  get newChunk(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }
}
