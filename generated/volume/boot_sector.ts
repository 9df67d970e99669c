// Generated from formats/volume/boot_sector.ksy by `npm run generate`. Do not edit: change the specification.
import {
  type ByteOrder,
  defineFormat,
  guest,
  type Guest,
  guestClaims,
  type GuestClaims,
  SafeStream,
  type Spec,
} from '../../src/kaitai/index.js';

/** What is known of the format without reading one. */
export const spec: Spec = defineFormat({
  name: 'boot_sector',
  title: 'Boot sector of a FAT, NTFS or exFAT filesystem',
  layer: 'volume',
  kind: 'other',
  understood: 'detected',
  license: 'CC0-1.0',
  probes: [],
  window: { offsetBytes: 0, sizeBytes: 512 },
});

export type GuestBootSector = Guest<BootSector>;

export function parseBootSector(bytes: Uint8Array): GuestBootSector {
  return guest(new BootSector(new SafeStream(bytes)));
}

/** What the format says of itself; nothing of it is to be believed. */
export function read(bytes: Uint8Array, _order?: ByteOrder): GuestClaims {
  new BootSector(new SafeStream(bytes));
  return guestClaims({
    type: 'boot-sector',
  });
}

/**
 * What tells the first sector of a filesystem from a partition table: both end
 * with the same two bytes. Only the fields that decide are described here.
 * @see Linux fs/fat/inode.c: fat_read_bpb, include/uapi/linux/msdos_fs.h
 * @see Linux block/partitions/msdos.c: msdos_partition
 */
class BootSector {
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
    this.jump = io.take(3, 'BootSector.jump');
    this.systemId = io.take(8, 'BootSector.systemId');
    this.lenSector = io.readU2le('BootSector.lenSector');
    this.numClusterSectors = io.readU1('BootSector.numClusterSectors');
    this.numReservedSectors = io.readU2le('BootSector.numReservedSectors');
    this.numFats = io.readU1('BootSector.numFats');
    this.numRootEntries = io.readU2le('BootSector.numRootEntries');
    this.numSectors16 = io.readU2le('BootSector.numSectors16');
    this.media = io.readU1('BootSector.media');
  }
}
