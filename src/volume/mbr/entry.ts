// The four entries of a boot record, each number of them checked.
// References: Linux include/linux/msdos_partition.h.
import type { GuestMbr } from '../../../generated/volume/mbr.js';
import { u8, u32 } from '../../validation/guest.js';

export interface BootEntry {
  /** 1..4 */
  readonly slot: number;
  readonly type: number;
  /** In logical sectors, from the start of the disk, of the record or of the extended partition. */
  readonly firstSector: number;
  readonly sectorCount: number;
}

const EXTENDED_TYPES = [0x05, 0x0f, 0x85];

/** The four entries of a boot record, the unused ones too. */
export function bootEntries(record: GuestMbr): readonly BootEntry[] {
  return record.partitions.map((partition, index) => ({
    slot: index + 1,
    type: u8(partition.type),
    firstSector: u32(partition.firstSector),
    sectorCount: u32(partition.numSectors),
  }));
}

/** Whether the entry is in use: as the kernel, this looks only at the size. */
export function isUsed(entry: BootEntry): boolean {
  return entry.sectorCount !== 0;
}

export function isExtended(entry: BootEntry): boolean {
  return EXTENDED_TYPES.includes(entry.type);
}
