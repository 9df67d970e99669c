// Generated from formats/container/unix_compress.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestUnixCompress = Guest<UnixCompress>;

/** `unix_compress` from its bytes. @throws FormatError when they are none. */
export function parseUnixCompress(bytes: Uint8Array): GuestUnixCompress {
  return guest(new UnixCompress(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new UnixCompress(new SafeStream(bytes));
  return guestClaims({
    type: 'unix_compress',
  });
}

/**
 * One stream of LZW.
 * @see ncompress compress.c: MAGIC_1, MAGIC_2
 */
class UnixCompress {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly flags: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(2, 'UnixCompress.magic');
    if (compareBytes(this.magic, Uint8Array.of(31, 157)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(31, 157), this.magic, io, 'UnixCompress.magic', 'BAD_MAGIC');
    }
    this.flags = io.readU1('UnixCompress.flags');
  }
}
