// The subpartitions of a Minix partition: its first sector is a boot record again, that counts from the disk's first sector.
// References: Linux block/partitions/msdos.c (parse_minix).
import { parseMbr } from '../../../generated/volume/mbr.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { hexType, tableOf } from '../records.js';
import type { PartitionTable } from '../volume.js';
import { bootEntries } from './entry.js';
import type { Slice } from './slice.js';

const MINIX = 0x81;

export async function minixInSlice(
  source: ByteSource,
  { startBytes, number: slice }: Slice,
): Promise<PartitionTable | null> {
  if (source.sizeBytes < SECTOR_BYTES) return null;
  const sector = await source.read(0, SECTOR_BYTES);
  const record = await orNull(() => parseMbr(sector));
  if (record === null) return null;
  const entries = bootEntries(record);
  // Otherwise it is a boot sector, and the partition a filesystem.
  if (entries[0]?.type !== MINIX) return null;
  const records = entries
    .filter(({ type, sectorCount }) => type === MINIX && sectorCount > 0)
    .map(({ type, firstSector, sectorCount, slot }, index) => ({
      number: index + 1,
      first: firstSector - startBytes / SECTOR_BYTES,
      count: sectorCount,
      typeCode: hexType(type),
      nativeName: (disk: number) => `c0d${disk}p${slice - 1}s${slot - 1}`,
    }));
  return tableOf(source, {
    type: 'minix',
    unitBytes: SECTOR_BYTES,
    isNumberedOnDisk: true,
    records,
  });
}
