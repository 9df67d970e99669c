// Generated from formats/container/lz4_legacy.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestLz4Legacy = Guest<Lz4Legacy>;

/** `lz4_legacy` from its bytes. @throws FormatError when they are none. */
export function parseLz4Legacy(bytes: Uint8Array): GuestLz4Legacy {
  return guest(new Lz4Legacy(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lz4Legacy(new SafeStream(bytes));
  return guestClaims({
    type: 'lz4_legacy',
  });
}

/**
 * Blocks of 8 MiB behind their lengths, as the kernel's images have them.
 *
 * ### Making a test image
 *
 *     lz4 -l -k disk.raw
 * @see lz4 doc/lz4_Frame_format.md, "Legacy frame"
 */
class Lz4Legacy {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly lenBlock: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Lz4Legacy.magic');
    if (compareBytes(this.magic, Uint8Array.of(2, 33, 76, 24)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(2, 33, 76, 24), this.magic, io, 'Lz4Legacy.magic', 'BAD_MAGIC');
    }
    this.lenBlock = io.readU4le('Lz4Legacy.lenBlock');
    if (this.lenBlock < 1) {
      throw new ValidationLessThanError(1, this.lenBlock, io, 'Lz4Legacy.lenBlock');
    }
    if (this.lenBlock > 8454144) {
      throw new ValidationGreaterThanError(8454144, this.lenBlock, io, 'Lz4Legacy.lenBlock');
    }
  }
}
