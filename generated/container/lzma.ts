// Generated from formats/container/lzma.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationExprError,
  ValidationNotAnyOfError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestLzma = Guest<Lzma>;

/** `lzma` from its bytes. @throws FormatError when they are none. */
export function parseLzma(bytes: Uint8Array): GuestLzma {
  return guest(new Lzma(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Lzma(new SafeStream(bytes));
  return guestClaims({
    type: 'lzma',
  });
}

/**
 * One stream without blocks, the older form of xz.
 *
 * ### Making a test image
 *
 *     xz -k --format=lzma disk.raw
 * @see xz doc/lzma-file-format.txt
 */
class Lzma {
  readonly _io: SafeStream;
  readonly properties: Uint8Array;
  readonly lenDictionary: number;
  readonly lenContentLow: number;
  readonly lenContentHigh: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.properties = io.take(1, 'Lzma.properties');
    if (compareBytes(this.properties, Uint8Array.of(93)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(93), this.properties, io, 'Lzma.properties', 'BAD_MAGIC');
    }
    this.lenDictionary = io.readU4le('Lzma.lenDictionary');
    if (!(this.lenDictionary === 65536 || this.lenDictionary === 131072 || this.lenDictionary === 262144 || this.lenDictionary === 524288 || this.lenDictionary === 1048576 || this.lenDictionary === 2097152 || this.lenDictionary === 4194304 || this.lenDictionary === 8388608 || this.lenDictionary === 16777216 || this.lenDictionary === 33554432 || this.lenDictionary === 67108864)) {
      throw new ValidationNotAnyOfError(this.lenDictionary, io, 'Lzma.lenDictionary');
    }
    this.lenContentLow = io.readU4le('Lzma.lenContentLow');
    this.lenContentHigh = io.readU4le('Lzma.lenContentHigh');
    if (!(this.lenContentHigh < 65536 || (this.lenContentHigh === 4294967295 && this.lenContentLow === 4294967295))) {
      throw new ValidationExprError(this.lenContentHigh, io, 'Lzma.lenContentHigh');
    }
  }
}
