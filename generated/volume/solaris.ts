// Generated from formats/volume/solaris.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSolaris = Guest<Solaris>;

/** `solaris` from its bytes. @throws FormatError when they are none. */
export function parseSolaris(bytes: Uint8Array): GuestSolaris {
  return guest(new Solaris(new SafeStream(bytes)));
}

/**
 * The table in sector 1 of a Solaris partition of an MBR, whose slices count
 * sectors from where that partition begins. Its type is that of Linux swap too.
 * @see Linux include/linux/msdos_partition.h: struct solaris_x86_vtoc
 */
class Solaris {
  readonly _io: SafeStream;
  /** Called `v_bootinfo` in the original. */
  readonly bootinfo: Uint8Array;
  /** Called `v_sanity` in the original. */
  readonly magic: Uint8Array;
  /** Called `v_version` in the original. */
  readonly version: number;
  /** Called `v_volume` in the original. */
  readonly label: string;
  /** Called `v_sectorsz` in the original. */
  readonly lenSector: number;
  /**
   * More than 8 means 16, all else 8.
   * Called `v_nparts` in the original.
   */
  readonly numSlices: number;
  /** Called `v_reserved` in the original. */
  readonly reserved: Uint8Array;
  /** Called `v_slice` in the original. */
  readonly slices: SolarisSlice[];

  constructor(io: SafeStream) {
    this._io = io;
    this.bootinfo = io.take(12, 'Solaris.bootinfo');
    this.magic = io.take(4, 'Solaris.magic');
    if (compareBytes(this.magic, Uint8Array.of(238, 222, 13, 96)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(238, 222, 13, 96), this.magic, io, 'Solaris.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('Solaris.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'Solaris.version');
    }
    this.label = decode(terminate(io.take(8, 'Solaris.label'), [0], false), 'UTF-8');
    this.lenSector = io.readU2le('Solaris.lenSector');
    this.numSlices = io.readU2le('Solaris.numSlices');
    this.reserved = io.take(40, 'Solaris.reserved');
    this.slices = [];
    for (let i = 0, n = io.count(16, 12, 'Solaris.slices'); i < n; i++) {
      this.slices.push(new SolarisSlice(io));
    }
  }
}

class SolarisSlice {
  readonly _io: SafeStream;
  /** Called `s_tag` in the original. */
  readonly tag: number;
  /** Called `s_flag` in the original. */
  readonly flags: number;
  /** Called `s_start` in the original. */
  readonly firstSector: number;
  /**
   * 0 in an unused entry.
   * Called `s_size` in the original.
   */
  readonly numSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = io.readU2le('SolarisSlice.tag');
    this.flags = io.readU2le('SolarisSlice.flags');
    this.firstSector = io.readU4le('SolarisSlice.firstSector');
    this.numSectors = io.readU4le('SolarisSlice.numSectors');
  }
}
