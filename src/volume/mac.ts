// The Apple partition map, in blocks of 512 bytes, or of 2048 on discs.
// References: Linux block/partitions/mac.c (mac_partition); Inside Macintosh: Devices, chapter 3.
import { type GuestMacPartition, parseMac, parseMacPartition } from '../../generated/volume/mac.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, type VirtDfError } from '../errors.js';
import { equals, int, labelOf, text } from '../validation/guest.js';
import { recordTable, type TableRecord } from './records.js';

const MAX_PARTITIONS = 254;
const BLOCK_SIZES = [512, 1024, 2048];
/** The map itself, drivers, and room. */
const RESERVED =
  /^Apple_(?:partition_map|Driver.*|Free|Void|Patches|Scratch|Extra|FWDriver|PrimDriver)$/iu;

export const mac = recordTable('mac', async (disk) => {
  const found = await firstEntry(disk);
  if (found === null) return null;
  const { unitBytes, entry: first } = found;
  const count = int(first.numPartitions, 'mac: number of partitions', 0, MAX_PARTITIONS);
  const records: TableRecord[] = [];
  const problems: VirtDfError[] = [];
  for (let number = 1; number <= count; number++) {
    const entry = number === 1 ? first : await entryAt(disk, number * unitBytes);
    if (entry === null) {
      const message = `mac: the map is for ${count} partitions, and number ${number} is not in it`;
      problems.push(new FormatError('BAD_MAGIC', message, { data: { number } }));
      break;
    }
    records.push(recordOf(entry, number));
  }
  return { type: 'mac', unitBytes, records, problems };
});

/** Discs may have a map in blocks of 512 bytes, although their descriptor says 2048. */
async function firstEntry(
  disk: ByteSource,
): Promise<{ unitBytes: number; entry: GuestMacPartition } | null> {
  const { lenBlock } = parseMac(await disk.read(0, SECTOR_BYTES));
  const said = BLOCK_SIZES.filter((size) => equals(lenBlock, size));
  for (const unitBytes of new Set([...said, SECTOR_BYTES])) {
    const entry = await entryAt(disk, unitBytes);
    if (entry !== null) return { unitBytes, entry };
  }
  return null;
}

async function entryAt(disk: ByteSource, offset: number): Promise<GuestMacPartition | null> {
  if (offset + SECTOR_BYTES > disk.sizeBytes) return null;
  const sector = await disk.read(offset, SECTOR_BYTES);
  return orNull(() => parseMacPartition(sector));
}

function recordOf(entry: GuestMacPartition, number: number): TableRecord {
  const typeCode = text(entry.type);
  return {
    number,
    first: entry.firstBlock,
    count: entry.numBlocks,
    typeCode,
    role: RESERVED.test(typeCode) ? 'reserved' : 'data',
    label: labelOf(entry.label),
    nativeName: (disk) => `disk${disk}s${number}`,
  };
}
