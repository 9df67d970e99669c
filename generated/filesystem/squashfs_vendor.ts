// Generated from formats/filesystem/squashfs_vendor.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
} from '../../src/kaitai/index.js';

export type GuestSquashfsVendor = Guest<SquashfsVendor>;

/** `squashfs_vendor` from its bytes. @throws FormatError when they are none. */
export function parseSquashfsVendor(bytes: Uint8Array): GuestSquashfsVendor {
  return guest(new SquashfsVendor(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new SquashfsVendor(new SafeStream(bytes));
  return guestClaims({
    type: 'squashfs_vendor',
    version: concat('SquashfsVendor version', it.major.toString(), '.', it.minor.toString()),
  });
}

/**
 * The superblock of a SquashFS with another signature, compression or byte order,
 * as routers and cameras have them.
 * @see binwalk src/signatures/squashfs.rs: squashfs_magic
 * @see https://github.com/devttys0/sasquatch
 */
class SquashfsVendor {
  readonly _io: SafeStream;
  /** Called `s_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `inodes` in the original. */
  readonly numInodes: number;
  readonly versionDependent: Uint8Array;
  /** Called `s_major` in the original. */
  readonly major: number;
  /** Called `s_minor` in the original. */
  readonly minor: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'SquashfsVendor.magic');
    this.numInodes = io.readU4le('SquashfsVendor.numInodes');
    this.versionDependent = io.take(20, 'SquashfsVendor.versionDependent');
    this.major = io.readU2le('SquashfsVendor.major');
    if (this.major < 2) {
      throw new ValidationLessThanError(2, this.major, io, 'SquashfsVendor.major');
    }
    if (this.major > 4) {
      throw new ValidationGreaterThanError(4, this.major, io, 'SquashfsVendor.major');
    }
    this.minor = io.readU2le('SquashfsVendor.minor');
    if (this.minor > 1) {
      throw new ValidationGreaterThanError(1, this.minor, io, 'SquashfsVendor.minor');
    }
  }
}
