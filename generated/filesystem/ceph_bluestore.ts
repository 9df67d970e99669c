// Generated from formats/filesystem/ceph_bluestore.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
} from '../../src/kaitai/index.js';

export type GuestCephBluestore = Guest<CephBluestore>;

/** `ceph_bluestore` from its bytes. @throws FormatError when they are none. */
export function parseCephBluestore(bytes: Uint8Array): GuestCephBluestore {
  return guest(new CephBluestore(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new CephBluestore(new SafeStream(bytes));
  return guestClaims({
    type: 'ceph_bluestore',
  });
}

/**
 * An object store: it holds no filesystem of its own.
 * @see util-linux libblkid/src/superblocks/bluestore.c
 */
class CephBluestore {
  readonly _io: SafeStream;
  readonly magic: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = decode(terminate(io.take(22, 'CephBluestore.magic'), [0], false), 'UTF-8');
  }
}
