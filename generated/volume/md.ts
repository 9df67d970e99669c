// Generated from formats/volume/md.ksy by `npm run generate`. Do not edit: change the specification.
import {
  compareBytes,
  concat,
  decode,
  guest,
  type Guest,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestMd = Guest<Md>;

/** `md` from its bytes. @throws FormatError when they are none. */
export function parseMd(bytes: Uint8Array): GuestMd {
  return guest(new Md(new SafeStream(bytes)));
}

export type GuestMdIdentity1 = Guest<MdIdentity1>;

/** `identity_1` from its bytes. @throws FormatError when they are none. */
export function parseMdIdentity1(bytes: Uint8Array): GuestMdIdentity1 {
  return guest(new MdIdentity1(new SafeStream(bytes)));
}

export type GuestMdIdentity0 = Guest<MdIdentity0>;

/** `identity_0` from its bytes. @throws FormatError when they are none. */
export function parseMdIdentity0(bytes: Uint8Array): GuestMdIdentity0 {
  return guest(new MdIdentity0(new SafeStream(bytes)));
}

export type GuestMdSuperblock0 = Guest<MdSuperblock0>;

/** `superblock_0` from its bytes. @throws FormatError when they are none. */
export function parseMdSuperblock0(bytes: Uint8Array): GuestMdSuperblock0 {
  return guest(new MdSuperblock0(new SafeStream(bytes)));
}

export type GuestMdBadBlocks = Guest<MdBadBlocksRecord>;

/** A table of `bad_blocks`: 8 bytes each, `strideBytes` apart. */
export function mdBadBlocksRecords(
  bytes: Uint8Array,
  strideBytes: number = 8,
): Records<GuestMdBadBlocks> {
  return records(new MdBadBlocksRecord(bytes, 'le'), 8, strideBytes, 'MdBadBlocks');
}

/**
 * The superblock of metadata 1.0 (near the end of the device), 1.1 (at its
 * beginning) and 1.2 (at 4 KiB), and the older one of metadata 0.90 in the last
 * whole 64 KiB. Counts are of sectors of 512 bytes, in the older one of KiB. The
 * older one is of words of 32 bits in the byte order of the machine that made it.
 * @see Linux include/uapi/linux/raid/md_p.h: struct mdp_superblock_1, struct mdp_superblock_s
 * @see Linux drivers/md/md.c: super_1_load, super_90_load
 * @see util-linux libblkid/src/superblocks/linux_raid.c
 */
class Md {
  readonly _io: SafeStream;
  readonly identity: MdIdentity1;
  /** Called `ctime` in the original. */
  readonly created: bigint;
  /** Called `level` in the original. */
  readonly level: number;
  /**
   * What it says depends on the level.
   * Called `layout` in the original.
   */
  readonly layout: number;
  /**
   * Of the device that are in use; 0 where each device gives all that it has.
   * Called `size` in the original.
   */
  readonly numSectors: bigint;
  /** Called `chunksize` in the original. */
  readonly numChunkSectors: number;
  /** Called `raid_disks` in the original. */
  readonly numMembers: number;
  readonly bitmapAndReshape: Uint8Array;
  /** Called `data_offset` in the original. */
  readonly dataSector: bigint;
  /** Called `data_size` in the original. */
  readonly numDataSectors: bigint;
  /** Called `super_offset` in the original. */
  readonly superblockSector: bigint;
  /** Called `recovery_offset` in the original. */
  readonly recoverySector: bigint;
  /** Called `dev_number` in the original. */
  readonly deviceNumber: number;
  readonly device: Uint8Array;
  /**
   * They are counted in sectors times 2 to the power of this.
   * Called `bblog_shift` in the original.
   */
  readonly badBlocksShift: number;
  /** Called `bblog_size` in the original. */
  readonly numBadBlocksSectors: number;
  /**
   * Where their list lies, in sectors from the superblock on.
   * Called `bblog_offset` in the original.
   */
  readonly badBlocksOffset: number;
  /** Called `utime` in the original. */
  readonly changed: bigint;
  /** Called `events` in the original. */
  readonly numEvents: bigint;
  /** Called `resync_offset` in the original. */
  readonly resyncSector: bigint;
  /** Called `sb_csum` in the original. */
  readonly checksum: number;
  /** Called `max_dev` in the original. */
  readonly numRoles: number;
  /** Called `pad3` in the original. */
  readonly pad3: Uint8Array;
  /**
   * By number of the device; 0xfffd is a journal, 0xfffe faulty, 0xffff a spare.
   * Called `dev_roles` in the original.
   */
  readonly roles: number[];

  constructor(io: SafeStream) {
    this._io = io;
    this.identity = new MdIdentity1(io);
    this.created = io.readU8le('Md.created');
    this.level = io.readS4le('Md.level');
    this.layout = io.readU4le('Md.layout');
    this.numSectors = io.readU8le('Md.numSectors');
    this.numChunkSectors = io.readU4le('Md.numChunkSectors');
    this.numMembers = io.readU4le('Md.numMembers');
    this.bitmapAndReshape = io.take(32, 'Md.bitmapAndReshape');
    this.dataSector = io.readU8le('Md.dataSector');
    this.numDataSectors = io.readU8le('Md.numDataSectors');
    this.superblockSector = io.readU8le('Md.superblockSector');
    this.recoverySector = io.readU8le('Md.recoverySector');
    this.deviceNumber = io.readU4le('Md.deviceNumber');
    this.device = io.take(21, 'Md.device');
    this.badBlocksShift = io.readU1('Md.badBlocksShift');
    this.numBadBlocksSectors = io.readU2le('Md.numBadBlocksSectors');
    this.badBlocksOffset = io.readS4le('Md.badBlocksOffset');
    this.changed = io.readU8le('Md.changed');
    this.numEvents = io.readU8le('Md.numEvents');
    this.resyncSector = io.readU8le('Md.resyncSector');
    this.checksum = io.readU4le('Md.checksum');
    this.numRoles = io.readU4le('Md.numRoles');
    if (this.numRoles > 1920) {
      throw new ValidationGreaterThanError(1920, this.numRoles, io, 'Md.numRoles');
    }
    this.pad3 = io.take(32, 'Md.pad3');
    this.roles = [];
    for (let i = 0, n = io.count(this.numRoles, 2, 'Md.roles'); i < n; i++) {
      this.roles.push(io.readU2le('Md.roles'));
    }
  }
}

/** An entry of the list of bad blocks. */
class MdBadBlocksRecord extends RecordCursor {
  /** The count in the lower 10 bits; all ones behind the last entry. */
  get sectorAndCount(): bigint {
    return this._view.getBigUint64(this._offset, true);
  }
}

/** What is read of members that are only recognised. */
class MdIdentity1 {
  readonly _io: SafeStream;
  /** Called `magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `major_version` in the original. */
  readonly major: number;
  /**
   * Bit 1, the device is being rebuilt; 2, the array is being reshaped; 3, it has a list of bad blocks; 4, the device replaces another; 9, the array has a journal; 10 and 11, a log of parity; 12, the layout of RAID 0 is told.
   * Called `feature_map` in the original.
   */
  readonly features: number;
  /** Called `pad0` in the original. */
  readonly pad: Uint8Array;
  /** Called `set_uuid` in the original. */
  readonly uuid: Uint8Array;
  /** Called `set_name` in the original. */
  readonly name: string;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'MdIdentity1.magic');
    if (compareBytes(this.magic, Uint8Array.of(252, 78, 43, 169)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(252, 78, 43, 169), this.magic, io, 'MdIdentity1.magic', 'BAD_MAGIC');
    }
    this.major = io.readU4le('MdIdentity1.major');
    if (this.major !== 1) {
      throw new ValidationNotEqualError(1, this.major, io, 'MdIdentity1.major');
    }
    this.features = io.readU4le('MdIdentity1.features');
    this.pad = io.take(4, 'MdIdentity1.pad');
    this.uuid = io.take(16, 'MdIdentity1.uuid');
    this.name = decode(terminate(io.take(32, 'MdIdentity1.name'), [0], false), 'UTF-8');
  }
}

