// Generated from formats/volume/recognised/drbdproxy_datalog.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestDrbdproxyDatalog = Guest<DrbdproxyDatalog>;

/** `drbdproxy_datalog` from its bytes. @throws FormatError when they are none. */
export function parseDrbdproxyDatalog(bytes: Uint8Array): GuestDrbdproxyDatalog {
  return guest(new DrbdproxyDatalog(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new DrbdproxyDatalog(new SafeStream(bytes));
  return guestClaims({
    type: 'drbdproxy_datalog',
    uuid: it.uuid,
    version: concat('DrbdproxyDatalog version', 'v', it.version.toString()),
  });
}

/**
 * What a proxy has not sent yet to another machine.
 * @see util-linux libblkid/src/superblocks/drbdproxy_datalog.c
 */
class DrbdproxyDatalog {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `version` in the original. */
  readonly version: bigint;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'DrbdproxyDatalog.magic');
    this.version = io.readU8le('DrbdproxyDatalog.version');
    this.uuid = io.take(16, 'DrbdproxyDatalog.uuid');
  }
}
