// Generated from formats/filesystem/ubifs.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestUbifs = Guest<Ubifs>;

/** `ubifs` from its bytes. @throws FormatError when they are none. */
export function parseUbifs(bytes: Uint8Array): GuestUbifs {
  return guest(new Ubifs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Ubifs(new SafeStream(bytes));
  return guestClaims({
    type: 'ubifs',
    uuid: it.uuid,
    version: concat('Ubifs version', 'w', it.format.toString(), 'r', it.readOnlyFormat.toString()),
  });
}

/**
 * The superblock node of a volume; it lies on UBI, so that a disk rarely has
 * one.
 * @see Linux fs/ubifs/ubifs-media.h: struct ubifs_sb_node
 * @see util-linux libblkid/src/superblocks/ubifs.c
 */
class Ubifs {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `crc` in the original. */
  readonly checksum: number;
  /** Called `sqnum` in the original. */
  readonly sequenceNumber: bigint;
  /** Called `len` in the original. */
  readonly lenNode: number;
  /** Called `node_type` in the original. */
  readonly type: number;
  /** Called `group_type` in the original. */
  readonly groupType: number;
  /** Called `padding` in the original. */
  readonly pad: Uint8Array;
  readonly key: Uint8Array;
  /** Called `flags` in the original. */
  readonly flags: number;
  /** Called `min_io_size` in the original. */
  readonly lenMinimumIo: number;
  /** Called `leb_size` in the original. */
  readonly lenEraseBlock: number;
  /** Called `leb_cnt` in the original. */
  readonly numEraseBlocks: number;
  /** Called `max_leb_cnt` in the original. */
  readonly maxEraseBlocks: number;
  readonly layout: Uint8Array;
  /** Called `fmt_version` in the original. */
  readonly format: number;
  readonly compression: Uint8Array;
  readonly reservedPool: Uint8Array;
  /** Called `time_gran` in the original. */
  readonly timeGranularity: number;
  /** Called `uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `ro_compat_version` in the original. */
  readonly readOnlyFormat: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Ubifs.magic');
    this.checksum = io.readU4le('Ubifs.checksum');
    this.sequenceNumber = io.readU8le('Ubifs.sequenceNumber');
    this.lenNode = io.readU4le('Ubifs.lenNode');
    this.type = io.readU1('Ubifs.type');
    if (this.type !== 6) {
      throw new ValidationNotEqualError(6, this.type, io, 'Ubifs.type');
    }
    this.groupType = io.readU1('Ubifs.groupType');
    this.pad = io.take(2, 'Ubifs.pad');
    this.key = io.take(4, 'Ubifs.key');
    this.flags = io.readU4le('Ubifs.flags');
    this.lenMinimumIo = io.readU4le('Ubifs.lenMinimumIo');
    this.lenEraseBlock = io.readU4le('Ubifs.lenEraseBlock');
    this.numEraseBlocks = io.readU4le('Ubifs.numEraseBlocks');
    this.maxEraseBlocks = io.readU4le('Ubifs.maxEraseBlocks');
    this.layout = io.take(32, 'Ubifs.layout');
    this.format = io.readU4le('Ubifs.format');
    this.compression = io.take(4, 'Ubifs.compression');
    this.reservedPool = io.take(16, 'Ubifs.reservedPool');
    this.timeGranularity = io.readU4le('Ubifs.timeGranularity');
    this.uuid = io.take(16, 'Ubifs.uuid');
    this.readOnlyFormat = io.readU4le('Ubifs.readOnlyFormat');
  }
}