/** What is read of members that are only recognised. */
class MdIdentity0 {
  readonly _io: SafeStream;
  /** Called `md_magic` in the original. */
  readonly magic: Uint8Array;
  /** Called `major_version` in the original. */
  readonly major: number;
  /**
   * 90, or 91 while the array is being reshaped.
   * Called `minor_version` in the original.
   */
  readonly minor: number;
  /** Called `patch_version` in the original. */
  readonly patch: number;
  /** Called `gvalid_words` in the original. */
  readonly numFixedWords: number;
  /** Called `set_uuid0` in the original. */
  readonly uuid0: Uint8Array;
  /** Called `ctime` in the original. */
  readonly created: number;
  /** Called `level` in the original. */
  readonly level: number;
  /**
   * Of the device that are in use.
   * Called `size` in the original.
   */
  readonly numKibibytes: number;
  /** Called `nr_disks` in the original. */
  readonly numDisks: number;
  /** Called `raid_disks` in the original. */
  readonly numMembers: number;
  /** Called `md_minor, not_persistent` in the original. */
  readonly preferred: Uint8Array;
  /** Called `set_uuid1, set_uuid2, set_uuid3` in the original. */
  readonly uuid1: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.take(4, 'MdIdentity0.magic');
    if (compareBytes(this.magic, Uint8Array.of(252, 78, 43, 169)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(252, 78, 43, 169), this.magic, io, 'MdIdentity0.magic', 'BAD_MAGIC');
    }
    this.major = io.readU4le('MdIdentity0.major');
    if (this.major !== 0) {
      throw new ValidationNotEqualError(0, this.major, io, 'MdIdentity0.major');
    }
    this.minor = io.readU4le('MdIdentity0.minor');
    if (this.minor > 255) {
      throw new ValidationGreaterThanError(255, this.minor, io, 'MdIdentity0.minor');
    }
    this.patch = io.readU4le('MdIdentity0.patch');
    this.numFixedWords = io.readU4le('MdIdentity0.numFixedWords');
    this.uuid0 = io.take(4, 'MdIdentity0.uuid0');
    this.created = io.readU4le('MdIdentity0.created');
    this.level = io.readS4le('MdIdentity0.level');
    this.numKibibytes = io.readU4le('MdIdentity0.numKibibytes');
    this.numDisks = io.readU4le('MdIdentity0.numDisks');
    this.numMembers = io.readU4le('MdIdentity0.numMembers');
    this.preferred = io.take(8, 'MdIdentity0.preferred');
    this.uuid1 = io.take(12, 'MdIdentity0.uuid1');
  }

  #version: string | undefined;
  /** As blkid shows it. */
  get version(): string {
    return (this.#version ??= concat('MdIdentity0.version', '0.', this.minor.toString(), '.', this.patch.toString()));
  }
}

