// Generated from formats/filesystem/xenix.ksy by `npm run generate`. Do not edit: change the specification.
import {
  big,
  type ByteOrder,
  decode,
  div,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  RecordCursor,
  records,
  type Records,
  SafeStream,
  shl,
  sumRecords,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestXenix = Guest<Xenix>;

/** `xenix` from its bytes. @throws FormatError when they are none. */
export function parseXenix(bytes: Uint8Array, order: ByteOrder): GuestXenix {
  return guest(new Xenix(new SafeStream(bytes, order)));
}

export type GuestXenixInode = Guest<XenixInodeRecord>;

/** A table of `inode`: 4 bytes each, `strideBytes` apart. */
export function xenixInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
  order: ByteOrder = 'le',
): Records<GuestXenixInode> {
  return records(new XenixInodeRecord(bytes, order), 4, strideBytes, 'XenixInode');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Xenix(new SafeStream(bytes, order));
  return guestClaims({
    type: 'xenix',
    blockSize: it.lenBlock,
    blocks: big(it.numZones) - big(it.firstDataZone),
    free: it.numFreeZones,
    inodes: it.numInodes,
    inodesFree: {
      sum: {
        at: 2n * it.lenBlock + 128n,
        count: it.numInodes - 2n,
        size: 64,
        base: 0,
        total: (bytes, strideBytes) =>
          sumRecords(new XenixInodeRecord(bytes, order), 4, strideBytes, 'XenixInode', (record) => record.isFree ? 1 : 0),
      },
    },
    label: it.volumeName,
  });
}

/**
 * The superblock of a Xenix filesystem, at byte 1024.
 *
 * Inode 1 holds the bad blocks and inode 2 is the root: the kernel looks for free
 * ones behind these. It counts the free blocks along their chain; their number in
 * the superblock is the same unless the filesystem was not unmounted.
 * @see Linux include/linux/sysv_fs.h: struct xenix_super_block
 * @see Linux fs/sysv/super.c: detect_xenix
 * @see Linux fs/sysv/inode.c: sysv_statfs
 */
class Xenix {
  readonly _io: SafeStream;
  /** Called `s_isize` in the original. */
  readonly firstDataZone: number;
  /** Called `s_fsize` in the original. */
  readonly numZones: number;
  /** Called `s_nfree, s_free, s_ninode, s_inode` in the original. */
  readonly freeLists: Uint8Array;
  /** Called `s_flock, s_ilock, s_fmod, s_ronly` in the original. */
  readonly locks: Uint8Array;
  /** Called `s_time` in the original. */
  readonly time: number;
  /** Called `s_tfree` in the original. */
  readonly numFreeZones: number;
  /** Called `s_tinode` in the original. */
  readonly numFreeInodes: number;
  /** Called `s_dinfo` in the original. */
  readonly deviceInformation: Uint8Array;
  /** Called `s_fname` in the original. */
  readonly volumeName: string;
  /** Called `s_fpack` in the original. */
  readonly packName: string;
  /** Called `s_clean` in the original. */
  readonly clean: number;
  /** Called `s_fill` in the original. */
  readonly reserved1: Uint8Array;
  /** Called `s_magic` in the original. */
  readonly magic: number;
  /**
   * Blocks of 512 or 1024 bytes.
   * Called `s_type` in the original.
   */
  readonly blockType: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstDataZone = io.readU2('Xenix.firstDataZone');
    if (this.firstDataZone < 2) {
      throw new ValidationLessThanError(2, this.firstDataZone, io, 'Xenix.firstDataZone');
    }
    this.numZones = io.readU4('Xenix.numZones');
    this.freeLists = io.take(604, 'Xenix.freeLists');
    this.locks = io.take(4, 'Xenix.locks');
    this.time = io.readU4('Xenix.time');
    this.numFreeZones = io.readU4('Xenix.numFreeZones');
    this.numFreeInodes = io.readU2('Xenix.numFreeInodes');
    this.deviceInformation = io.take(8, 'Xenix.deviceInformation');
    this.volumeName = decode(terminate(io.take(6, 'Xenix.volumeName'), [0], false), 'ASCII');
    this.packName = decode(terminate(io.take(6, 'Xenix.packName'), [0], false), 'ASCII');
    this.clean = io.readU1('Xenix.clean');
    this.reserved1 = io.take(371, 'Xenix.reserved1');
    this.magic = io.readU4('Xenix.magic');
    if (this.magic !== 2839876) {
      throw new ValidationNotEqualError(2839876, this.magic, io, 'Xenix.magic');
    }
    this.blockType = io.readU4('Xenix.blockType');
    if (this.blockType < 1) {
      throw new ValidationLessThanError(1, this.blockType, io, 'Xenix.blockType');
    }
    if (this.blockType > 2) {
      throw new ValidationGreaterThanError(2, this.blockType, io, 'Xenix.blockType');
    }
  }

  #lenBlock: bigint | undefined;
  get lenBlock(): bigint {
    return (this.#lenBlock ??= shl(256n, big(this.blockType), 'Xenix.lenBlock'));
  }

  #numInodes: bigint | undefined;
  /** The table of inodes lies between block 2 and the first data zone. */
  get numInodes(): bigint {
    return (this.#numInodes ??= div((big(this.firstDataZone) - 2n) * this.lenBlock, 64n, 'Xenix.numInodes'));
  }
}

class XenixInodeRecord extends RecordCursor {
  /** Called `i_mode` in the original. */
  get mode(): number {
    return this._view.getUint16(this._offset, this._isLittle);
  }

  /** Called `i_nlink` in the original. */
  get numLinks(): number {
    return this._view.getUint16(this._offset + 2, this._isLittle);
  }

  get isFree(): boolean {
    return this.mode === 0 && this.numLinks === 0;
  }
}
