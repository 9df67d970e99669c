// Generated from formats/container/aff4.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestAff4 = Guest<Aff4>;

/** `aff4` from its bytes. @throws FormatError when they are none. */
export function parseAff4(bytes: Uint8Array): GuestAff4 {
  return guest(new Aff4(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Aff4(new SafeStream(bytes));
  return guestClaims({
    type: 'aff4',
  });
}

/**
 * A ZIP whose members are the compressed pieces of images and their description.
 * The names of its members tell it from other archives, or its comment, which is
 * the volume's URN.
 * @see AFF4 Standard 1.0, sections 3 and 4 (volumes, ZIP)
 * @see pyaff4 pyaff4/zip.py
 */
class Aff4 {
  readonly _io: SafeStream;
  /** Called `local file header signature` in the original. */
  readonly magic: Uint8Array;
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Aff4.magic');
    if (compareBytes(this.magic, Uint8Array.of(80, 75, 3, 4)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(80, 75, 3, 4), this.magic, io, 'Aff4.magic', 'BAD_MAGIC');
    }
    this.versionNeeded = io.readU2le('Aff4.versionNeeded');
    this.flags = io.readU2le('Aff4.flags');
    this.method = io.readU2le('Aff4.method');
    if (this.method > 99) {
      throw new ValidationGreaterThanError(99, this.method, io, 'Aff4.method');
    }
  }
}
