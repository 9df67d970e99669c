// Generated from formats/volume/recognised/nvidia_raid.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestNvidiaRaid = Guest<NvidiaRaid>;

/** `nvidia_raid` from its bytes. @throws FormatError when they are none. */
export function parseNvidiaRaid(bytes: Uint8Array): GuestNvidiaRaid {
  return guest(new NvidiaRaid(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new NvidiaRaid(new SafeStream(bytes));
  return guestClaims({
    type: 'nvidia_raid_member',
    version: it.version.toString(),
  });
}

/**
 * The metadata in the sector before the last.
 * @see dmraid lib/format/ataraid/nv.h
 * @see util-linux libblkid/src/superblocks/nvidia_raid.c
 */
class NvidiaRaid {
  readonly _io: SafeStream;
  /** Called `vendor` in the original. */
  readonly magic: Uint8Array;
  /** Called `size` in the original. */
  readonly lenMetadata: number;
  /** Called `chksum` in the original. */
  readonly checksum: number;
  /** Called `version` in the original. */
  readonly version: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(8, 'NvidiaRaid.magic');
    this.lenMetadata = io.readU4le('NvidiaRaid.lenMetadata');
    this.checksum = io.readU4le('NvidiaRaid.checksum');
    this.version = io.readU2le('NvidiaRaid.version');
  }
}
