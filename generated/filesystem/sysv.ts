// Generated from formats/filesystem/sysv.ksy by `npm run generate`. Do not edit: change the specification.
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
  shr,
  sumRecords,
  terminate,
  ValidationLessThanError,
  ValidationNotAnyOfError,
} from '../../src/kaitai/index.js';

export type GuestSysv = Guest<Sysv>;

/** `sysv` from its bytes. @throws FormatError when they are none. */
export function parseSysv(bytes: Uint8Array, order: ByteOrder): GuestSysv {
  return guest(new Sysv(new SafeStream(bytes, order)));
}

export type GuestSysvInode = Guest<SysvInodeRecord>;

/** A table of `inode`: 4 bytes each, `strideBytes` apart. */
export function sysvInodeRecords(
  bytes: Uint8Array,
  strideBytes: number = 4,
  order: ByteOrder = 'le',
): Records<GuestSysvInode> {
  return records(new SysvInodeRecord(bytes, order), 4, strideBytes, 'SysvInode');
}

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, order: ByteOrder = 'le'): GuestClaims {
  const it = new Sysv(new SafeStream(bytes, order));
  return guestClaims({
    type: 'sysv',
    blockSize: it.lenBlock,
    blocks: big(it.numZones) - big(it.firstDataZone),
    free: it.isAfs ? 0 : it.numFreeZones,
    inodes: it.numInodes,
    inodesFree: {
      sum: {
        at: 2n * it.lenBlock + 128n,
        count: it.numInodes - 2n,
        size: 64,
        base: 0,
        total: (bytes, strideBytes) =>
          sumRecords(new SysvInodeRecord(bytes, order), 4, strideBytes, 'SysvInode', (record) => record.isFree ? 1 : 0),
      },
    },
    label: it.volumeName,
  });
}

/**
 * The superblock of a System V filesystem, at byte 512. Release 4 aligns 32-bit
 * numbers to 4 bytes and release 2 to 2; the kernel takes it for release 2 when the
 * time, where release 4 has it, is before 1980.
 *
 * Inode 1 holds the bad blocks and inode 2 is the root: the kernel looks for free
 * ones behind these. It counts the free blocks along their chain; their number in
 * the superblock is the same unless the filesystem was not unmounted.
 * @see Linux include/linux/sysv_fs.h: struct sysv4_super_block, struct sysv2_super_block
 * @see Linux fs/sysv/super.c: detect_sysv
 * @see Linux fs/sysv/inode.c: sysv_statfs
 */
