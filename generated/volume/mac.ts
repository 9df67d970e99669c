// Generated from formats/volume/mac.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestMac = Guest<Mac>;

/** `mac` from its bytes. @throws FormatError when they are none. */
export function parseMac(bytes: Uint8Array): GuestMac {
  return guest(new Mac(new SafeStream(bytes)));
}

export type GuestMacPartition = Guest<MacPartition>;

/** `partition` from its bytes. @throws FormatError when they are none. */
export function parseMacPartition(bytes: Uint8Array): GuestMacPartition {
  return guest(new MacPartition(new SafeStream(bytes)));
}

/**
 * A descriptor in block 0 of a disk says how large blocks are; from block 1 on
 * each has one partition, and the first of them how many there are.
 * @see Inside Macintosh: Devices, chapter 3
 * @see Linux block/partitions/mac.h: struct mac_driver_desc, struct mac_partition
 */
class Mac {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `block_size` in the original. */
  readonly lenBlock: number;
  /** Called `block_count` in the original. */
  readonly numBlocks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'Mac.magic');
    if (compareBytes(this.magic, Uint8Array.of(69, 82)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(69, 82), this.magic, io, 'Mac.magic', 'BAD_MAGIC');
    }
    this.lenBlock = io.readU2be('Mac.lenBlock');
    this.numBlocks = io.readU4be('Mac.numBlocks');
  }
}

class MacPartition {
  readonly _io: SafeStream;
  /** Called `signature` in the original. */
  readonly magic: Uint8Array;
  /** Called `res1` in the original. */
  readonly reserved1: number;
  /** Called `map_count` in the original. */
  readonly numPartitions: number;
  /** Called `start_block` in the original. */
  readonly firstBlock: number;
  /** Called `block_count` in the original. */
  readonly numBlocks: number;
  /** Called `name` in the original. */
  readonly label: string;
  readonly type: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'MacPartition.magic');
    if (compareBytes(this.magic, Uint8Array.of(80, 77)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(80, 77), this.magic, io, 'MacPartition.magic', 'BAD_MAGIC');
    }
    this.reserved1 = io.readU2be('MacPartition.reserved1');
    this.numPartitions = io.readU4be('MacPartition.numPartitions');
    this.firstBlock = io.readU4be('MacPartition.firstBlock');
    this.numBlocks = io.readU4be('MacPartition.numBlocks');
    this.label = decode(terminate(io.take(32, 'MacPartition.label'), [0], false), 'ASCII');
    this.type = decode(terminate(io.take(32, 'MacPartition.type'), [0], false), 'ASCII');
  }
}
