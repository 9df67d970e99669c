// Grain directory and grain tables of 32-bit sectors, which hosted extents and those of ESX Server have.
// References: VMware, Virtual Disk Format 5.0, "Grain Directories and Grain Tables".
import { vmdkEntryRecords } from '../../../generated/container/vmdk.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { equals, int } from '../../validation/guest.js';
import type { Grain, SparseExtent } from './grains.js';

export const ENTRY_BYTES = 4;
/** The value of an entry for a grain of zeros, if the extent has such grains. */
const ZERO_GRAIN = 1;
const MAX_SECTOR = 2 ** 32 - 1;

interface Tables {
  readonly file: ByteSource;
  /** Begins the messages. */
  readonly label: string;
  readonly directoryOffset: number;
  readonly hasZeroGrains: boolean;
}

export function tablesOf(options: Tables): Pick<SparseExtent, 'tables' | 'grains'> {
  const { file, label, directoryOffset, hasZeroGrains } = options;
  return {
    async tables(first, count) {
      const start = directoryOffset + first * ENTRY_BYTES;
      const entries = vmdkEntryRecords(await file.read(start, count * ENTRY_BYTES));
      return Array.from({ length: count }, (_, i) => {
        const { sector } = entries.at(i);
        if (equals(sector, 0)) return null;
        const what = `${label}: grain table ${first + i}`;
        return int(sector, `${what}: sector`, 1, MAX_SECTOR) * SECTOR_BYTES;
      });
    },
    async grains(table, first, count) {
      const start = table + first * ENTRY_BYTES;
      const entries = vmdkEntryRecords(await file.read(start, count * ENTRY_BYTES));
      return Array.from({ length: count }, (_, i): Grain => {
        const { sector } = entries.at(i);
        if (equals(sector, 0)) return 'none';
        if (hasZeroGrains && equals(sector, ZERO_GRAIN)) return 'zero';
        return int(sector, `${label}: sector of a grain`, 1, MAX_SECTOR) * SECTOR_BYTES;
      });
    },
  };
}
