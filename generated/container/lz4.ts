// Generated from formats/container/lz4.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestLz4 = Guest<Lz4>;

/** `lz4` from its bytes. @throws FormatError when they are none. */
export function parseLz4(bytes: Uint8Array): GuestLz4 {
  return guest(new Lz4(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lz4(new SafeStream(bytes));
  return guestClaims({
    type: 'lz4',
  });
}

/**
 * Frames of blocks, whose number and places are known only after all of them
 * were walked. It is recognised, and not read.
 *
 * ### Making a test image
 *
 *     lz4 -k disk.raw
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
class Lz4 {
  readonly _io: SafeStream;
  /** Called `Magic Number` in the original. */
  readonly magic: Uint8Array;
  readonly version: number;
  /** Called `FLG` in the original. */
  readonly flags: number;
  /** Called `BD` in the original. */
  readonly blockDescriptor: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'Lz4.magic');
    if (compareBytes(this.magic, Uint8Array.of(4, 34, 77, 24)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(4, 34, 77, 24), this.magic, io, 'Lz4.magic', 'BAD_MAGIC');
    }
    this.version = io.readBitsBe(2, 'Lz4.version');
    if (this.version !== 1) {
      throw new ValidationNotEqualError(1, this.version, io, 'Lz4.version');
    }
    this.flags = io.readBitsBe(6, 'Lz4.flags');
    io.alignToByte();
    this.blockDescriptor = io.readU1('Lz4.blockDescriptor');
  }
}
