// Generated from formats/volume/recognised/stratis.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
} from '../../../src/kaitai/index.js';

export type GuestStratis = Guest<Stratis>;

/** `stratis` from its bytes. @throws FormatError when they are none. */
export function parseStratis(bytes: Uint8Array): GuestStratis {
  return guest(new Stratis(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Stratis(new SafeStream(bytes));
  return guestClaims({
    type: 'stratis',
    uuid: concat('Stratis uuid', it.deviceUuid.substring(0, 8), '-', it.deviceUuid.substring(8, 12), '-', it.deviceUuid.substring(12, 16), '-', it.deviceUuid.substring(16, 20), '-', it.deviceUuid.substring(20, 32)),
  });
}

/**
 * The first of the two static headers of a block device of a pool.
 * @see stratis-storage: Stratis Software Design
 * @see util-linux libblkid/src/superblocks/stratis.c
 */
class Stratis {
  readonly _io: SafeStream;
  /** Called `crc32` in the original. */
  readonly checksum: number;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `sectors` in the original. */
  readonly numSectors: bigint;
  /** Called `reserved` in the original. */
  readonly reserved: Uint8Array;
  /** Called `pool_uuid` in the original. */
  readonly poolUuid: string;
  /** Called `dev_uuid` in the original. */
  readonly deviceUuid: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.checksum = io.readU4le('Stratis.checksum');
    this.magic = io.take(16, 'Stratis.magic');
    this.numSectors = io.readU8le('Stratis.numSectors');
    this.reserved = io.take(4, 'Stratis.reserved');
    this.poolUuid = decode(io.take(32, 'Stratis.poolUuid'), 'UTF-8');
    this.deviceUuid = decode(io.take(32, 'Stratis.deviceUuid'), 'UTF-8');
  }
}
