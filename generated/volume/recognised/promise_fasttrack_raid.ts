// Generated from formats/volume/recognised/promise_fasttrack_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestPromiseFasttrackRaid = Guest<PromiseFasttrackRaid>;

/** `promise_fasttrack_raid` from its bytes. @throws FormatError when they are none. */
export function parsePromiseFasttrackRaid(bytes: Uint8Array): GuestPromiseFasttrackRaid {
  return guest(new PromiseFasttrackRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new PromiseFasttrackRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'promise_fasttrack_raid_member',
  });
}

/**
 * The metadata lies in one of several sectors before the end, which depends on what
 * the disk says of its shape. Nothing of it is read.
 * @see dmraid lib/format/ataraid/pdc.h
 * @see util-linux libblkid/src/superblocks/promise_raid.c
 */
class PromiseFasttrackRaid {
  readonly _io: SafeStream;
  readonly firstByte: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstByte = io.take(1, 'PromiseFasttrackRaid.firstByte');
  }
}
