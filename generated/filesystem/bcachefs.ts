// Generated from formats/filesystem/bcachefs.ksy by `npm run generate`. Do not edit: change the specification.
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

export type GuestBcachefs = Guest<Bcachefs>;

/** `bcachefs` from its bytes. @throws FormatError when they are none. */
export function parseBcachefs(bytes: Uint8Array): GuestBcachefs {
  return guest(new Bcachefs(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Bcachefs(new SafeStream(bytes));
  return guestClaims({
    type: 'bcachefs',
    label: it.label,
    uuid: it.uuid,
    version: it.version.toString(),
  });
}

/**
 * The superblock of one of the devices of a filesystem; old ones have the
 * signature of bcache, and their own offset in sectors elsewhere than bcache.
 * @see Linux fs/bcachefs/bcachefs_format.h: struct bch_sb
 * @see util-linux libblkid/src/superblocks/bcache.c
 */
class Bcachefs {
  readonly _io: SafeStream;
  /** Called `csum` in the original. */
  readonly checksum: Uint8Array;
  /** Called `version` in the original. */
  readonly version: number;
  /** Called `version_min` in the original. */
  readonly versionMin: number;
  /** Called `pad` in the original. */
  readonly pad: Uint8Array;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `uuid` in the original. */
  readonly internalUuid: Uint8Array;
  /** Called `user_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `label` in the original. */
  readonly label: string;
  /** Called `offset` in the original. */
  readonly offset: bigint;
  /** Called `seq` in the original. */
  readonly sequenceNumber: bigint;
  /** Called `block_size` in the original. */
  readonly sectorsPerBlock: number;
  /** Called `dev_idx` in the original. */
  readonly deviceIndex: number;
  /** Called `nr_devices` in the original. */
  readonly numDevices: number;
  /** Called `u64s` in the original. */
  readonly lenFields: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.take(16, 'Bcachefs.checksum');
    this.version = io.readU2le('Bcachefs.version');
    this.versionMin = io.readU2le('Bcachefs.versionMin');
    this.pad = io.take(4, 'Bcachefs.pad');
    this.magic = io.take(16, 'Bcachefs.magic');
    this.internalUuid = io.take(16, 'Bcachefs.internalUuid');
    this.uuid = io.take(16, 'Bcachefs.uuid');
    this.label = decode(terminate(io.take(32, 'Bcachefs.label'), [0], false), 'UTF-8');
    this.offset = io.readU8le('Bcachefs.offset');
    this.sequenceNumber = io.readU8le('Bcachefs.sequenceNumber');
    this.sectorsPerBlock = io.readU2le('Bcachefs.sectorsPerBlock');
    this.deviceIndex = io.readU1('Bcachefs.deviceIndex');
    this.numDevices = io.readU1('Bcachefs.numDevices');
    this.lenFields = io.readU4le('Bcachefs.lenFields');
  }
}
