// Generated from formats/volume/recognised/dm_snapshot_cow.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestDmSnapshotCow = Guest<DmSnapshotCow>;

/** `dm_snapshot_cow` from its bytes. @throws FormatError when they are none. */
export function parseDmSnapshotCow(bytes: Uint8Array): GuestDmSnapshotCow {
  return guest(new DmSnapshotCow(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new DmSnapshotCow(new SafeStream(bytes));
  return guestClaims({
    type: 'DM_snapshot_cow',
    version: it.version.toString(),
  });
}

/**
 * The header of what a snapshot has stored; without its origin it is no
 * filesystem.
 * @see Linux drivers/md/dm-snap-persistent.c: struct disk_header
 * @see util-linux libblkid/src/superblocks/lvm.c
 */
class DmSnapshotCow {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `valid` in the original. */
  readonly valid: number;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `chunk_size` in the original. */
  readonly sectorsPerChunk: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('DmSnapshotCow.magic');
    this.valid = io.readU4le('DmSnapshotCow.valid');
    this.version = io.readU4le('DmSnapshotCow.version');
    this.sectorsPerChunk = io.readU4le('DmSnapshotCow.sectorsPerChunk');
  }
}
