// FAT12, FAT16 and FAT32: the numbers that the kernel's statfs gives, counted without mounting.
// References: Linux 6.1 fs/fat/inode.c: fat_fill_super, fat_statfs, fat_count_free_clusters; util-linux
// libblkid/src/superblocks/vfat.c. FAT has no log, and the kernel counts the free clusters of the FAT itself at every
// mount. It does not believe FSINFO's count, and a volume that is in use has the numbers of its FAT.
import { type GuestFat, parseFat } from '../../generated/filesystem/fat.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { equals, NO_LABEL, u32 } from '../validation/guest.js';
import { countFreeClusters } from './fat/free-clusters.js';
import { type Geometry, isFat, readGeometry } from './fat/geometry.js';
import { readLabel } from './fat/label.js';
import { rootDoubts } from './fat/root.js';
import { usageThoughCut } from './fault.js';
import type { Filesystem, FilesystemFormat, Usage } from './filesystem.js';

const BOOT_SECTOR_BYTES = 512;
const HAS_SERIAL = [0x28, 0x29];

export const fat: FilesystemFormat = { name: 'fat', probe, open };

async function probe(source: ByteSource): Promise<boolean> {
  if (source.sizeBytes < BOOT_SECTOR_BYTES) return false;
  return isFat(await source.read(0, BOOT_SECTOR_BYTES));
}

async function open(source: ByteSource): Promise<Filesystem> {
  const boot = parseFat(await source.read(0, BOOT_SECTOR_BYTES));
  const geometry = readGeometry(boot);
  return {
    kind: 'filesystem',
    type: 'vfat',
    ...((await orNull(() => readLabel(source, geometry))) ?? NO_LABEL),
    uuid: serialText(boot),
    version: `FAT${geometry.entryBits}`,
    endBytes: geometry.endBytes,
    ownsFromBytes: geometry.fatOffsetBytes,
    usage: () =>
      usageThoughCut('fat', geometry.endBytes, source.sizeBytes, () => usage(source, geometry)),
    async files(walk) {
      const { fatFiles } = await import('./fat/files.js');
      return fatFiles(source, geometry, walk);
    },
  };
}

async function usage(source: ByteSource, geometry: Geometry): Promise<Usage> {
  const freeBlockCount = await countFreeClusters(source, geometry);
  return {
    blockSizeBytes: geometry.clusterBytes,
    blockCount: geometry.clusterCount,
    freeBlockCount,
    availableBlockCount: freeBlockCount,
    fileCount: null,
    freeFileCount: null,
    basis: 'metadata',
    isStale: false,
    doubts: await rootDoubts(source, geometry),
  };
}

/** The serial number as blkid writes it; it has no other identity. */
function serialText({ fat32, identity }: GuestFat): string | null {
  const isThere = fat32 !== undefined || HAS_SERIAL.some((one) => equals(identity.signature, one));
  const serial = u32(identity.serial);
  if (!isThere || serial === 0) return null;
  const digits = serial.toString(16).toUpperCase().padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}
