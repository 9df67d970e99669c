// Generated from formats/container/rbd_diff.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestRbdDiff = Guest<RbdDiff>;

/** `rbd_diff` from its bytes. @throws FormatError when they are none. */
export function parseRbdDiff(bytes: Uint8Array): GuestRbdDiff {
  return guest(new RbdDiff(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new RbdDiff(new SafeStream(bytes));
  return guestClaims({
    type: 'rbd_diff',
  });
}

/**
 * The ranges of an image that hold data, one behind the other.
 * @see Ceph doc/dev/rbd-diff.rst, doc/dev/rbd-export.rst
 */
class RbdDiff {
  readonly _io: SafeStream;
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(12, 'RbdDiff.magic');
  }
}
