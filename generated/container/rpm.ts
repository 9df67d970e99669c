// Generated from formats/container/rpm.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestRpm = Guest<Rpm>;

/** `rpm` from its bytes. @throws FormatError when they are none. */
export function parseRpm(bytes: Uint8Array): GuestRpm {
  return guest(new Rpm(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Rpm(new SafeStream(bytes));
  return guestClaims({
    type: 'rpm',
  });
}

/**
 * A lead, signatures, headers, and a compressed cpio.
 * @see rpm lib/rpmlead.c: struct rpmlead_s
 */
class Rpm {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  /** Called `major` in the original. */
  readonly versionMajor: number;
  /** Called `minor` in the original. */
  readonly versionMinor: number;
  /** Called `type` in the original. */
  readonly kind: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Rpm.magic');
    if (compareBytes(this.magic, Uint8Array.of(237, 171, 238, 219)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(237, 171, 238, 219), this.magic, io, 'Rpm.magic', 'BAD_MAGIC');
    }
    this.versionMajor = io.readU1('Rpm.versionMajor');
    if (this.versionMajor < 2) {
      throw new ValidationLessThanError(2, this.versionMajor, io, 'Rpm.versionMajor');
    }
    if (this.versionMajor > 4) {
      throw new ValidationGreaterThanError(4, this.versionMajor, io, 'Rpm.versionMajor');
    }
    this.versionMinor = io.readU1('Rpm.versionMinor');
    this.kind = io.readU2be('Rpm.kind');
    if (this.kind > 1) {
      throw new ValidationGreaterThanError(1, this.kind, io, 'Rpm.kind');
    }
  }
}
