// The slices of Solaris in a partition of an MBR. Its type may be that of Linux swap.
// References: Linux block/partitions/msdos.c (parse_solaris_x86).
import { parseSolaris } from '../../generated/volume/solaris.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { equals, u16 } from '../validation/guest.js';
import { hexType, tableOf } from './records.js';
import { vtocRole } from './sun/tag.js';
import type { PartitionTable } from './volume.js';

const FEW_SLICES = 8;

export async function solarisInSlice(source: ByteSource): Promise<PartitionTable | null> {
  if (source.sizeBytes < 2 * SECTOR_BYTES) return null;
  const sector = await source.read(SECTOR_BYTES, SECTOR_BYTES);
  const table = await orNull(() => parseSolaris(sector));
  if (table === null) return null;
  const slices =
    u16(table.numSlices) > FEW_SLICES ? table.slices : table.slices.slice(0, FEW_SLICES);
  const records = slices
    .map(({ tag, firstSector, numSectors }, slice) => ({
      slice,
      tag: u16(tag),
      first: firstSector,
      count: numSectors,
    }))
    .filter(({ count }) => !equals(count, 0))
    .map(({ slice, tag, first, count }, index) => ({
      number: index + 1,
      first,
      count,
      typeCode: hexType(tag),
      role: vtocRole(tag),
      nativeName: (disk: number) => `c0t${disk}d0s${slice}`,
    }));
  return tableOf(source, {
    type: 'solaris',
    unitBytes: SECTOR_BYTES,
    isNumberedOnDisk: true,
    records,
  });
}