class Sysv {
  readonly _io: SafeStream;
  /**
   * The same place in both releases.
   * Called `s_isize` in the original.
   */
  readonly firstDataZone: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.firstDataZone = io.readU2('Sysv.firstDataZone');
    if (this.firstDataZone < 2) {
      throw new ValidationLessThanError(2, this.firstDataZone, io, 'Sysv.firstDataZone');
    }
  }

  #numFreeInList: number | undefined;
  /** Called `s_nfree` in the original. */
  get numFreeInList(): number {
    if (this.#numFreeInList !== undefined) return this.#numFreeInList;
    return (this.#numFreeInList = this._io.at(8, 'Sysv.numFreeInList', (io) => io.readU2('Sysv.numFreeInList')));
  }

  #timeR4: number | undefined;
  /** Called `s_time` in the original. */
  get timeR4(): number {
    if (this.#timeR4 !== undefined) return this.#timeR4;
    return (this.#timeR4 = this._io.at(420, 'Sysv.timeR4', (io) => io.readU4('Sysv.timeR4')));
  }

  #blockType: number | undefined;
  /**
   * Blocks of 512, 1024 or 2048 bytes; the larger values are those of
   * Interactive Unix with long names.
   * Called `s_type` in the original.
   */
  get blockType(): number {
    if (this.#blockType !== undefined) return this.#blockType;
    return (this.#blockType = this._io.at(508, 'Sysv.blockType', (io) => {
      const value = io.readU4('Sysv.blockType');
      if (!(value === 1 || value === 2 || value === 3 || value === 16 || value === 32 || value === 48)) {
        throw new ValidationNotAnyOfError(value, io, 'Sysv.blockType');
      }
      return value;
    }));
  }

  /** SCO's Acer Fast Filesystem, whose free blocks the kernel does not count. */
  get isAfs(): boolean {
    return this.numFreeInList === 65535;
  }

  get isR4(): boolean {
    return this.isAfs || this.timeR4 >= 315532800;
  }

  #lenBlock: bigint | undefined;
  get lenBlock(): bigint {
    return (this.#lenBlock ??= shl(256n, this.blockType >= 16 ? shr(big(this.blockType), 4n, 'Sysv.lenBlock') : big(this.blockType), 'Sysv.lenBlock'));
  }

  #numZonesR4: number | undefined;
  /** Called `s_fsize` in the original. */
  get numZonesR4(): number {
    if (this.#numZonesR4 !== undefined) return this.#numZonesR4;
    return (this.#numZonesR4 = this._io.at(4, 'Sysv.numZonesR4', (io) => io.readU4('Sysv.numZonesR4')));
  }

  #numZonesR2: number | undefined;
  /** Called `s_fsize` in the original. */
  get numZonesR2(): number {
    if (this.#numZonesR2 !== undefined) return this.#numZonesR2;
    return (this.#numZonesR2 = this._io.at(2, 'Sysv.numZonesR2', (io) => io.readU4('Sysv.numZonesR2')));
  }

  #numFreeZonesR4: number | undefined;
  /** Called `s_tfree` in the original. */
  get numFreeZonesR4(): number {
    if (this.#numFreeZonesR4 !== undefined) return this.#numFreeZonesR4;
    return (this.#numFreeZonesR4 = this._io.at(432, 'Sysv.numFreeZonesR4', (io) => io.readU4('Sysv.numFreeZonesR4')));
  }

  #numFreeZonesR2: number | undefined;
  /** Called `s_tfree` in the original. */
  get numFreeZonesR2(): number {
    if (this.#numFreeZonesR2 !== undefined) return this.#numFreeZonesR2;
    return (this.#numFreeZonesR2 = this._io.at(426, 'Sysv.numFreeZonesR2', (io) => io.readU4('Sysv.numFreeZonesR2')));
  }

  #volumeNameR4: string | undefined;
  /** Called `s_fname` in the original. */
  get volumeNameR4(): string {
    if (this.#volumeNameR4 !== undefined) return this.#volumeNameR4;
    return (this.#volumeNameR4 = this._io.at(440, 'Sysv.volumeNameR4', (io) => decode(terminate(io.take(6, 'Sysv.volumeNameR4'), [0], false), 'ASCII')));
  }

  #volumeNameR2: string | undefined;
  /** Called `s_fname` in the original. */
  get volumeNameR2(): string {
    if (this.#volumeNameR2 !== undefined) return this.#volumeNameR2;
    return (this.#volumeNameR2 = this._io.at(432, 'Sysv.volumeNameR2', (io) => decode(terminate(io.take(6, 'Sysv.volumeNameR2'), [0], false), 'ASCII')));
  }

  get numZones(): number {
    return this.isR4 ? this.numZonesR4 : this.numZonesR2;
  }

  get numFreeZones(): number {
    return this.isR4 ? this.numFreeZonesR4 : this.numFreeZonesR2;
  }

  #volumeName: string | undefined;
  get volumeName(): string {
    return (this.#volumeName ??= this.isR4 ? this.volumeNameR4 : this.volumeNameR2);
  }

  #numInodes: bigint | undefined;
  /** The table of inodes lies between block 2 and the first data zone. */
  get numInodes(): bigint {
    return (this.#numInodes ??= div((big(this.firstDataZone) - 2n) * this.lenBlock, 64n, 'Sysv.numInodes'));
  }
}

class SysvInodeRecord extends RecordCursor {
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
