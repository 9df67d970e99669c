// Generated from formats/filesystem/swap0.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  shr,
  sumRecords,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestSwap0 = Guest<Swap0>;

/** `swap0` from its bytes. @throws FormatError when they are none. */
export function parseSwap0(bytes: Uint8Array): GuestSwap0 {
  return guest(new Swap0(new SafeStream(bytes)));
}

export type GuestSwap0BitmapByte = Guest<Swap0BitmapByteRecord>;

/** A table of `bitmap_byte`: 1 bytes each, `strideBytes` apart. */
export function swap0BitmapByteRecords(
  bytes: Uint8Array,
  strideBytes: number = 1,
): Records<GuestSwap0BitmapByte> {
  return records(new Swap0BitmapByteRecord(bytes, 'le'), 1, strideBytes, 'Swap0BitmapByte');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Swap0(new SafeStream(bytes));
  return guestClaims({
    type: 'swap',
    blockSize: 4096,
    blocks: {
      sum: {
        at: 0,
        count: 4086,
        size: 1,
        base: 0,
        total: (bytes, strideBytes) =>
          sumRecords(new Swap0BitmapByteRecord(bytes, 'le'), 1, strideBytes, 'Swap0BitmapByte', (record) => record.numSetBits),
      },
    },
    version: '0',
  });
}

/**
 * The header page of a Linux swap area of version 0, which kernels before 2.5
 * could use: a bitmap of the good pages (at most 128 MiB), and the signature. Only
 * pages of 4 KiB are known here.
 * @see util-linux libblkid/src/superblocks/swap.c
 */
class Swap0 {
  readonly _io: SafeStream;
  /** A set bit is a page that can be used; that of the header is clear. */
  readonly goodPages: Uint8Array;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.goodPages = io.take(4086, 'Swap0.goodPages');
    this.magic = io.take(10, 'Swap0.magic');
    if (compareBytes(this.magic, Uint8Array.of(83, 87, 65, 80, 45, 83, 80, 65, 67, 69)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(83, 87, 65, 80, 45, 83, 80, 65, 67, 69), this.magic, io, 'Swap0.magic', 'BAD_MAGIC');
    }
  }
}

class Swap0BitmapByteRecord extends RecordCursor {
  get bits(): number {
    return this._view.getUint8(this._offset);
  }

  get numSetBits(): bigint {
    return (big(this.bits) & 1n) + (shr(big(this.bits), 1n, 'Swap0BitmapByte.numSetBits') & 1n) + (shr(big(this.bits), 2n, 'Swap0BitmapByte.numSetBits') & 1n) + (shr(big(this.bits), 3n, 'Swap0BitmapByte.numSetBits') & 1n) + (shr(big(this.bits), 4n, 'Swap0BitmapByte.numSetBits') & 1n) + (shr(big(this.bits), 5n, 'Swap0BitmapByte.numSetBits') & 1n) + (shr(big(this.bits), 6n, 'Swap0BitmapByte.numSetBits') & 1n) + (shr(big(this.bits), 7n, 'Swap0BitmapByte.numSetBits') & 1n);
  }
}
