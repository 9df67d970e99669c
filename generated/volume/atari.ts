// Generated from formats/volume/atari.ksy by `npm run generate`. Do not edit: change the specification.
import {
  guest,
  type Guest,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestAtari = Guest<Atari>;

/** `atari` from its bytes. @throws FormatError when they are none. */
export function parseAtari(bytes: Uint8Array): GuestAtari {
  return guest(new Atari(new SafeStream(bytes)));
}

/**
 * The first sector of a disk with four partitions, and of ICD's drivers with
 * eight more. One of the type XGM is the frame of a chain of further sectors of
 * the same layout: each has a partition, with a start relative to the sector, and
 * the next sector of the chain, with a start relative to the frame. Nothing marks
 * such a sector but the types of its partitions.
 * @see Linux block/partitions/atari.c, atari.h: struct rootsector
 */
class Atari {
  readonly _io: SafeStream;
  readonly bootCode: Uint8Array;
  /** Called `icdpart` in the original. */
  readonly icdPartitions: AtariPartition[];
  readonly unused: Uint8Array;
  /** Called `hd_siz` in the original. */
  readonly numSectors: number;
  /** Called `part` in the original. */
  readonly partitions: AtariPartition[];

  constructor(io: SafeStream) {
    this._io = io;
    this.bootCode = io.take(342, 'Atari.bootCode');
    this.icdPartitions = [];
    for (let i = 0, n = io.count(8, 12, 'Atari.icdPartitions'); i < n; i++) {
      this.icdPartitions.push(new AtariPartition(io));
    }
    this.unused = io.take(12, 'Atari.unused');
    this.numSectors = io.readU4be('Atari.numSectors');
    this.partitions = [];
    for (let i = 0, n = io.count(4, 12, 'Atari.partitions'); i < n; i++) {
      this.partitions.push(new AtariPartition(io));
    }
  }
}

class AtariPartition {
  readonly _io: SafeStream;
  /**
   * Bit 0 is set in an entry that is in use.
   * Called `flg` in the original.
   */
  readonly flags: number;
  /** Called `id` in the original. */
  readonly type: Uint8Array;
  /** Called `st` in the original. */
  readonly firstSector: number;
  /** Called `siz` in the original. */
  readonly numSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.flags = io.readU1('AtariPartition.flags');
    this.type = io.take(3, 'AtariPartition.type');
    this.firstSector = io.readU4be('AtariPartition.firstSector');
    this.numSectors = io.readU4be('AtariPartition.numSectors');
  }
}
