// One entry of a boot record, opened.
// References: Linux include/linux/msdos_partition.h.
import type { GuestMbr } from '../../../generated/volume/mbr.js';
import { int } from '../../validation/guest.js';

export interface BootEntry {
  /** 1..4 */
  readonly slot: number;
  readonly type: number;
  /** In logical sectors, from the start of the disk, of the record or of the extended partition. */
  readonly firstSector: number;
  readonly sectorCount: number;
}

const MAX_U4 = 0xffffffff;
const EXTENDED_TYPES = [0x05, 0x0f, 0x85];

/** The four entries of a boot record, the unused ones too. */
export function bootEntries(record: GuestMbr): readonly BootEntry[] {
  return record.partitions.map((partition, index) => ({
    slot: index + 1,
    type: int(partition.type, 'mbr: partition type', 0, 0xff),
    firstSector: int(partition.firstSector, 'mbr: first sector', 0, MAX_U4),
    sectorCount: int(partition.numSectors, 'mbr: number of sectors', 0, MAX_U4),
  }));
}

/** The kernel looks only at the size. */
export function isUsed(entry: BootEntry): boolean {
  return entry.sectorCount !== 0;
}

export function isExtended(entry: BootEntry): boolean {
  return EXTENDED_TYPES.includes(entry.type);
}
