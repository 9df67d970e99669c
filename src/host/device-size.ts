// The size of a block device without an ioctl: sysfs tells it; where there is no sysfs, reads find the end.
// References: Documentation/ABI/stable/sysfs-block (size is in 512-byte sectors), makedev(3).
import { promises } from 'node:fs';
import { SECTOR_BYTES } from '../bytes/sector.js';

/** The most sectors whose size in bytes is exact: 2^53 bytes are 2^44 sectors. */
const MAX_SECTORS = 2 ** 44 - 1;

/** Whether `lengthBytes` bytes can be read at the offset. */
export type CanRead = (offsetBytes: number, lengthBytes: number) => Promise<boolean>;

/** Size in bytes of the device whose number is `rdev`. */
export async function deviceSize(rdev: bigint, canRead: CanRead): Promise<number> {
  return (await sysfsSize(rdev)) ?? (await searchEnd(canRead));
}

/** glibc's makedev: the major number in bits 8-19 and 44-63, the minor in 0-7 and 20-43. */
function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

async function sysfsSize(rdev: bigint): Promise<number | null> {
  try {
    const text = await promises.readFile(`/sys/dev/block/${deviceNumber(rdev)}/size`, 'latin1');
    const sectors = /^\d{1,16}\n?$/u.test(text) ? Number(text) : 0;
    return sectors > 0 && sectors <= MAX_SECTORS ? sectors * SECTOR_BYTES : null;
  } catch {
    return null; // No sysfs here: another operating system, or a container.
  }
}

/** The first sector that cannot be read: about 90 reads. */
export async function searchEnd(canRead: CanRead): Promise<number> {
  const isSector = (lba: number): Promise<boolean> => canRead(lba * SECTOR_BYTES, SECTOR_BYTES);
  let low = 0; // Every sector before this one can be read.
  let high = 1;
  while (high < MAX_SECTORS && (await isSector(high - 1))) {
    low = high;
    high *= 2;
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isSector(middle)) low = middle + 1;
    else high = middle;
  }
  return low * SECTOR_BYTES;
}
