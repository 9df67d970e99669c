// Generated from formats/container/disk_copy42.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestDiskCopy42 = Guest<DiskCopy42>;

/** `disk_copy42` from its bytes. @throws FormatError when they are none. */
export function parseDiskCopy42(bytes: Uint8Array): GuestDiskCopy42 {
  return guest(new DiskCopy42(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new DiskCopy42(new SafeStream(bytes));
  return guestClaims({
    type: 'disk_copy42',
  });
}

/**
 * The sectors of a floppy disk of an old Macintosh behind a header of 84 bytes.
 * The tags of the sectors follow them.
 * @see https://www.discferret.com/wiki/Apple_DiskCopy_4.2
 * @see file magic/Magdir/apple
 */
class DiskCopy42 {
  readonly _io: SafeStream;
  readonly lenName: number;
  readonly name: Uint8Array;
  /** Called `data_size` in the original. */
  readonly lenDisk: number;
  /** Called `tag_size` in the original. */
  readonly lenTags: number;
  readonly checksums: Uint8Array;
  /** Called `disk_encoding` in the original. */
  readonly encoding: number;
  /** Called `format_byte` in the original. */
  readonly format: number;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.lenName = io.readU1('DiskCopy42.lenName');
    if (this.lenName < 1) {
      throw new ValidationLessThanError(1, this.lenName, io, 'DiskCopy42.lenName');
    }
    if (this.lenName > 63) {
      throw new ValidationGreaterThanError(63, this.lenName, io, 'DiskCopy42.lenName');
    }
    this.name = io.take(63, 'DiskCopy42.name');
    this.lenDisk = io.readU4be('DiskCopy42.lenDisk');
    if (this.lenDisk < 409600) {
      throw new ValidationLessThanError(409600, this.lenDisk, io, 'DiskCopy42.lenDisk');
    }
    if (this.lenDisk > 1474560) {
      throw new ValidationGreaterThanError(1474560, this.lenDisk, io, 'DiskCopy42.lenDisk');
    }
    this.lenTags = io.readU4be('DiskCopy42.lenTags');
    if (this.lenTags > 34560) {
      throw new ValidationGreaterThanError(34560, this.lenTags, io, 'DiskCopy42.lenTags');
    }
    this.checksums = io.take(8, 'DiskCopy42.checksums');
    this.encoding = io.readU1('DiskCopy42.encoding');
    if (this.encoding > 3) {
      throw new ValidationGreaterThanError(3, this.encoding, io, 'DiskCopy42.encoding');
    }
    this.format = io.readU1('DiskCopy42.format');
    if (this.format > 36) {
      throw new ValidationGreaterThanError(36, this.format, io, 'DiskCopy42.format');
    }
    this.magic = io.take(2, 'DiskCopy42.magic');
    if (compareBytes(this.magic, Uint8Array.of(1, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(1, 0), this.magic, io, 'DiskCopy42.magic', 'BAD_MAGIC');
    }
  }
}
