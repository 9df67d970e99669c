// Generated from formats/container/zfs_send.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestZfsSend = Guest<ZfsSend>;

/** `zfs_send` from its bytes. @throws FormatError when they are none. */
export function parseZfsSend(bytes: Uint8Array): GuestZfsSend {
  return guest(new ZfsSend(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new ZfsSend(new SafeStream(bytes));
  return guestClaims({
    type: 'zfs_send',
  });
}

/**
 * The changes of a dataset, as records in the byte order of the machine that wrote
 * them. The first has its kind, four zeros, its length and the magic number.
 * @see OpenZFS include/sys/zfs_ioctl.h: dmu_replay_record_t, DMU_BACKUP_MAGIC
 */
class ZfsSend {
  readonly _io: SafeStream;
  readonly head: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.head = io.take(16, 'ZfsSend.head');
  }
}
