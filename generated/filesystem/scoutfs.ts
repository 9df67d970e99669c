// Generated from formats/filesystem/scoutfs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../src/kaitai/index.js';

export type GuestScoutfs = Guest<Scoutfs>;

/** `scoutfs` from its bytes. @throws FormatError when they are none. */
export function parseScoutfs(bytes: Uint8Array): GuestScoutfs {
  return guest(new Scoutfs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Scoutfs(new SafeStream(bytes));
  return guestClaims({
    type: (it.flags & 1n) !== 0n ? 'scoutfs_meta' : 'scoutfs_data',
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The superblock, on the device of the metadata and on that of the data.
 * @see scoutfs kmod/src/format.h: struct scoutfs_super_block
 * @see util-linux libblkid/src/superblocks/scoutfs.c
 */
class Scoutfs {
  readonly _io: SafeStream;
  /** Called `crc` in the original. */
  readonly checksum: number;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `fsid` in the original. */
  readonly fsid: bigint;
  /** Called `seq` in the original. */
  readonly sequence: bigint;
  /** Called `blkno` in the original. */
  readonly blockNumber: bigint;
  /** Called `id` in the original. */
  readonly id: bigint;
  /** Called `fmt_vers` in the original. */
  readonly version: bigint;
  /** Called `flags` in the original. */
  readonly flags: bigint;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('Scoutfs.checksum');
    this.magic = io.readU4le('Scoutfs.magic');
    this.fsid = io.readU8le('Scoutfs.fsid');
    this.sequence = io.readU8le('Scoutfs.sequence');
    this.blockNumber = io.readU8le('Scoutfs.blockNumber');
    this.id = io.readU8le('Scoutfs.id');
    this.version = io.readU8le('Scoutfs.version');
    this.flags = io.readU8le('Scoutfs.flags');
    this.uuid = io.take(16, 'Scoutfs.uuid');
  }
}
