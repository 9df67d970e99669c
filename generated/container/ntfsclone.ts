// Generated from formats/container/ntfsclone.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestNtfsclone = Guest<Ntfsclone>;

/** `ntfsclone` from its bytes. @throws FormatError when they are none. */
export function parseNtfsclone(bytes: Uint8Array): GuestNtfsclone {
  return guest(new Ntfsclone(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Ntfsclone(new SafeStream(bytes));
  return guestClaims({
    type: 'ntfsclone',
  });
}

/**
 * The clusters of an NTFS volume that are in use, and how many are left out
 * between them.
 *
 * ### Making a test image
 *
 *     ntfsclone --save-image -o image volume.raw
 * @see ntfs-3g ntfsprogs/ntfsclone.c: struct image_hdr
 */
class Ntfsclone {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `major_ver` in the original. */
  readonly versionMajor: number;
  /** Called `minor_ver` in the original. */
  readonly versionMinor: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(16, 'Ntfsclone.magic');
    if (compareBytes(this.magic, Uint8Array.of(0, 110, 116, 102, 115, 99, 108, 111, 110, 101, 45, 105, 109, 97, 103, 101)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0, 110, 116, 102, 115, 99, 108, 111, 110, 101, 45, 105, 109, 97, 103, 101), this.magic, io, 'Ntfsclone.magic', 'BAD_MAGIC');
    }
    this.versionMajor = io.readU1('Ntfsclone.versionMajor');
    if (this.versionMajor > 10) {
      throw new ValidationGreaterThanError(10, this.versionMajor, io, 'Ntfsclone.versionMajor');
    }
    this.versionMinor = io.readU1('Ntfsclone.versionMinor');
  }
}
