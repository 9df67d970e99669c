// Generated from formats/volume/bsd.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  decode,
  guest,
  type Guest,
  SafeStream,
  terminate,
  ValidationGreaterThanError,
  ValidationLessThanError,
} from '../../src/kaitai/index.js';

export type GuestBsd = Guest<Bsd>;

/** `bsd` from its bytes. @throws FormatError when they are none. */
export function parseBsd(bytes: Uint8Array, order: ByteOrder): GuestBsd {
  return guest(new Bsd(new SafeStream(bytes, order)));
}

export type GuestBsdPartition = Guest<BsdPartition>;

/** `partition` from its bytes. @throws FormatError when they are none. */
export function parseBsdPartition(bytes: Uint8Array, order: ByteOrder): GuestBsdPartition {
  return guest(new BsdPartition(new SafeStream(bytes, order)));
}

/**
 * The label that FreeBSD, OpenBSD, NetBSD and others write into sector 1 of a
 * disk, of a slice of an MBR or of a partition of a GPT; some machines have it
 * in sector 0, in their own byte order. Sectors are counted from the disk's
 * first one, or from the slice's. The partitions, 16 bytes each, follow.
 * @see FreeBSD sys/sys/disk/bsd.h, OpenBSD sys/sys/disklabel.h, NetBSD sys/sys/disklabel.h
 * @see Linux include/linux/msdos_partition.h: struct bsd_disklabel
 */
class Bsd {
  readonly _io: SafeStream;
  /** Called `d_magic` in the original. */
  readonly magic: number;
  /** Called `d_type, d_subtype, d_typename` in the original. */
  readonly drive: Uint8Array;
  /** Called `d_packname` in the original. */
  readonly label: string;
  /** Called `d_secsize` in the original. */
  readonly lenSector: number;
  readonly geometry: Uint8Array;
  /**
   * OpenBSD's name of the disk; others have spare sectors here.
   * Called `d_uid` in the original.
   */
  readonly uid: Uint8Array;
  readonly hardware: Uint8Array;
  /**
   * OpenBSD's; 1 where partitions have starts and sizes of 48 bits.
   * Called `d_version` in the original.
   */
  readonly version: number;
  readonly spare: Uint8Array;
  /** Called `d_magic2` in the original. */
  readonly magic2: number;
  /**
   * All words of the label and of its partitions are zero in exclusive or.
   * Called `d_checksum` in the original.
   */
  readonly checksum: number;
  /** Called `d_npartitions` in the original. */
  readonly numPartitions: number;
  readonly bootAndSuperblock: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.magic = io.readU4('Bsd.magic');
    this.drive = io.take(20, 'Bsd.drive');
    this.label = decode(terminate(io.take(16, 'Bsd.label'), [0], false), 'UTF-8');
    this.lenSector = io.readU4('Bsd.lenSector');
    this.geometry = io.take(20, 'Bsd.geometry');
    this.uid = io.take(8, 'Bsd.uid');
    this.hardware = io.take(42, 'Bsd.hardware');
    this.version = io.readU2('Bsd.version');
    this.spare = io.take(16, 'Bsd.spare');
    this.magic2 = io.readU4('Bsd.magic2');
    this.checksum = io.readU2('Bsd.checksum');
    this.numPartitions = io.readU2('Bsd.numPartitions');
    if (this.numPartitions < 1) {
      throw new ValidationLessThanError(1, this.numPartitions, io, 'Bsd.numPartitions');
    }
    if (this.numPartitions > 52) {
      throw new ValidationGreaterThanError(52, this.numPartitions, io, 'Bsd.numPartitions');
    }
    this.bootAndSuperblock = io.take(8, 'Bsd.bootAndSuperblock');
  }
}

class BsdPartition {
  readonly _io: SafeStream;
  /** Called `p_size` in the original. */
  readonly numSectors: number;
  /** Called `p_offset` in the original. */
  readonly firstSector: number;
  /**
   * Of a version 1 only; the size of a fragment in others.
   * Called `p_offseth` in the original.
   */
  readonly firstSectorHigh: number;
  /** Called `p_sizeh` in the original. */
  readonly numSectorsHigh: number;
  /**
   * 0 in an unused entry.
   * Called `p_fstype` in the original.
   */
  readonly type: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.numSectors = io.readU4('BsdPartition.numSectors');
    this.firstSector = io.readU4('BsdPartition.firstSector');
    this.firstSectorHigh = io.readU2('BsdPartition.firstSectorHigh');
    this.numSectorsHigh = io.readU2('BsdPartition.numSectorsHigh');
    this.type = io.readU1('BsdPartition.type');
  }
}
