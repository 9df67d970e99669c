// Generated from formats/filesystem/minix.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  isMember,
  SafeStream,
  shl,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotInEnumError,
} from '../../src/kaitai/index.js';

export type GuestMinix = Guest<Minix>;

/** `minix` from its bytes. @throws FormatError when they are none. */
export function parseMinix(bytes: Uint8Array, order: ByteOrder): GuestMinix {
  return guest(new Minix(new SafeStream(bytes, order)));
}

export type GuestMinixInodeV1 = Guest<MinixInodeV1>;

/** `inode_v1` from its bytes. @throws FormatError when they are none. */
export function parseMinixInodeV1(bytes: Uint8Array, order: ByteOrder): GuestMinixInodeV1 {
  return guest(new MinixInodeV1(new SafeStream(bytes, order)));
}

export type GuestMinixInodeV2 = Guest<MinixInodeV2>;

/** `inode_v2` from its bytes. @throws FormatError when they are none. */
export function parseMinixInodeV2(bytes: Uint8Array, order: ByteOrder): GuestMinixInodeV2 {
  return guest(new MinixInodeV2(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Minix(new SafeStream(bytes, order));
  return guestClaims({
    type: 'minix',
    isMountedCut: true,
    blockSize: 1024,
    blocks: shl(it.numDataZones, big(it.logZoneSize), 'Minix blocks'),
    end: shl(big(it.numZones), big(it.logZoneSize), 'Minix end') * 1024n,
    free: {
      zeroBits: {
        at: (2n + big(it.numImapBlocks)) * 1024n,
        bits: it.numZmapBits,
        perBit: shl(1n, big(it.logZoneSize), 'Minix free-per-bit'),
        taken: 1,
      },
    },
    inodes: it.numInodes,
    inodesFree: {
      zeroBits: {
        at: 2n * 1024n,
        bits: it.numImapBits,
        perBit: 1,
        taken: 1,
      },
    },
    version: it.isV2 ? '2' : '1',
  });
}

export const MinixVersion = {
  /** Version 1, names of up to 14 bytes. */
  V1_NAMES_14: 4991,
  /** Version 1, names of up to 30 bytes. */
  V1_NAMES_30: 5007,
  /** Version 2, names of up to 14 bytes. */
  V2_NAMES_14: 9320,
  /** Version 2, names of up to 30 bytes. */
  V2_NAMES_30: 9336,
} as const;

/**
 * The superblock of a version 1 or 2 Minix filesystem. It lies at byte 1024;
 * behind it, in blocks of 1024 bytes, come the bitmap of inodes, the bitmap of
 * zones (a zone is a power of two of blocks), the inodes and the data zones.
 *
 * The kernel counts the zero bits of whole bitmap blocks: mkfs sets those behind
 * the last one that has a meaning. A mount sets the first bit of each bitmap.
 * @see Linux fs/minix/inode.c: minix_fill_super, V1_minix_iget, V2_minix_iget, minix_statfs
 * @see Linux fs/minix/bitmap.c: count_free
 */
class Minix {
  readonly _io: SafeStream;
  /**
   * Number of inodes; inode 0 does not exist.
   * Called `s_ninodes` in the original.
   */
  readonly numInodes: number;
  /**
   * Number of zones in version 1.
   * Called `s_nzones` in the original.
   */
  readonly numZonesV1: number;
  /**
   * Blocks of the bitmap of inodes.
   * Called `s_imap_blocks` in the original.
   */
  readonly numImapBlocks: number;
  /**
   * Blocks of the bitmap of zones.
   * Called `s_zmap_blocks` in the original.
   */
  readonly numZmapBlocks: number;
  /** Called `s_firstdatazone` in the original. */
  readonly firstDataZone: number;
  /**
   * A zone is 1024 bytes shifted left by this.
   * Called `s_log_zone_size` in the original.
   */
  readonly logZoneSize: number;
  /** Called `s_max_size` in the original. */
  readonly maxFileSize: number;
  /** Called `s_magic` in the original. */
  readonly magic: number;
  /** Called `s_state` in the original. */
  readonly state: number;
  /**
   * Number of zones in version 2.
   * Called `s_zones` in the original.
   */
  readonly numZonesV2: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numInodes = io.readU2('Minix.numInodes');
    if (this.numInodes < 1) {
      throw new ValidationLessThanError(1, this.numInodes, io, 'Minix.numInodes');
    }
    this.numZonesV1 = io.readU2('Minix.numZonesV1');
    this.numImapBlocks = io.readU2('Minix.numImapBlocks');
    if (this.numImapBlocks < 1) {
      throw new ValidationLessThanError(1, this.numImapBlocks, io, 'Minix.numImapBlocks');
    }
    this.numZmapBlocks = io.readU2('Minix.numZmapBlocks');
    if (this.numZmapBlocks < 1) {
      throw new ValidationLessThanError(1, this.numZmapBlocks, io, 'Minix.numZmapBlocks');
    }
    this.firstDataZone = io.readU2('Minix.firstDataZone');
    if (this.firstDataZone < 4) {
      throw new ValidationLessThanError(4, this.firstDataZone, io, 'Minix.firstDataZone');
    }
    this.logZoneSize = io.readU2('Minix.logZoneSize');
    if (this.logZoneSize > 10) {
      throw new ValidationGreaterThanError(10, this.logZoneSize, io, 'Minix.logZoneSize');
    }
    this.maxFileSize = io.readU4('Minix.maxFileSize');
    this.magic = io.readU2('Minix.magic');
    if (!isMember(MinixVersion, this.magic)) {
      throw new ValidationNotInEnumError(this.magic, io, 'Minix.magic');
    }
    this.state = io.readU2('Minix.state');
    this.numZonesV2 = io.readU4('Minix.numZonesV2');
  }

  get isV2(): boolean {
    return this.magic === MinixVersion.V2_NAMES_14 || this.magic === MinixVersion.V2_NAMES_30;
  }

  get numZones(): number {
    return this.isV2 ? this.numZonesV2 : this.numZonesV1;
  }

  #numDataZones: bigint | undefined;
  get numDataZones(): bigint {
    return (this.#numDataZones ??= big(this.numZones) - big(this.firstDataZone));
  }

  #numImapBits: bigint | undefined;
  /** One bit for each inode and for the number 0, in whole blocks. */
  get numImapBits(): bigint {
    return (this.#numImapBits ??= div(big(this.numInodes) + 1n + 8191n, 8192n, 'Minix.numImapBits') * 8192n);
  }

  #numZmapBits: bigint | undefined;
  /** One bit for each data zone and for the number 0, in whole blocks. */
  get numZmapBits(): bigint {
    return (this.#numZmapBits ??= div(this.numDataZones + 1n + 8191n, 8192n, 'Minix.numZmapBits') * 8192n);
  }

  /** Whether the bitmaps have a bit for each inode and zone. */
  get hasRoom(): boolean {
    return big(this.numInodes) <= big(this.numImapBlocks) * 8192n && this.numZmapBits <= big(this.numZmapBlocks) * 8192n;
  }

  #ofsRootInode: bigint | undefined;
  /** The first inode, behind the bitmaps. */
  get ofsRootInode(): bigint {
    return (this.#ofsRootInode ??= (2n + big(this.numImapBlocks) + big(this.numZmapBlocks)) * 1024n);
  }
}

/** The beginning of an inode of version 1. */
class MinixInodeV1 {
  readonly _io: SafeStream;
  /** Called `i_mode` in the original. */
  readonly mode: number;
  /** Called `i_uid` in the original. */
  readonly uid: number;
  /** Called `i_size` in the original. */
  readonly lenFile: number;
  /** Called `i_time` in the original. */
  readonly modifiedAt: number;
  /** Called `i_gid` in the original. */
  readonly gid: number;
  /** Called `i_nlinks` in the original. */
  readonly numLinks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.mode = io.readU2('MinixInodeV1.mode');
    this.uid = io.readU2('MinixInodeV1.uid');
    this.lenFile = io.readU4('MinixInodeV1.lenFile');
    this.modifiedAt = io.readU4('MinixInodeV1.modifiedAt');
    this.gid = io.readU1('MinixInodeV1.gid');
    this.numLinks = io.readU1('MinixInodeV1.numLinks');
  }
}

/** The beginning of an inode of version 2. */
class MinixInodeV2 {
  readonly _io: SafeStream;
  /** Called `i_mode` in the original. */
  readonly mode: number;
  /** Called `i_nlinks` in the original. */
  readonly numLinks: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.mode = io.readU2('MinixInodeV2.mode');
    this.numLinks = io.readU2('MinixInodeV2.numLinks');
  }
}
