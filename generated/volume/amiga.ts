// Generated from formats/volume/amiga.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestAmiga = Guest<Amiga>;

/** `amiga` from its bytes. @throws FormatError when they are none. */
export function parseAmiga(bytes: Uint8Array): GuestAmiga {
  return guest(new Amiga(new SafeStream(bytes)));
}

export type GuestAmigaPartition = Guest<AmigaPartition>;

/** `partition` from its bytes. @throws FormatError when they are none. */
export function parseAmigaPartition(bytes: Uint8Array): GuestAmigaPartition {
  return guest(new AmigaPartition(new SafeStream(bytes)));
}

/**
 * A block in one of the first 16 sectors of a disk names the first partition's
 * block, and each of those the next one. Partitions are whole cylinders.
 * @see Linux include/uapi/linux/affs_hardblocks.h
 * @see Linux block/partitions/amiga.c
 */
class Amiga {
  readonly _io: SafeStream;
  /** Called `rdb_ID` in the original. */
  readonly magic: Uint8Array;
  /**
   * So many words of 32 bits add up to zero.
   * Called `rdb_SummedLongs` in the original.
   */
  readonly numSummedWords: number;
  /** Called `rdb_ChkSum` in the original. */
  readonly checksum: number;
  /** Called `rdb_HostID` in the original. */
  readonly host: number;
  /** Called `rdb_BlockBytes` in the original. */
  readonly lenBlock: number;
  /** Called `rdb_Flags, rdb_BadBlockList` in the original. */
  readonly flagsAndBadBlocks: Uint8Array;
  /** Called `rdb_PartitionList` in the original. */
  readonly firstPartition: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Amiga.magic');
    if (compareBytes(this.magic, Uint8Array.of(82, 68, 83, 75)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(82, 68, 83, 75), this.magic, io, 'Amiga.magic', 'BAD_MAGIC');
    }
    this.numSummedWords = io.readU4be('Amiga.numSummedWords');
    this.checksum = io.readU4be('Amiga.checksum');
    this.host = io.readU4be('Amiga.host');
    this.lenBlock = io.readU4be('Amiga.lenBlock');
    this.flagsAndBadBlocks = io.take(8, 'Amiga.flagsAndBadBlocks');
    this.firstPartition = io.readU4be('Amiga.firstPartition');
  }
}

class AmigaPartition {
  readonly _io: SafeStream;
  /** Called `pb_ID` in the original. */
  readonly magic: Uint8Array;
  /** Called `pb_SummedLongs` in the original. */
  readonly numSummedWords: number;
  /** Called `pb_ChkSum` in the original. */
  readonly checksum: number;
  /** Called `pb_HostID` in the original. */
  readonly host: number;
  /**
   * 0xffffffff in the last one.
   * Called `pb_Next` in the original.
   */
  readonly next: number;
  /** Called `pb_Flags, pb_Reserved1, pb_DevFlags` in the original. */
  readonly flags: Uint8Array;
  /** Called `pb_DriveName` in the original. */
  readonly lenLabel: number;
  readonly label: string;
  readonly restOfLabel: Uint8Array;
  readonly reserved2: Uint8Array;
  /**
   * 3 is the number of heads, 5 that of a track's blocks, 9 the first and
   * 10 the last cylinder, 16 the type of the filesystem.
   * Called `pb_Environment` in the original.
   */
  readonly environment: number[];

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'AmigaPartition.magic');
    if (compareBytes(this.magic, Uint8Array.of(80, 65, 82, 84)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(80, 65, 82, 84), this.magic, io, 'AmigaPartition.magic', 'BAD_MAGIC');
    }
    this.numSummedWords = io.readU4be('AmigaPartition.numSummedWords');
    this.checksum = io.readU4be('AmigaPartition.checksum');
    this.host = io.readU4be('AmigaPartition.host');
    this.next = io.readU4be('AmigaPartition.next');
    this.flags = io.take(16, 'AmigaPartition.flags');
    this.lenLabel = io.readU1('AmigaPartition.lenLabel');
    if (this.lenLabel > 31) {
      throw new ValidationGreaterThanError(31, this.lenLabel, io, 'AmigaPartition.lenLabel');
    }
    this.label = decode(io.readBytes(this.lenLabel, 'AmigaPartition.label'), 'ISO-8859-1');
    this.restOfLabel = io.readBytes(31n - big(this.lenLabel), 'AmigaPartition.restOfLabel');
    this.reserved2 = io.take(60, 'AmigaPartition.reserved2');
    this.environment = [];
    for (let i = 0, n = io.count(17, 4, 'AmigaPartition.environment'); i < n; i++) {
      this.environment.push(io.readU4be('AmigaPartition.environment'));
    }
  }
}
