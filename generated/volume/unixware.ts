// Generated from formats/volume/unixware.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestUnixware = Guest<Unixware>;

/** `unixware` from its bytes. @throws FormatError when they are none. */
export function parseUnixware(bytes: Uint8Array): GuestUnixware {
  return guest(new Unixware(new SafeStream(bytes)));
}

/**
 * The label in sector 29 of a UnixWare partition of an MBR. Its slices count
 * sectors from where the disk begins; the first of them is all of the disk.
 * @see Linux include/linux/msdos_partition.h: struct unixware_disklabel
 */
class Unixware {
  readonly _io: SafeStream;
  /** Called `d_type` in the original. */
  readonly driveType: number;
  /** Called `d_magic` in the original. */
  readonly magic: Uint8Array;
  readonly geometry: Uint8Array;
  /** Called `v_magic` in the original. */
  readonly vtocMagic: Uint8Array;
  /** Called `v_version` in the original. */
  readonly version: number;
  /** Called `v_name` in the original. */
  readonly label: string;
  /** Called `v_nslices` in the original. */
  readonly numSlices: number;
  /** Called `v_unknown1, v_reserved` in the original. */
  readonly reserved: Uint8Array;
  /** Called `v_slice` in the original. */
  readonly slices: UnixwareSlice[];

  constructor(io: SafeStream) {
    this._io = io;
    this.driveType = io.readU4le('Unixware.driveType');
    this.magic = io.take(4, 'Unixware.magic');
    if (compareBytes(this.magic, Uint8Array.of(13, 96, 94, 202)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(13, 96, 94, 202), this.magic, io, 'Unixware.magic', 'BAD_MAGIC');
    }
    this.geometry = io.take(148, 'Unixware.geometry');
    this.vtocMagic = io.take(4, 'Unixware.vtocMagic');
    if (compareBytes(this.vtocMagic, Uint8Array.of(238, 222, 13, 96)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(238, 222, 13, 96), this.vtocMagic, io, 'Unixware.vtocMagic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('Unixware.version');
    this.label = decode(terminate(io.take(8, 'Unixware.label'), [0], false), 'UTF-8');
    this.numSlices = io.readU2le('Unixware.numSlices');
    this.reserved = io.take(42, 'Unixware.reserved');
    this.slices = [];
    for (let i = 0, n = io.count(16, 12, 'Unixware.slices'); i < n; i++) {
      this.slices.push(new UnixwareSlice(io));
    }
  }
}

class UnixwareSlice {
  readonly _io: SafeStream;
  /**
   * 0 in an unused entry.
   * Called `s_label` in the original.
   */
  readonly type: number;
  /** Called `s_flags` in the original. */
  readonly flags: number;
  /** Called `start_sect` in the original. */
  readonly firstSector: number;
  /** Called `nr_sects` in the original. */
  readonly numSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.type = io.readU2le('UnixwareSlice.type');
    this.flags = io.readU2le('UnixwareSlice.flags');
    this.firstSector = io.readU4le('UnixwareSlice.firstSector');
    this.numSectors = io.readU4le('UnixwareSlice.numSectors');
  }
}
