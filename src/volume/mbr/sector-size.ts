// An MBR counts sectors and does not say how large they are: 512 bytes, or 1024, 2048 or 4096 on a disk with such sectors.
import type { ByteSource } from '../../bytes/source.js';
import { type BootEntry, isExtended } from './entry.js';

const SMALL = 512;
const LARGER = [4096, 2048, 1024];
/** What is looked at of a partition for signatures anyway; most filesystems write something into it. */
const PAGE_BYTES = 4096;
/** Every common filesystem, LUKS, RAID and LVM write something into this much of a partition's head. */
const HEAD_BYTES = 72 * 1024;

/**
 * The sector size that fits the disk. Most disks with 512-byte sectors are filled so far that twice the size would not
 * fit. Otherwise it is a larger one only if the partitions hold something there, and the first one holds nothing
 * where it would be with 512: there, the first MiB of such a disk is a gap. Of several the one counts with which most
 * partitions do, and of these the largest.
 */
export async function sectorSize(disk: ByteSource, entries: readonly BootEntry[]): Promise<number> {
  const end = Math.max(...entries.map((entry) => entry.firstSector + entry.sectorCount));
  const fitting = LARGER.filter((size) => end * size <= disk.sizeBytes);
  if (fitting.length === 0) return SMALL;
  const sorted = [...entries].sort((a, b) => a.firstSector - b.firstSector);
  const [first] = sorted;
  if (first === undefined || (await looksUsed(disk, first, SMALL))) return SMALL;
  let best = { size: SMALL, count: await usedCount(disk, sorted, SMALL) };
  for (const size of fitting) {
    const count = await usedCount(disk, sorted, size);
    if (count > best.count) best = { size, count };
  }
  return best.size;
}

async function usedCount(
  disk: ByteSource,
  entries: readonly BootEntry[],
  sectorSizeBytes: number,
): Promise<number> {
  let count = 0;
  for (const entry of entries) if (await looksUsed(disk, entry, sectorSizeBytes)) count++;
  return count;
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
  const page = await disk.read(start, Math.min(length, PAGE_BYTES));
  if (isExtended(entry)) return page[510] === 0x55 && page[511] === 0xaa;
  if (page.some((byte) => byte !== 0)) return true;
  if (length <= PAGE_BYTES) return false;
  const rest = await disk.read(start + PAGE_BYTES, length - PAGE_BYTES);
  return rest.some((byte) => byte !== 0);
}
