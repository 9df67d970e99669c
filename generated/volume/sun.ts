// Generated from formats/volume/sun.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSun = Guest<Sun>;

/** `sun` from its bytes. @throws FormatError when they are none. */
export function parseSun(bytes: Uint8Array): GuestSun {
  return guest(new Sun(new SafeStream(bytes)));
}

/**
 * The first sector of a disk of a SPARC, with eight slices that begin at whole
 * cylinders. What they are for stands in the VTOC within it, where there is one.
 * @see Linux block/partitions/sun.c: struct sun_disklabel
 */
class Sun {
  readonly _io: SafeStream;
  /** Called `info` in the original. */
  readonly info: Uint8Array;
  /** Called `vtoc.version` in the original. */
  readonly version: number;
  /** Called `vtoc.volume` in the original. */
  readonly label: string;
  /** Called `vtoc.nparts` in the original. */
  readonly numSlices: number;
  /** Called `vtoc.infos` in the original. */
  readonly tags: SunTag[];
  /** Called `vtoc.padding, vtoc.bootinfo` in the original. */
  readonly boot: Uint8Array;
  /** Called `vtoc.sanity` in the original. */
  readonly sanity: number;
  /** Called `vtoc.reserved, vtoc.timestamp` in the original. */
  readonly restOfVtoc: Uint8Array;
  /** Called `write_reinstruct to obs2` in the original. */
  readonly writeAndRead: Uint8Array;
  /** Called `ilfact, ncyl, nacyl` in the original. */
  readonly interleaveAndCylinders: Uint8Array;
  /**
   * Of a cylinder.
   * Called `ntrks` in the original.
   */
  readonly numTracks: number;
  /** Called `nsect` in the original. */
  readonly numTrackSectors: number;
  /** Called `obs3, obs4` in the original. */
  readonly heads: Uint8Array;
  /** Called `partitions` in the original. */
  readonly slices: SunSlice[];
  readonly magic: Uint8Array;
  /**
   * All words of the sector are zero in exclusive or.
   * Called `csum` in the original.
   */
  readonly checksum: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.info = io.take(128, 'Sun.info');
    this.version = io.readU4be('Sun.version');
    this.label = decode(terminate(io.take(8, 'Sun.label'), [0], false), 'UTF-8');
    this.numSlices = io.readU2be('Sun.numSlices');
    this.tags = [];
    for (let i = 0, n = io.count(8, 4, 'Sun.tags'); i < n; i++) {
      this.tags.push(new SunTag(io));
    }
    this.boot = io.take(14, 'Sun.boot');
    this.sanity = io.readU4be('Sun.sanity');
    this.restOfVtoc = io.take(72, 'Sun.restOfVtoc');
    this.writeAndRead = io.take(166, 'Sun.writeAndRead');
    this.interleaveAndCylinders = io.take(6, 'Sun.interleaveAndCylinders');
    this.numTracks = io.readU2be('Sun.numTracks');
    this.numTrackSectors = io.readU2be('Sun.numTrackSectors');
    this.heads = io.take(4, 'Sun.heads');
    this.slices = [];
    for (let i = 0, n = io.count(8, 8, 'Sun.slices'); i < n; i++) {
      this.slices.push(new SunSlice(io));
    }
    this.magic = io.take(2, 'Sun.magic');
    if (compareBytes(this.magic, Uint8Array.of(218, 190)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(218, 190), this.magic, io, 'Sun.magic', 'BAD_MAGIC');
    }
    this.checksum = io.readU2be('Sun.checksum');
  }
}

class SunTag {
  readonly _io: SafeStream;
  /** Called `id` in the original. */
  readonly tag: number;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.tag = io.readU2be('SunTag.tag');
    this.flags = io.readU2be('SunTag.flags');
  }
}

class SunSlice {
  readonly _io: SafeStream;
  /** Called `start_cylinder` in the original. */
  readonly firstCylinder: number;
  /** 0 in an unused entry. */
  readonly numSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstCylinder = io.readU4be('SunSlice.firstCylinder');
    this.numSectors = io.readU4be('SunSlice.numSectors');
  }
}
