// Generated from formats/container/ad1.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestAd1 = Guest<Ad1>;

/** `ad1` from its bytes. @throws FormatError when they are none. */
export function parseAd1(bytes: Uint8Array): GuestAd1 {
  return guest(new Ad1(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Ad1(new SafeStream(bytes));
  return guestClaims({
    type: 'ad1',
  });
}

/**
 * Files that were taken from a disk by FTK Imager.
 * @see pyad1 documentation, "AD1 file format": segment header
 */
class Ad1 {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(16, 'Ad1.magic');
    if (compareBytes(this.magic, Uint8Array.of(65, 68, 83, 69, 71, 77, 69, 78, 84, 69, 68, 70, 73, 76, 69, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(65, 68, 83, 69, 71, 77, 69, 78, 84, 69, 68, 70, 73, 76, 69, 0), this.magic, io, 'Ad1.magic', 'BAD_MAGIC');
    }
  }
}
