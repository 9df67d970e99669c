// Generated from formats/container/seven_zip.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSevenZip = Guest<SevenZip>;

/** `seven_zip` from its bytes. @throws FormatError when they are none. */
export function parseSevenZip(bytes: Uint8Array): GuestSevenZip {
  return guest(new SevenZip(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new SevenZip(new SafeStream(bytes));
  return guestClaims({
    type: 'seven_zip',
  });
}

/**
 * An archive of files, compressed together from its beginning. It is
 * recognised, and not read.
 *
 * ### Making a test image
 *
 *     7z a disk.7z disk.raw
 * @see 7zFormat.txt of 7-Zip, SignatureHeader
 */
class SevenZip {
  readonly _io: SafeStream;
  /** Called `kSignature` in the original. */
  readonly magic: Uint8Array;
  /** Called `ArchiveVersion.Major` in the original. */
  readonly versionMajor: Uint8Array;
  /** Called `ArchiveVersion.Minor` in the original. */
  readonly versionMinor: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(6, 'SevenZip.magic');
    if (compareBytes(this.magic, Uint8Array.of(55, 122, 188, 175, 39, 28)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(55, 122, 188, 175, 39, 28), this.magic, io, 'SevenZip.magic', 'BAD_MAGIC');
    }
    this.versionMajor = io.take(1, 'SevenZip.versionMajor');
    if (compareBytes(this.versionMajor, Uint8Array.of(0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(0), this.versionMajor, io, 'SevenZip.versionMajor', 'BAD_MAGIC');
    }
    this.versionMinor = io.readU1('SevenZip.versionMinor');
  }
}
