// Generated from formats/volume/disklabel64.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestDisklabel64 = Guest<Disklabel64>;

/** `disklabel64` from its bytes. @throws FormatError when they are none. */
export function parseDisklabel64(bytes: Uint8Array): GuestDisklabel64 {
  return guest(new Disklabel64(new SafeStream(bytes)));
}

export type GuestDisklabel64Partition = Guest<Disklabel64PartitionRecord>;

/** A table of `partition`: 64 bytes each, `strideBytes` apart. */
export function disklabel64PartitionRecords(
  bytes: Uint8Array,
  strideBytes: number = 64,
): Records<GuestDisklabel64Partition> {
  return records(new Disklabel64PartitionRecord(bytes, 'le'), 64, strideBytes, 'Disklabel64Partition');
}

/**
 * The label of a disk, of a slice of an MBR or of a partition of a GPT. Its
 * numbers are bytes from where the slice begins. The partitions follow.
 * @see DragonFly sys/sys/disklabel64.h: struct disklabel64
 */
class Disklabel64 {
  readonly _io: SafeStream;
  /** Called `d_reserved0` in the original. */
  readonly reserved0: Uint8Array;
  /** Called `d_magic` in the original. */
  readonly magic: Uint8Array;
  /**
   * CRC-32 from the magic to the last partition, with this field as zero.
   * Called `d_crc` in the original.
   */
  readonly crc: number;
  /** Called `d_align` in the original. */
  readonly align: number;
  /** Called `d_npartitions` in the original. */
  readonly numPartitions: number;
  /** Called `d_stor_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `d_total_size` in the original. */
  readonly totalSize: bigint;
  /** Called `d_bbase, d_pbase, d_pstop, d_abase` in the original. */
  readonly bounds: Uint8Array;
  /** Called `d_packname` in the original. */
  readonly label: string;
  /** Called `d_reserved` in the original. */
  readonly reserved: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.reserved0 = io.take(512, 'Disklabel64.reserved0');
    this.magic = io.take(4, 'Disklabel64.magic');
    if (compareBytes(this.magic, Uint8Array.of(89, 76, 70, 196)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(89, 76, 70, 196), this.magic, io, 'Disklabel64.magic', 'BAD_MAGIC');
    }
    this.crc = io.readU4le('Disklabel64.crc');
    this.align = io.readU4le('Disklabel64.align');
    this.numPartitions = io.readU4le('Disklabel64.numPartitions');
    if (this.numPartitions < 1) {
      throw new ValidationLessThanError(1, this.numPartitions, io, 'Disklabel64.numPartitions');
    }
    if (this.numPartitions > 16) {
      throw new ValidationGreaterThanError(16, this.numPartitions, io, 'Disklabel64.numPartitions');
    }
    this.uuid = io.take(16, 'Disklabel64.uuid');
    this.totalSize = io.readU8le('Disklabel64.totalSize');
    this.bounds = io.take(32, 'Disklabel64.bounds');
    this.label = decode(terminate(io.take(64, 'Disklabel64.label'), [0], false), 'UTF-8');
    this.reserved = io.take(64, 'Disklabel64.reserved');
  }
}

class Disklabel64PartitionRecord extends RecordCursor {
  /** Called `p_boffset` in the original. */
  get offset(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }

  /** Called `p_bsize` in the original. */
  get numBytes(): bigint {
    return this._view.getBigUint64(this._offset + 8, true);
  }

  /** Called `p_fstype` in the original. */
  get type(): number {
    return this._view.getUint8(this._offset + 16);
  }

  /** Called `p_unused01 to p_unused07` in the original. */
  get unused(): Uint8Array {
    return this._take(17, 15);
  }

  /** Called `p_type_uuid` in the original. */
  get typeUuid(): Uint8Array {
    return this._take(32, 16);
  }

  /** Called `p_stor_uuid` in the original. */
  get uuid(): Uint8Array {
    return this._take(48, 16);
  }
}
