// Generated from formats/filesystem/squashfs3.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestSquashfs3 = Guest<Squashfs3>;

/** `squashfs3` from its bytes. @throws FormatError when they are none. */
export function parseSquashfs3(bytes: Uint8Array, order: ByteOrder): GuestSquashfs3 {
  return guest(new Squashfs3(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Squashfs3(new SafeStream(bytes, order));
  return guestClaims({
    type: 'squashfs3',
    version: concat('Squashfs3 version', it.major.toString(), '.', it.minor.toString()),
  });
}

/**
 * The beginning of a compressed read-only filesystem of an old version, in the byte
 * order of the machine that made it. No kernel since Linux 2.6.29 mounts one, so that
 * there is nothing to compare its numbers with.
 * @see util-linux libblkid/src/superblocks/squashfs.c
 */
class Squashfs3 {
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
    this.magic = io.take(4, 'Squashfs3.magic');
    this.numInodes = io.readU4('Squashfs3.numInodes');
    this.versionDependent = io.take(20, 'Squashfs3.versionDependent');
    this.major = io.readU2('Squashfs3.major');
    if (this.major < 1) {
      throw new ValidationLessThanError(1, this.major, io, 'Squashfs3.major');
    }
    if (this.major > 3) {
      throw new ValidationGreaterThanError(3, this.major, io, 'Squashfs3.major');
    }
    this.minor = io.readU2('Squashfs3.minor');
  }
}
