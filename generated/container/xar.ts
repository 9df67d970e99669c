// Generated from formats/container/xar.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestXar = Guest<Xar>;

/** `xar` from its bytes. @throws FormatError when they are none. */
export function parseXar(bytes: Uint8Array): GuestXar {
  return guest(new Xar(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Xar(new SafeStream(bytes));
  return guestClaims({
    type: 'xar',
  });
}

/**
 * A compressed table of contents in XML, and files.
 * @see xar include/xar.h.in: struct xar_header
 */
class Xar {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `size` in the original. */
  readonly lenHeader: number;
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Xar.magic');
    if (compareBytes(this.magic, Uint8Array.of(120, 97, 114, 33)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(120, 97, 114, 33), this.magic, io, 'Xar.magic', 'BAD_MAGIC');
    }
    this.lenHeader = io.readU2be('Xar.lenHeader');
    if (this.lenHeader < 28) {
      throw new ValidationLessThanError(28, this.lenHeader, io, 'Xar.lenHeader');
    }
    if (this.lenHeader > 64) {
      throw new ValidationGreaterThanError(64, this.lenHeader, io, 'Xar.lenHeader');
    }
    this.version = io.readU2be('Xar.version');
    if (this.version > 1) {
      throw new ValidationGreaterThanError(1, this.version, io, 'Xar.version');
    }
  }
}
