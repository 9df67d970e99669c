// Generated from formats/container/umlcow.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestUmlcow = Guest<Umlcow>;

/** `umlcow` from its bytes. @throws FormatError when they are none. */
export function parseUmlcow(bytes: Uint8Array): GuestUmlcow {
  return guest(new Umlcow(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Umlcow(new SafeStream(bytes));
  return guestClaims({
    type: 'umlcow',
  });
}

/**
 * The sectors that differ from a backing file, behind a bitmap.
 * @see Linux arch/um/drivers/cow_user.c: struct cow_header_v2, v3
 */
class Umlcow {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Umlcow.magic');
    if (compareBytes(this.magic, Uint8Array.of(79, 79, 79, 77)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(79, 79, 79, 77), this.magic, io, 'Umlcow.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4be('Umlcow.version');
    if (this.version < 2) {
      throw new ValidationLessThanError(2, this.version, io, 'Umlcow.version');
    }
    if (this.version > 3) {
      throw new ValidationGreaterThanError(3, this.version, io, 'Umlcow.version');
    }
  }
}
