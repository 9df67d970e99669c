// Generated from formats/volume/gpt.ksy by `npm run generate`. Do not edit: change the specification.
import {
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
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestGpt = Guest<Gpt>;

/** `gpt` from its bytes. @throws FormatError when they are none. */
export function parseGpt(bytes: Uint8Array): GuestGpt {
  return guest(new Gpt(new SafeStream(bytes)));
}

export type GuestGptEntry = Guest<GptEntryRecord>;

/** A table of `entry`: 128 bytes each, `strideBytes` apart. */
export function gptEntryRecords(
  bytes: Uint8Array,
  strideBytes: number = 128,
): Records<GuestGptEntry> {
  return records(new GptEntryRecord(bytes, 'le'), 128, strideBytes, 'GptEntry');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Gpt(new SafeStream(bytes));
  return guestClaims({
    type: 'gpt',
  });
}

/**
 * The header in logical sector 1 of a disk; a second one is in the last sector.
 * It says where the table of partitions is. Numbers count logical sectors, whose
 * size is not written down: the header of a disk with sectors of 4096 bytes is
 * at byte 4096.
 * @see UEFI specification 2.10, 5.3 GUID partition table (GPT) disk layout
 */
class Gpt {
  readonly _io: SafeStream;
  /** Called `Signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `Revision` in the original. */
  readonly revision: number;
  /**
   * The checksum covers this many bytes.
   * Called `HeaderSize` in the original.
   */
  readonly lenHeader: number;
  /**
   * CRC-32 of the header with this field as zero.
   * Called `HeaderCRC32` in the original.
   */
  readonly headerCrc32: number;
  /** Called `Reserved` in the original. */
  readonly reserved1: number;
  /**
   * The sector of this header.
   * Called `MyLBA` in the original.
   */
  readonly myLba: bigint;
  /**
   * The sector of the other header.
   * Called `AlternateLBA` in the original.
   */
  readonly alternateLba: bigint;
  /** Called `FirstUsableLBA` in the original. */
  readonly firstUsableLba: bigint;
  /** Called `LastUsableLBA` in the original. */
  readonly lastUsableLba: bigint;
  /** Called `DiskGUID` in the original. */
  readonly diskGuid: Uint8Array;
  /** Called `PartitionEntryLBA` in the original. */
  readonly entriesLba: bigint;
  /**
   * The kernel refuses tables over 4 MiB.
   * Called `NumberOfPartitionEntries` in the original.
   */
  readonly numEntries: number;
  /** Called `SizeOfPartitionEntry` in the original. */
  readonly lenEntry: number;
  /** Called `PartitionEntryArrayCRC32` in the original. */
  readonly entriesCrc32: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Gpt.magic');
    if (compareBytes(this.magic, Uint8Array.of(69, 70, 73, 32, 80, 65, 82, 84)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(69, 70, 73, 32, 80, 65, 82, 84), this.magic, io, 'Gpt.magic', 'BAD_MAGIC');
    }
    this.revision = io.readU4le('Gpt.revision');
    this.lenHeader = io.readU4le('Gpt.lenHeader');
    if (this.lenHeader < 92) {
      throw new ValidationLessThanError(92, this.lenHeader, io, 'Gpt.lenHeader');
    }
    if (this.lenHeader > 4096) {
      throw new ValidationGreaterThanError(4096, this.lenHeader, io, 'Gpt.lenHeader');
    }
    this.headerCrc32 = io.readU4le('Gpt.headerCrc32');
    this.reserved1 = io.readU4le('Gpt.reserved1');
    this.myLba = io.readU8le('Gpt.myLba');
    this.alternateLba = io.readU8le('Gpt.alternateLba');
    this.firstUsableLba = io.readU8le('Gpt.firstUsableLba');
    this.lastUsableLba = io.readU8le('Gpt.lastUsableLba');
    this.diskGuid = io.take(16, 'Gpt.diskGuid');
    this.entriesLba = io.readU8le('Gpt.entriesLba');
    this.numEntries = io.readU4le('Gpt.numEntries');
    if (this.numEntries > 32768) {
      throw new ValidationGreaterThanError(32768, this.numEntries, io, 'Gpt.numEntries');
    }
    this.lenEntry = io.readU4le('Gpt.lenEntry');
    if (this.lenEntry < 128) {
      throw new ValidationLessThanError(128, this.lenEntry, io, 'Gpt.lenEntry');
    }
    if (this.lenEntry > 4096) {
      throw new ValidationGreaterThanError(4096, this.lenEntry, io, 'Gpt.lenEntry');
    }
    this.entriesCrc32 = io.readU4le('Gpt.entriesCrc32');
  }
}

class GptEntryRecord extends RecordCursor {
  /**
   * All zero in an unused entry.
   * Called `PartitionTypeGUID` in the original.
   */
  get typeGuid(): Uint8Array {
    return this._take(0, 16);
  }

  /** Called `UniquePartitionGUID` in the original. */
  get partitionGuid(): Uint8Array {
    return this._take(16, 16);
  }

  /** Called `StartingLBA` in the original. */
  get firstLba(): bigint {
    return this._view.getBigUint64(this._offset + 32, true);
  }

  /**
   * Inclusive.
   * Called `EndingLBA` in the original.
   */
  get lastLba(): bigint {
    return this._view.getBigUint64(this._offset + 40, true);
  }

  /** Called `Attributes` in the original. */
  get attributes(): bigint {
    return this._view.getBigUint64(this._offset + 48, true);
  }

  /** Called `PartitionName` in the original. */
  get label(): string {
    return decode(terminate(this._take(56, 72), [0, 0], false), 'UTF-16LE');
  }
}
