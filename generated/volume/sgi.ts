// Generated from formats/volume/sgi.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  guest,
  type Guest,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSgi = Guest<Sgi>;

/** `sgi` from its bytes. @throws FormatError when they are none. */
export function parseSgi(bytes: Uint8Array): GuestSgi {
  return guest(new Sgi(new SafeStream(bytes)));
}

/**
 * The first sector of a disk of IRIX, with 16 partitions.
 * @see Linux block/partitions/sgi.c: struct sgi_disklabel
 */
class Sgi {
  readonly _io: SafeStream;
  /** Called `magic_mushroom` in the original. */
  readonly magic: Uint8Array;
  /** Called `root_part_num to _unused0` in the original. */
  readonly boot: Uint8Array;
  /** Called `volume` in the original. */
  readonly files: Uint8Array;
  readonly partitions: SgiPartition[];
  /**
   * All words of the sector add up to zero.
   * Called `csum` in the original.
   */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Sgi.magic');
    if (compareBytes(this.magic, Uint8Array.of(11, 229, 169, 65)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(11, 229, 169, 65), this.magic, io, 'Sgi.magic', 'BAD_MAGIC');
    }
    this.boot = io.take(68, 'Sgi.boot');
    this.files = io.take(240, 'Sgi.files');
    this.partitions = [];
    for (let i = 0, n = io.count(16, 12, 'Sgi.partitions'); i < n; i++) {
      this.partitions.push(new SgiPartition(io));
    }
    this.checksum = io.readU4be('Sgi.checksum');
  }
}

class SgiPartition {
  readonly _io: SafeStream;
  /**
   * 0 in an unused entry.
   * Called `num_blocks` in the original.
   */
  readonly numSectors: number;
  /** Called `first_block` in the original. */
  readonly firstSector: number;
  readonly type: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numSectors = io.readU4be('SgiPartition.numSectors');
    this.firstSector = io.readU4be('SgiPartition.firstSector');
    this.type = io.readU4be('SgiPartition.type');
  }
}
