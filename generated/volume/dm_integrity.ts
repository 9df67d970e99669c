// Generated from formats/volume/dm_integrity.ksy by `npm run generate`. Do not edit: change the specification.
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
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestDmIntegrity = Guest<DmIntegrity>;

/** `dm_integrity` from its bytes. @throws FormatError when they are none. */
export function parseDmIntegrity(bytes: Uint8Array): GuestDmIntegrity {
  return guest(new DmIntegrity(new SafeStream(bytes)));
}

export type GuestDmIntegrityEntry = Guest<DmIntegrityEntryRecord>;

/** A table of `entry`: 8 bytes each, `strideBytes` apart. */
export function dmIntegrityEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestDmIntegrityEntry> {
  return records(new DmIntegrityEntryRecord(bytes, 'le'), 8, strideBytes, 'DmIntegrityEntry');
}

export type GuestDmIntegrityWord = Guest<DmIntegrityWordRecord>;

/** A table of `word`: 8 bytes each, `strideBytes` apart. */
export function dmIntegrityWordRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestDmIntegrityWord> {
  return records(new DmIntegrityWordRecord(bytes, 'le'), 8, strideBytes, 'DmIntegrityWord');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new DmIntegrity(new SafeStream(bytes));
  return guestClaims({
    type: 'DM_integrity',
  });
}

/**
 * The superblock. Behind it lie the journal, in sections of eight sectors with
 * entries and the blocks that these are of, and the data with a run of tags
 * before each stretch of them.
 * @see Linux drivers/md/dm-integrity.c: struct superblock, struct journal_entry
 * @see util-linux libblkid/src/superblocks/lvm.c
 */
class DmIntegrity {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /**
   * So many sectors of data lie together.
   * Called `log2_interleave_sectors` in the original.
   */
  readonly interleaveShift: number;
  /** Called `integrity_tag_size` in the original. */
  readonly numTagBytes: number;
  /** Called `journal_sections` in the original. */
  readonly numJournalSections: number;
  /** Called `provided_data_sectors` in the original. */
  readonly numSectors: bigint;
  /**
   * 1, the journal has authentication; 4, a bitmap lies in its place; 8, runs of tags
   * are padded to 8 sectors only; 32, tags lie beside the data.
   * Called `flags` in the original.
   */
  readonly flags: number;
  /** Called `log2_sectors_per_block` in the original. */
  readonly blockShift: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'DmIntegrity.magic');
    if (compareBytes(this.magic, Uint8Array.of(105, 110, 116, 101, 103, 114, 116, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(105, 110, 116, 101, 103, 114, 116, 0), this.magic, io, 'DmIntegrity.magic', 'BAD_MAGIC');
    }
    this.version = io.readU1('DmIntegrity.version');
    this.interleaveShift = io.readU1('DmIntegrity.interleaveShift');
    this.numTagBytes = io.readU2le('DmIntegrity.numTagBytes');
    this.numJournalSections = io.readU4le('DmIntegrity.numJournalSections');
    this.numSectors = io.readU8le('DmIntegrity.numSectors');
    this.flags = io.readU4le('DmIntegrity.flags');
    this.blockShift = io.readU1('DmIntegrity.blockShift');
  }
}

/** The sector of an entry; its upper half says as well that the entry is in no use. */
class DmIntegrityEntryRecord extends RecordCursor {
  /** Called `sector_lo` in the original. */
  get sectorLow(): number {
    return this._view.getUint32(this._offset, true);
  }

  /** Called `sector_hi` in the original. */
  get sectorHigh(): number {
    return this._view.getUint32(this._offset + 4, true);
  }
}

/** The sector of an entry, or what ends a sector of the journal. */
class DmIntegrityWordRecord extends RecordCursor {
  get value(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}
