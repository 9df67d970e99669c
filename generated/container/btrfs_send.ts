// Generated from formats/container/btrfs_send.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestBtrfsSend = Guest<BtrfsSend>;

/** `btrfs_send` from its bytes. @throws FormatError when they are none. */
export function parseBtrfsSend(bytes: Uint8Array): GuestBtrfsSend {
  return guest(new BtrfsSend(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new BtrfsSend(new SafeStream(bytes));
  return guestClaims({
    type: 'btrfs_send',
  });
}

/**
 * The commands that make a subvolume again.
 * @see Linux fs/btrfs/send.h: struct btrfs_stream_header
 */
class BtrfsSend {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(13, 'BtrfsSend.magic');
    if (compareBytes(this.magic, Uint8Array.of(98, 116, 114, 102, 115, 45, 115, 116, 114, 101, 97, 109, 0)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(98, 116, 114, 102, 115, 45, 115, 116, 114, 101, 97, 109, 0), this.magic, io, 'BtrfsSend.magic', 'BAD_MAGIC');
    }
    this.version = io.readU4le('BtrfsSend.version');
    if (this.version < 1) {
      throw new ValidationLessThanError(1, this.version, io, 'BtrfsSend.version');
    }
    if (this.version > 16) {
      throw new ValidationGreaterThanError(16, this.version, io, 'BtrfsSend.version');
    }
  }
}
