// Generated from formats/container/wim.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestWim = Guest<Wim>;

/** `wim` from its bytes. @throws FormatError when they are none. */
export function parseWim(bytes: Uint8Array): GuestWim {
  return guest(new Wim(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Wim(new SafeStream(bytes));
  return guestClaims({
    type: 'wim',
  });
}

/**
 * The files of one volume or several, each stored once, as Windows Setup has them.
 *
 * ### Making a test image
 *
 *     wimcapture DIRECTORY image.wim
 * @see Microsoft, "Windows Imaging File Format (WIM)" white paper: WIMHEADER_V1_PACKED
 * @see wimlib include/wimlib/header.h
 */
class Wim {
  readonly _io: SafeStream;
  /** Called `ImageTag` in the original. */
  readonly magic: Uint8Array;
  /** Called `cbSize` in the original. */
  readonly lenHeader: number;
  /** Called `dwVersion` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Wim.magic');
    this.lenHeader = io.readU4le('Wim.lenHeader');
    if (this.lenHeader !== 208) {
      throw new ValidationNotEqualError(208, this.lenHeader, io, 'Wim.lenHeader');
    }
    this.version = io.readU4le('Wim.version');
    if (this.version < 3328) {
      throw new ValidationLessThanError(3328, this.version, io, 'Wim.version');
    }
    if (this.version > 1048575) {
      throw new ValidationGreaterThanError(1048575, this.version, io, 'Wim.version');
    }
  }
}
