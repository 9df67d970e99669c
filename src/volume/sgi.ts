// The volume header of IRIX.
// References: Linux block/partitions/sgi.c (sgi_partition); util-linux include/pt-sgi.h (types).
import { parseSgi } from '../../generated/volume/sgi.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { sumOfWords } from '../bytes/word-sums.js';
import type { GuestInteger } from '../kaitai/untrusted.js';
import { equals } from '../validation/guest.js';
import { hexType, recordTable } from './records.js';
import type { Partition } from './volume.js';

/** All of the disk. */
const VOLUME = 6;
/** The header itself with its programs, replaced tracks and sectors. */
const RESERVED = [0, 1, 2];
/** By their numbers, what they are called instead of `s8` and `s10`. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [8, 'vh'],
  [10, 'vol'],
]);

export const sgi = recordTable('sgi', async (disk) => {
  const bytes = await disk.read(0, SECTOR_BYTES);
  const header = parseSgi(bytes);
  if (sumOfWords(bytes) !== 0) return null;
  const records = header.partitions.flatMap(({ numSectors, firstSector, type }, index) => {
    if (equals(numSectors, 0)) return [];
    return {
      number: index + 1,
      first: firstSector,
      count: numSectors,
      typeCode: hexType(type),
      role: roleOf(type),
      nativeName: (disk: number) => `dks0d${disk + 1}${NAMES.get(index) ?? `s${index}`}`,
    };
  });
  return { type: 'sgi', unitBytes: SECTOR_BYTES, records };
});

function roleOf(type: GuestInteger): Partition['role'] {
  if (equals(type, VOLUME)) return 'whole';
  return RESERVED.some((code) => equals(type, code)) ? 'reserved' : 'data';
}
