// Generated from formats/filesystem/minix3.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  narrow,
  SafeStream,
  shl,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotAnyOfError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestMinix3 = Guest<Minix3>;

/** `minix3` from its bytes. @throws FormatError when they are none. */
export function parseMinix3(bytes: Uint8Array, order: ByteOrder): GuestMinix3 {
  return guest(new Minix3(new SafeStream(bytes, order)));
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Minix3(new SafeStream(bytes, order));
  return guestClaims({
    type: 'minix',
    isMountedCut: true,
    blockSize: it.lenBlock,
    blocks: shl(it.numDataZones, big(it.logZoneSize), 'Minix3 blocks'),
    end: narrow(shl(big(it.numZones), big(it.logZoneSize), 'Minix3 end') * big(it.lenBlock), 'Minix3 end'),
    free: {
      zeroBits: {
        at: (2n + big(it.numImapBlocks)) * big(it.lenBlock),
        bits: it.numZmapBits,
        perBit: shl(1n, big(it.logZoneSize), 'Minix3 free-per-bit'),
        taken: 1,
      },
    },
    inodes: it.numInodes,
    inodesFree: {
      zeroBits: {
        at: 2n * big(it.lenBlock),
        bits: it.numImapBits,
        perBit: 1,
        taken: 1,
      },
    },
    version: '3',
  });
}

/**
 * The superblock of a version 3 Minix filesystem. It lies at byte 1024 whatever
 * the block size is; the bitmap of inodes begins in block 2, that of zones behind
 * it.
 *
 * The kernel counts the zero bits of whole bitmap blocks: mkfs sets those behind
 * the last one that has a meaning. A mount sets the first bit of each bitmap.
 * @see Linux fs/minix/inode.c: minix_fill_super, minix_statfs
 * @see Linux fs/minix/bitmap.c: count_free
 */
class Minix3 {
  readonly _io: SafeStream;
  /** Called `s_ninodes` in the original. */
  readonly numInodes: number;
  /** Called `s_pad0` in the original. */
  readonly reserved1: number;
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
   * A zone is a block shifted left by this.
   * Called `s_log_zone_size` in the original.
   */
  readonly logZoneSize: number;
  /** Called `s_pad1` in the original. */
  readonly reserved2: number;
  /** Called `s_max_size` in the original. */
  readonly maxFileSize: number;
  /** Called `s_zones` in the original. */
  readonly numZones: number;
  /** Called `s_magic` in the original. */
  readonly magic: number;
  /** Called `s_pad2` in the original. */
  readonly reserved3: number;
  /** Called `s_blocksize` in the original. */
  readonly lenBlock: number;
  /** Called `s_disk_version` in the original. */
  readonly diskVersion: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numInodes = io.readU4('Minix3.numInodes');
    if (this.numInodes < 1) {
      throw new ValidationLessThanError(1, this.numInodes, io, 'Minix3.numInodes');
    }
    this.reserved1 = io.readU2('Minix3.reserved1');
    this.numImapBlocks = io.readU2('Minix3.numImapBlocks');
    if (this.numImapBlocks < 1) {
      throw new ValidationLessThanError(1, this.numImapBlocks, io, 'Minix3.numImapBlocks');
    }
    this.numZmapBlocks = io.readU2('Minix3.numZmapBlocks');
    if (this.numZmapBlocks < 1) {
      throw new ValidationLessThanError(1, this.numZmapBlocks, io, 'Minix3.numZmapBlocks');
    }
    this.firstDataZone = io.readU2('Minix3.firstDataZone');
    if (this.firstDataZone < 4) {
      throw new ValidationLessThanError(4, this.firstDataZone, io, 'Minix3.firstDataZone');
    }
    this.logZoneSize = io.readU2('Minix3.logZoneSize');
    if (this.logZoneSize > 10) {
      throw new ValidationGreaterThanError(10, this.logZoneSize, io, 'Minix3.logZoneSize');
    }
    this.reserved2 = io.readU2('Minix3.reserved2');
    this.maxFileSize = io.readU4('Minix3.maxFileSize');
    this.numZones = io.readU4('Minix3.numZones');
    this.magic = io.readU2('Minix3.magic');
    if (this.magic !== 19802) {
      throw new ValidationNotEqualError(19802, this.magic, io, 'Minix3.magic');
    }
    this.reserved3 = io.readU2('Minix3.reserved3');
    this.lenBlock = io.readU2('Minix3.lenBlock');
    if (!(this.lenBlock === 1024 || this.lenBlock === 2048 || this.lenBlock === 4096 || this.lenBlock === 8192 || this.lenBlock === 16384 || this.lenBlock === 32768)) {
      throw new ValidationNotAnyOfError(this.lenBlock, io, 'Minix3.lenBlock');
    }
    this.diskVersion = io.readU1('Minix3.diskVersion');
  }

  #numDataZones: bigint | undefined;
  get numDataZones(): bigint {
    return (this.#numDataZones ??= big(this.numZones) - big(this.firstDataZone));
  }

  #numBitsPerBlock: bigint | undefined;
  get numBitsPerBlock(): bigint {
    return (this.#numBitsPerBlock ??= big(this.lenBlock) * 8n);
  }

  #numImapBits: bigint | undefined;
  /** One bit for each inode and for the number 0, in whole blocks. */
  get numImapBits(): bigint {
    return (this.#numImapBits ??= div(big(this.numInodes) + this.numBitsPerBlock, this.numBitsPerBlock, 'Minix3.numImapBits') * this.numBitsPerBlock);
  }

  #numZmapBits: bigint | undefined;
  /** One bit for each data zone and for the number 0, in whole blocks. */
  get numZmapBits(): bigint {
    return (this.#numZmapBits ??= div(this.numDataZones + this.numBitsPerBlock, this.numBitsPerBlock, 'Minix3.numZmapBits') * this.numBitsPerBlock);
  }

  /** Whether the bitmaps have a bit for each inode and zone. */
  get hasRoom(): boolean {
    return big(this.numInodes) <= big(this.numImapBlocks) * this.numBitsPerBlock && this.numZmapBits <= big(this.numZmapBlocks) * this.numBitsPerBlock;
  }

  #ofsRootInode: bigint | undefined;
  /** The first inode, behind the bitmaps. */
  get ofsRootInode(): bigint {
    return (this.#ofsRootInode ??= (2n + big(this.numImapBlocks) + big(this.numZmapBlocks)) * big(this.lenBlock));
  }
}
