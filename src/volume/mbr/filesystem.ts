// Whether a sector that ends with 55 aa is a filesystem's boot sector rather than a partition table.
// References: Linux include/uapi/linux/msdos_fs.h (fat_valid_media), fs/fat/inode.c (fat_read_bpb).
import { parseMbrFilesystemBootSector } from '../../../generated/volume/mbr.js';
import { equals } from '../../validation/guest.js';

const SYSTEM_IDS = ['NTFS    ', 'EXFAT   ', '-FVE-FS-'];
const SECTOR_SIZES = [512, 1024, 2048, 4096];
const CLUSTER_SECTORS = [1, 2, 4, 8, 16, 32, 64, 128];
const MEDIA = [0xf0, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];

/** @param bytes the first 512 bytes. */
export function isFilesystemBootSector(bytes: Uint8Array): boolean {
  const sector = parseMbrFilesystemBootSector(bytes);
  const systemId = Buffer.from(sector.systemId).toString('latin1');
  if (SYSTEM_IDS.includes(systemId)) return true;
  const [first] = sector.jump;
  return (
    (first === 0xeb || first === 0xe9) &&
    SECTOR_SIZES.some((size) => equals(sector.lenSector, size)) &&
    CLUSTER_SECTORS.some((count) => equals(sector.numClusterSectors, count)) &&
    !equals(sector.numReservedSectors, 0) &&
    !equals(sector.numFats, 0) &&
    MEDIA.some((media) => equals(sector.media, media))
  );
}
