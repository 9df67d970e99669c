// Generated from formats/volume/recognised/md0.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  concat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../../src/kaitai/index.js';

export type GuestMd0 = Guest<Md0>;

/** `md0` from its bytes. @throws FormatError when they are none. */
export function parseMd0(bytes: Uint8Array, order: ByteOrder): GuestMd0 {
  return guest(new Md0(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Md0(new SafeStream(bytes, order));
  return guestClaims({
    type: 'linux_raid_member',
    version: concat('Md0 version', '0.', it.minor.toString(), '.', it.patch.toString()),
  });
}

/**
 * The superblock in the last whole 64 KiB of the device, so that what it holds
 * begins at the beginning.
 * @see Linux include/uapi/linux/raid/md_p.h: struct mdp_superblock_s
 * @see util-linux libblkid/src/superblocks/linux_raid.c
 */
class Md0 {
  readonly _io: SafeStream;
  /** Called `md_magic` in the original. */
  readonly magic: number;
  /** Called `major_version` in the original. */
  readonly major: number;
  /** Called `minor_version` in the original. */
  readonly minor: number;
  /** Called `patch_version` in the original. */
  readonly patch: number;
  /** Called `gvalid_words` in the original. */
  readonly numFixedWords: number;
  /** Called `set_uuid0` in the original. */
  readonly uuid0: number;
  /** Called `ctime` in the original. */
  readonly created: number;
  /** Called `level` in the original. */
  readonly level: number;
  /** Called `size` in the original. */
  readonly lenDevice: number;
  /** Called `nr_disks` in the original. */
  readonly numDisks: number;
  /** Called `raid_disks` in the original. */
  readonly numRaidDisks: number;
  /** Called `md_minor` in the original. */
  readonly preferredMinor: number;
  /** Called `not_persistent` in the original. */
  readonly notPersistent: number;
  /** Called `set_uuid1` in the original. */
  readonly uuid1: number;
  /** Called `set_uuid2` in the original. */
  readonly uuid2: number;
  /** Called `set_uuid3` in the original. */
  readonly uuid3: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4('Md0.magic');
    this.major = io.readU4('Md0.major');
    if (this.major !== 0) {
      throw new ValidationNotEqualError(0, this.major, io, 'Md0.major');
    }
    this.minor = io.readU4('Md0.minor');
    if (this.minor < 0) {
      throw new ValidationLessThanError(0, this.minor, io, 'Md0.minor');
    }
    if (this.minor > 255) {
      throw new ValidationGreaterThanError(255, this.minor, io, 'Md0.minor');
    }
    this.patch = io.readU4('Md0.patch');
    this.numFixedWords = io.readU4('Md0.numFixedWords');
    this.uuid0 = io.readU4('Md0.uuid0');
    this.created = io.readU4('Md0.created');
    this.level = io.readU4('Md0.level');
    this.lenDevice = io.readU4('Md0.lenDevice');
    this.numDisks = io.readU4('Md0.numDisks');
    this.numRaidDisks = io.readU4('Md0.numRaidDisks');
    this.preferredMinor = io.readU4('Md0.preferredMinor');
    this.notPersistent = io.readU4('Md0.notPersistent');
    this.uuid1 = io.readU4('Md0.uuid1');
    this.uuid2 = io.readU4('Md0.uuid2');
    this.uuid3 = io.readU4('Md0.uuid3');
  }
}
