// The disklabel of SPARC machines: SunOS, Solaris, and Linux and the BSDs there.
// References: Linux block/partitions/sun.c (sun_partition).
import { parseSun } from '../../generated/volume/sun.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { xorOfWords } from '../bytes/word-sums.js';
import { equals, u16, u32 } from '../validation/guest.js';
import { hexType, recordTable } from './records.js';
import { vtocRole } from './sun/tag.js';

const SANITY = 0x600ddeee;
const MAX_SLICES = 8;
/** By convention all of the disk, where nothing says what slices are for. */
const THIRD = 2;
const SLICE_COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, MAX_SLICES];

export const sun = recordTable('sun', async (disk) => {
  const bytes = await disk.read(0, SECTOR_BYTES);
  const label = parseSun(bytes);
  if (xorOfWords(bytes) !== 0) return null;
  const { sanity, version, numSlices, tags, slices } = label;
  const said = SLICE_COUNTS.find((number) => equals(numSlices, number));
  const isVtoc = equals(sanity, SANITY) && equals(version, 1) && said !== undefined;
  const isOld = equals(sanity, 0) && equals(version, 0) && equals(numSlices, 0);
  const count = isVtoc ? said : MAX_SLICES;
  const cylinderSectors = u16(label.numTracks) * u16(label.numTrackSectors);
  const records = slices.slice(0, count).flatMap(({ firstCylinder, numSectors }, slice) => {
    if (equals(numSectors, 0)) return [];
    const tag = isVtoc || isOld ? u16(tags[slice]?.tag ?? sanity) : 0;
    const isThird = !isVtoc && tag === 0 && slice === THIRD && equals(firstCylinder, 0);
    return {
      number: slice + 1,
      first: u32(firstCylinder) * cylinderSectors,
      count: numSectors,
      typeCode: hexType(tag),
      role: isThird ? ('whole' as const) : vtocRole(tag),
      nativeName: (index: number) => `c0t${index}d0s${slice}`,
    };
  });
  return { type: 'sun', unitBytes: SECTOR_BYTES, records };
});
