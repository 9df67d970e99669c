// Generated from formats/volume/mbr.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  compareBytes,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  ValidationNotEqualError,
} from '../../src/kaitai/index.js';

export type GuestMbr = Guest<Mbr>;

/** `mbr` from its bytes. @throws FormatError when they are none. */
export function parseMbr(bytes: Uint8Array): GuestMbr {
  return guest(new Mbr(new SafeStream(bytes)));
}

export type GuestMbrFilesystemBootSector = Guest<MbrFilesystemBootSector>;

/** `filesystem_boot_sector` from its bytes. @throws FormatError when they are none. */
export function parseMbrFilesystemBootSector(bytes: Uint8Array): GuestMbrFilesystemBootSector {
  return guest(new MbrFilesystemBootSector(new SafeStream(bytes)));
}

/** Where the fields of `partition` lie in it. */
export const MbrPartitionFields = {
  bootIndicator: { at: 0, type: 'u1' },
  firstChs: { at: 1, sizeBytes: 3 },
  type: { at: 4, type: 'u1' },
  lastChs: { at: 5, sizeBytes: 3 },
  firstSector: { at: 8, type: 'u4le' },
  numSectors: { at: 12, type: 'u4le' },
} as const;

/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new Mbr(new SafeStream(bytes));
  return guestClaims({
    type: 'mbr',
  });
}

/**
 * The first sector of a disk with up to four partitions. A partition of an
 * extended type is the frame of a chain of further sectors of the same layout:
 * each of them describes one logical partition, with a start relative to the
 * sector that describes it, and the next sector of the chain, with a start
 * relative to the extended partition.
 *
 * Numbers count logical sectors, whose size is not written down.
 * @see Linux include/linux/msdos_partition.h, block/partitions/msdos.c
 * @see UEFI specification 2.10, 5.2 LBA 0 format
 */
class Mbr {
  readonly _io: SafeStream;
  readonly bootCode: Uint8Array;
  /** Called `UniqueMBRDiskSignature` in the original. */
  readonly diskSignature: number;
  /** Called `Unknown` in the original. */
  readonly reserved1: number;
  /** Called `PartitionRecord` in the original. */
  readonly partitions: MbrPartition[];
  /** Called `Signature` in the original. */
  readonly magic: Uint8Array;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootCode = io.take(440, 'Mbr.bootCode');
    this.diskSignature = io.readU4le('Mbr.diskSignature');
    this.reserved1 = io.readU2le('Mbr.reserved1');
    this.partitions = [];
    for (let i = 0, n = io.count(4, 16, 'Mbr.partitions'); i < n; i++) {
      this.partitions.push(new MbrPartition(io));
    }
    this.magic = io.take(2, 'Mbr.magic');
    if (compareBytes(this.magic, Uint8Array.of(85, 170)) !== 0) {
      throw new ValidationNotEqualError(Uint8Array.of(85, 170), this.magic, io, 'Mbr.magic', 'BAD_MAGIC');
    }
  }
}

class MbrPartition {
  readonly _io: SafeStream;
  /**
   * 0x80 for the active partition, else 0; any other value is no table.
   * Called `boot_ind` in the original.
   */
  readonly bootIndicator: number;
  readonly firstChs: Uint8Array;
  /** Called `sys_ind` in the original. */
  readonly type: number;
  readonly lastChs: Uint8Array;
  /** Called `start_sect` in the original. */
  readonly firstSector: number;
  /**
   * 0 in an unused entry.
   * Called `nr_sects` in the original.
   */
  readonly numSectors: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.bootIndicator = io.readU1('MbrPartition.bootIndicator');
    this.firstChs = io.take(3, 'MbrPartition.firstChs');
    this.type = io.readU1('MbrPartition.type');
    this.lastChs = io.take(3, 'MbrPartition.lastChs');
    this.firstSector = io.readU4le('MbrPartition.firstSector');
    this.numSectors = io.readU4le('MbrPartition.numSectors');
  }
}

/**
 * The first sector of a FAT, NTFS or exFAT filesystem ends with the same two
 * bytes as a partition table. These fields tell which of both it is.
 * @see Linux include/uapi/linux/msdos_fs.h: fat_boot_sector
 * @see Linux fs/fat/inode.c: fat_read_bpb
 */
class MbrFilesystemBootSector {
  readonly _io: SafeStream;
  /** Called `ignored` in the original. */
  readonly jump: Uint8Array;
  /** OEM name; NTFS and exFAT write their own name here. */
  readonly systemId: Uint8Array;
  /** Called `sector_size` in the original. */
  readonly lenSector: number;
  /** Called `sec_per_clus` in the original. */
  readonly numClusterSectors: number;
  /** Called `reserved` in the original. */
  readonly numReservedSectors: number;
  /** Called `fats` in the original. */
  readonly numFats: number;
  /** Called `dir_entries` in the original. */
  readonly numRootEntries: number;
  /** Called `sectors` in the original. */
  readonly numSectors16: number;
  readonly media: number;

  constructor(io: SafeStream) {
    this._io = io;
    this.jump = io.take(3, 'MbrFilesystemBootSector.jump');
    this.systemId = io.take(8, 'MbrFilesystemBootSector.systemId');
    this.lenSector = io.readU2le('MbrFilesystemBootSector.lenSector');
    this.numClusterSectors = io.readU1('MbrFilesystemBootSector.numClusterSectors');
    this.numReservedSectors = io.readU2le('MbrFilesystemBootSector.numReservedSectors');
    this.numFats = io.readU1('MbrFilesystemBootSector.numFats');
    this.numRootEntries = io.readU2le('MbrFilesystemBootSector.numRootEntries');
    this.numSectors16 = io.readU2le('MbrFilesystemBootSector.numSectors16');
    this.media = io.readU1('MbrFilesystemBootSector.media');
  }
}
