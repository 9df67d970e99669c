// Generated from formats/container/ndif.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestNdif = Guest<Ndif>;

/** `ndif` from its bytes. @throws FormatError when they are none. */
export function parseNdif(bytes: Uint8Array): GuestNdif {
  return guest(new Ndif(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Ndif(new SafeStream(bytes));
  return guestClaims({
    type: 'ndif',
  });
}

/**
 * The image of an old Macintosh's disk. What it means stands in its resource fork,
 * so that only a file with both forks (MacBinary) tells what it is.
 * @see MacBinary II, "File Format"
 * @see Apple TechNote 1077, "Disk Copy and image types" (dImg, rohd, ddsk)
 */
class Ndif {
  readonly _io: SafeStream;
  readonly version: Uint8Array;
  readonly lenName: number;
  readonly name: Uint8Array;
  readonly fileType: Uint8Array;
  readonly creator: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.version = io.take(1, 'Ndif.version');
    if (compareBytes(this.version, Uint8Array.of(0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0), this.version, io, 'Ndif.version', 'BAD_MAGIC');
    }
    this.lenName = io.readU1('Ndif.lenName');
    if (this.lenName < 1) {
      throw new ValidationLessThanError(1, this.lenName, io, 'Ndif.lenName');
    }
    if (this.lenName > 63) {
      throw new ValidationGreaterThanError(63, this.lenName, io, 'Ndif.lenName');
    }
    this.name = io.take(63, 'Ndif.name');
    this.fileType = io.take(4, 'Ndif.fileType');
    this.creator = io.take(4, 'Ndif.creator');
    if (compareBytes(this.creator, Uint8Array.of(100, 100, 115, 107)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(100, 100, 115, 107), this.creator, io, 'Ndif.creator', 'BAD_MAGIC');
    }
  }
}
