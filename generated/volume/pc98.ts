// Generated from formats/volume/pc98.ksy by `npm run generate`. Do not edit: change the specification.
import {
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestPc98 = Guest<Pc98>;

/** `pc98` from its bytes. @throws FormatError when they are none. */
export function parsePc98(bytes: Uint8Array): GuestPc98 {
  return guest(new Pc98(new SafeStream(bytes)));
}

/**
 * Sector 1 of a disk with 16 partitions, whose bounds are cylinders, heads and
 * sectors; how many of those there are is not written down.
 * @see GNU parted libparted/labels/pc98.c
 */
class Pc98 {
  readonly _io: SafeStream;
  readonly partitions: Pc98Partition[];

  constructor(io: SafeStream) {
    this._io = io;
    this.partitions = [];
    for (let i = 0, n = io.count(16, 32, 'Pc98.partitions'); i < n; i++) {
      this.partitions.push(new Pc98Partition(io));
    }
  }
}

class Pc98Partition {
  readonly _io: SafeStream;
  /** Called `mid` in the original. */
  readonly bootType: number;
  /**
   * Bit 7 is set in an active one.
   * Called `sid` in the original.
   */
  readonly type: number;
  /** Called `dum1, dum2` in the original. */
  readonly reserved: Uint8Array;
  /** Called `ipl_sect, ipl_head, ipl_cyl` in the original. */
  readonly loader: Uint8Array;
  readonly first: Pc98Place;
  readonly last: Pc98Place;
  /** Called `name` in the original. */
  readonly label: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootType = io.readU1('Pc98Partition.bootType');
    this.type = io.readU1('Pc98Partition.type');
    this.reserved = io.take(2, 'Pc98Partition.reserved');
    this.loader = io.take(4, 'Pc98Partition.loader');
    this.first = new Pc98Place(io);
    this.last = new Pc98Place(io);
    this.label = decode(terminate(io.take(16, 'Pc98Partition.label'), [0], false), 'ASCII');
  }
}

class Pc98Place {
  readonly _io: SafeStream;
  readonly sector: number;
  readonly head: number;
  readonly cylinder: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.sector = io.readU1('Pc98Place.sector');
    this.head = io.readU1('Pc98Place.head');
    this.cylinder = io.readU2le('Pc98Place.cylinder');
  }
}
