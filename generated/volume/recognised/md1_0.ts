// Generated from formats/volume/recognised/md1_0.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  terminate,
  ValidationNotEqualError,
} from '../../../src/kaitai/index.js';

export type GuestMd10 = Guest<Md10>;

/** `md1_0` from its bytes. @throws FormatError when they are none. */
export function parseMd10(bytes: Uint8Array): GuestMd10 {
  return guest(new Md10(new SafeStream(bytes)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  const it = new Md10(new SafeStream(bytes));
  return guestClaims({
    type: 'linux_raid_member',
    label: it.label,
    uuid: it.uuid,
    version: '1.0',
  });
}

/**
 * The superblock near the end of the device, so that what it holds begins at the
 * beginning.
 * @see Linux include/uapi/linux/raid/md_p.h: struct mdp_superblock_1
 * @see util-linux libblkid/src/superblocks/linux_raid.c
 */
class Md10 {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: number;
  /** Called `major_version` in the original. */
  readonly major: number;
  /** Called `feature_map` in the original. */
  readonly features: number;
  /** Called `pad0` in the original. */
  readonly pad: Uint8Array;
  /** Called `set_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `set_name` in the original. */
  readonly label: string;
  /** Called `ctime` in the original. */
  readonly created: bigint;
  /** Called `level` in the original. */
  readonly level: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4le('Md10.magic');
    this.major = io.readU4le('Md10.major');
    if (this.major !== 1) {
      throw new ValidationNotEqualError(1, this.major, io, 'Md10.major');
    }
    this.features = io.readU4le('Md10.features');
    this.pad = io.take(4, 'Md10.pad');
    this.uuid = io.take(16, 'Md10.uuid');
    this.label = decode(terminate(io.take(32, 'Md10.label'), [0], false), 'UTF-8');
    this.created = io.readU8le('Md10.created');
    this.level = io.readU4le('Md10.level');
  }
}
