// An MBR counts sectors and does not say how large they are: 512 bytes, or 4096 on a disk with such sectors.
import type { ByteSource } from '../../bytes/source.js';
import { type BootEntry, isExtended } from './entry.js';

const SMALL = 512;
const LARGE = 4096;
/** Every common filesystem, LUKS, RAID and LVM write something into this much of a partition's head. */
const HEAD_BYTES = 72 * 1024;

/**
 * The sector size that fits the disk. Most disks with 512-byte sectors are filled so far that eight times the size
 * would not fit. Otherwise it is 4096 only if the partitions hold something there, and the first one holds nothing
 * where it would be with 512: there, the first MiB of such a disk is a gap.
 */
export async function sectorSize(disk: ByteSource, entries: readonly BootEntry[]): Promise<number> {
  const ends = entries.map((entry) => entry.firstSector + entry.sectorCount);
  if (Math.max(...ends) * LARGE > disk.sizeBytes) return SMALL;
  const sorted = [...entries].sort((a, b) => a.firstSector - b.firstSector);
  const [first] = sorted;
  if (first === undefined || (await looksUsed(disk, first, SMALL))) return SMALL;
  let score = 0;
  for (const entry of sorted) {
    if (await looksUsed(disk, entry, LARGE)) score++;
    if (await looksUsed(disk, entry, SMALL)) score--;
  }
  return score > 0 ? LARGE : SMALL;
}

/** Whether the partition would begin with a boot record, if it is an extended one, or with any data at all. */
async function looksUsed(
  disk: ByteSource,
  entry: BootEntry,
  sectorSizeBytes: number,
): Promise<boolean> {
  const start = entry.firstSector * sectorSizeBytes;
  const length = Math.min(
    isExtended(entry) ? SMALL : HEAD_BYTES,
    entry.sectorCount * sectorSizeBytes,
    disk.sizeBytes - start,
  );
  if (length < SMALL) return false;
  const head = await disk.read(start, length);
  if (isExtended(entry)) return head[510] === 0x55 && head[511] === 0xaa;
  return head.some((byte) => byte !== 0);
}
