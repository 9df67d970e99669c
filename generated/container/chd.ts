// Generated from formats/container/chd.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestChd = Guest<Chd>;

/** `chd` from its bytes. @throws FormatError when they are none. */
export function parseChd(bytes: Uint8Array): GuestChd {
  return guest(new Chd(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Chd(new SafeStream(bytes));
  return guestClaims({
    type: 'chd',
  });
}

/**
 * A disk, or a disc, in compressed hunks.
 *
 * ### Making a test image
 *
 *     chdman createhd -i disk.raw -o disk.chd
 * @see MAME src/lib/util/chd.h, "CHD header formats"
 */
class Chd {
  readonly _io: SafeStream;
  /** Called `tag` in the original. */
  readonly magic: Uint8Array;
  /** Called `length` in the original. */
  readonly lenHeader: number;
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'Chd.magic');
    if (compareBytes(this.magic, Uint8Array.of(77, 67, 111, 109, 112, 114, 72, 68)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(77, 67, 111, 109, 112, 114, 72, 68), this.magic, io, 'Chd.magic', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU4be('Chd.lenHeader');
    if (this.lenHeader < 76) {
      throw new ValidationLessThanError(76, this.lenHeader, io, 'Chd.lenHeader');
    }
    if (this.lenHeader > 124) {
      throw new ValidationGreaterThanError(124, this.lenHeader, io, 'Chd.lenHeader');
    }
    this.version = io.readU4be('Chd.version');
    if (this.version < 1) {
      throw new ValidationLessThanError(1, this.version, io, 'Chd.version');
    }
    if (this.version > 5) {
      throw new ValidationGreaterThanError(5, this.version, io, 'Chd.version');
    }
  }
}
