// The slices of UnixWare in a partition of an MBR, counted from the disk's first sector.
// References: Linux block/partitions/msdos.c (parse_unixware).
import { parseUnixware } from '../../generated/volume/unixware.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { u16, u32 } from '../validation/guest.js';
import type { Slice } from './mbr/slice.js';
import { hexType, tableOf } from './records.js';
import type { PartitionTable } from './volume.js';

const LABEL_SECTOR = 29;
/** Swap, alternate sectors and tracks. */
const RESERVED: ReadonlySet<number> = new Set([3, 9, 13]);

export async function unixwareInSlice(
  source: ByteSource,
  { startBytes }: Slice,
): Promise<PartitionTable | null> {
  const at = LABEL_SECTOR * SECTOR_BYTES;
  if (source.sizeBytes < at + SECTOR_BYTES) return null;
  const sector = await source.read(at, SECTOR_BYTES);
  const label = await orNull(() => parseUnixware(sector));
  if (label === null) return null;
  const records = label.slices
    .map(({ type, firstSector, numSectors }, slice) => ({
      slice,
      type: u16(type),
      first: u32(firstSector) - startBytes / SECTOR_BYTES,
      count: numSectors,
    }))
    // The first one is all of the disk.
    .filter(({ slice, type }) => slice > 0 && type !== 0)
    .map(({ slice, type, first, count }, index) => ({
      number: index + 1,
      first,
      count,
      typeCode: hexType(type),
      role: RESERVED.has(type) ? ('reserved' as const) : ('data' as const),
      nativeName: (disk: number) => `c0b0t${disk}d0s${slice}`,
    }));
  return tableOf(source, {
    type: 'unixware',
    unitBytes: SECTOR_BYTES,
    isNumberedOnDisk: true,
    records,
  });
}
