// Generated from formats/container/zip.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestZip = Guest<Zip>;

/** `zip` from its bytes. @throws FormatError when they are none. */
export function parseZip(bytes: Uint8Array): GuestZip {
  return guest(new Zip(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Zip(new SafeStream(bytes));
  return guestClaims({
    type: 'zip',
  });
}

/**
 * An archive of files, most of them compressed from their beginning. It is
 * recognised, and not read.
 *
 * ### Making a test image
 *
 *     7z a -tzip disk.zip disk.raw
 * @see APPNOTE.TXT 6.3.10, section 4.3.7 "Local file header"
 */
class Zip {
  readonly _io: SafeStream;
  /** Called `local file header signature` in the original. */
  readonly magic: Uint8Array;
  /**
   * Ten times the version of the specification, with the host system above.
   * Called `version needed to extract` in the original.
   */
  readonly versionNeeded: number;
  /** Called `general purpose bit flag` in the original. */
  readonly flags: number;
  /** Called `compression method` in the original. */
  readonly method: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Zip.magic');
    if (compareBytes(this.magic, Uint8Array.of(80, 75, 3, 4)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(80, 75, 3, 4), this.magic, io, 'Zip.magic', 'BAD_MAGIC');
    }
    this.versionNeeded = io.readU2le('Zip.versionNeeded');
    this.flags = io.readU2le('Zip.flags');
    this.method = io.readU2le('Zip.method');
  }
}
