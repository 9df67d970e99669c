// Where the parts of a FAT volume lie, and which of the three kinds it is.
// References: Linux 6.1 fs/fat/inode.c: fat_read_bpb, fat_fill_super, calc_fat_clusters; include/uapi/linux/msdos_fs.h:
// fat_valid_media; util-linux libblkid/src/superblocks/vfat.c: fat_valid_superblock.
import { type GuestFat, parseFat } from '../../../generated/filesystem/fat.js';
import { FormatError } from '../../errors.js';
import { equals, int, powerOfTwo, u16, u32 } from '../../validation/guest.js';
import { FIRST_CLUSTER } from './chain.js';

const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const SECTOR_BYTES = [512, 1024, 2048, 4096];
const CLUSTER_SECTORS = [1, 2, 4, 8, 16, 32, 64, 128];
const MEDIA = [0xf0, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
/** NTFS, exFAT and BitLocker have boot sectors of the same shape. */
const FOREIGN_SYSTEMS = ['NTFS    ', 'EXFAT   ', '-FVE-FS-'];
/** OS/2 writes a boot sector like FAT's before these. */
const FOREIGN_TYPES = ['JFS     ', 'HPFS    '];
const BYTES_PER_ENTRY = 32;

/** More than these are FAT16; the kernel's own numbers, which are not all those of the specification. */
const MAX_CLUSTERS_12 = 0xff4;
const MAX_CLUSTERS_16 = 0xfff4;
const MAX_CLUSTERS_32 = 0x0ffffff6;

export interface Geometry {
  /** 12, 16 or 32: the bits of an entry of the FAT. */
  readonly entryBits: 12 | 16 | 32;
  readonly clusterBytes: number;
  readonly clusterCount: number;
  /** Of the volume, as it says. */
  readonly endBytes: number;
  readonly sectorBytes: number;
  /** Of the first FAT, which is the one that the kernel reads. */
  readonly fatOffsetBytes: number;
  /** Of one FAT; all lie one behind the other. */
  readonly fatBytes: number;
  readonly fatCount: number;
  /** Sectors of FAT32 before the first FAT; null on the others. */
  readonly infoSector: number | null;
  readonly backupSector: number | null;
  /** Where cluster 2 begins. */
  readonly dataOffsetBytes: number;
  readonly root: RootDirectory;
}

/** A stretch before the clusters, or on FAT32 a chain of clusters. */
type RootDirectory =
  | { readonly offsetBytes: number; readonly sizeBytes: number }
  | { readonly firstCluster: number };

/** Whether the kernel would take these 512 bytes for FAT's boot sector. */
export function isFat(bytes: Uint8Array): boolean {
  const boot = parseFat(bytes);
  const fatSectors = boot.fat32?.numFatSectors ?? boot.numFatSectors16;
  return (
    isOneOf(boot.lenSector, SECTOR_BYTES) &&
    isOneOf(boot.numClusterSectors, CLUSTER_SECTORS) &&
    isOneOf(boot.media, MEDIA) &&
    !equals(boot.numReservedSectors, 0) &&
    !equals(boot.numFats, 0) &&
    !equals(fatSectors, 0) &&
    !FOREIGN_SYSTEMS.some((name) => equals(boot.systemId, name)) &&
    !FOREIGN_TYPES.some((name) => equals(boot.identity.typeName, name))
  );
}

function isOneOf(value: GuestFat['media'], allowed: readonly number[]): boolean {
  return allowed.some((one) => equals(value, one));
}

/** The volume may be smaller: Linux does not look. @throws FormatError INVALID for parts that do not fit together. */
export function readGeometry(boot: GuestFat): Geometry {
  const sectorBytes = powerOfTwo(boot.lenSector, 'fat: bytes of a sector', 512, 4096);
  const clusterSectors = powerOfTwo(boot.numClusterSectors, 'fat: sectors of a cluster', 1, 128);
  const reserved = int(boot.numReservedSectors, 'fat: reserved sectors', 1, U16_MAX);
  const fatCount = int(boot.numFats, 'fat: FATs', 1, 0xff);
  const rootEntries = u16(boot.numRootEntries);
  const fatSectors = readFatSectors(boot);
  const rootSectors = (rootEntries * BYTES_PER_ENTRY) / sectorBytes;
  if (!Number.isInteger(rootSectors)) {
    const words = `${rootEntries} entries of the root directory do not fill sectors of ${sectorBytes} bytes`;
    throw new FormatError('INVALID', `fat: ${words}`);
  }
  const sectorCount = readSectorCount(boot);
  const rootStart = reserved + fatCount * fatSectors;
  const dataStart = rootStart + rootSectors;
  const clusters = Math.floor((sectorCount - dataStart) / clusterSectors);
  if (clusters < 1) {
    const words = `the data begins at sector ${dataStart}, and there are ${sectorCount}`;
    throw new FormatError('INVALID', `fat: ${words}`);
  }
  const entryBits = boot.fat32 ? 32 : clusters > MAX_CLUSTERS_12 ? 16 : 12;
  return {
    entryBits,
    clusterBytes: clusterSectors * sectorBytes,
    clusterCount: checkedClusters(clusters, entryBits, fatSectors * sectorBytes),
    endBytes: sectorCount * sectorBytes,
    sectorBytes,
    fatOffsetBytes: reserved * sectorBytes,
    fatBytes: fatSectors * sectorBytes,
    fatCount,
    infoSector: boot.fat32 ? u16(boot.fat32.infoSector) : null,
    backupSector: boot.fat32 ? u16(boot.fat32.backupSector) : null,
    dataOffsetBytes: dataStart * sectorBytes,
    root: boot.fat32
      ? { firstCluster: u32(boot.fat32.rootCluster) }
      : { offsetBytes: rootStart * sectorBytes, sizeBytes: rootSectors * sectorBytes },
  };
}

function readFatSectors({ fat32, numFatSectors16 }: GuestFat): number {
  if (fat32 === undefined) return int(numFatSectors16, 'fat: sectors of a FAT', 1, U16_MAX);
  return int(fat32.numFatSectors, 'fat: sectors of a FAT', 1, U32_MAX);
}

function readSectorCount(boot: GuestFat): number {
  const short = u16(boot.numSectors16);
  return short > 0 ? short : u32(boot.numSectors32);
}

/** The clusters that the FAT has entries for: one that is too short leaves some unused. */
function checkedClusters(clusters: number, entryBits: 12 | 16 | 32, fatBytes: number): number {
  const entries = Math.floor((fatBytes * 8) / entryBits);
  const count = Math.min(clusters, entries - FIRST_CLUSTER);
  const most = { 12: MAX_CLUSTERS_12, 16: MAX_CLUSTERS_16, 32: MAX_CLUSTERS_32 }[entryBits];
  if (count <= most) return count;
  const words = `${count} clusters are more than the ${most} of FAT${entryBits}`;
  throw new FormatError('INVALID', `fat: ${words}`);
}