/** The superblock of metadata 0.90. */
class MdSuperblock0 {
  readonly _io: SafeStream;
  readonly identity: MdIdentity0;
  readonly constant: Uint8Array;
  /** Called `utime` in the original. */
  readonly changed: number;
  /**
   * Bit 0, clean.
   * Called `state` in the original.
   */
  readonly state: number;
  readonly counts: Uint8Array;
  /** Called `sb_csum` in the original. */
  readonly checksum: number;
  /**
   * The lower one is first on a machine of little-endian order, and second on others.
   * Called `events_lo, events_hi` in the original.
   */
  readonly eventWords: number[];
  /** Called `cp_events_lo, cp_events_hi` in the original. */
  readonly checkpoint: Uint8Array;
  /** Called `recovery_cp` in the original. */
  readonly resyncSector: number;
  readonly reshape: Uint8Array;
  /** Called `layout` in the original. */
  readonly layout: number;
  /** Called `chunk_size` in the original. */
  readonly numChunkBytes: number;
  readonly rest: Uint8Array;
  /** Called `this_disk` in the original. */
  readonly thisDisk: MdDisk;

  constructor(io: SafeStream) {
    this._io = io;
    this.identity = new MdIdentity0(io);
    this.constant = io.take(64, 'MdSuperblock0.constant');
    this.changed = io.readU4le('MdSuperblock0.changed');
    this.state = io.readU4le('MdSuperblock0.state');
    this.counts = io.take(16, 'MdSuperblock0.counts');
    this.checksum = io.readU4le('MdSuperblock0.checksum');
    this.eventWords = [];
    for (let i = 0, n = io.count(2, 4, 'MdSuperblock0.eventWords'); i < n; i++) {
      this.eventWords.push(io.readU4le('MdSuperblock0.eventWords'));
    }
    this.checkpoint = io.take(8, 'MdSuperblock0.checkpoint');
    this.resyncSector = io.readU4le('MdSuperblock0.resyncSector');
    this.reshape = io.take(80, 'MdSuperblock0.reshape');
    this.layout = io.readU4le('MdSuperblock0.layout');
    this.numChunkBytes = io.readU4le('MdSuperblock0.numChunkBytes');
    this.rest = io.take(3704, 'MdSuperblock0.rest');
    this.thisDisk = new MdDisk(io);
  }
}

class MdDisk {
  readonly _io: SafeStream;
  /** Called `number` in the original. */
  readonly number: number;
  /** Called `major, minor` in the original. */
  readonly device: Uint8Array;
  /** Called `raid_disk` in the original. */
  readonly role: number;
  /**
   * Bit 0, faulty; bit 1, active; bit 2, in sync.
   * Called `state` in the original.
   */
  readonly state: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.number = io.readU4le('MdDisk.number');
    this.device = io.take(8, 'MdDisk.device');
    this.role = io.readU4le('MdDisk.role');
    this.state = io.readU4le('MdDisk.state');
  }
}
