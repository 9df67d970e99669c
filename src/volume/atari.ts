// The partition table of Atari's AHDI, with chains of type XGM or ICD's further entries.
// References: Linux block/partitions/atari.c (atari_partition: nothing marks the sector, so one of the entries must make sense).
import { type GuestAtari, parseAtari } from '../../generated/volume/atari.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, VirtDfError } from '../errors.js';
import { hasFlag, u32 } from '../validation/guest.js';
import { recordTable, type TableRecord } from './records.js';

const IN_USE = 1;
const EXTENDED = 'XGM';
/** The only types that ICD's entries have. */
const ICD_TYPES: ReadonlySet<string> = new Set(['GEM', 'BGM', 'LNX', 'SWP', 'RAW']);
const MAX_NUMBER = 255;

interface Entry {
  readonly isUsed: boolean;
  readonly type: string;
  readonly first: number;
  readonly count: number;
}

/** Linux counts entries that are not in use as well; null is such a one. */
type Counted = TableRecord | null;

export const atari = recordTable('atari', async (disk) => {
  const { partitions, icdPartitions } = parseAtari(await disk.read(0, SECTOR_BYTES));
  const entries = entriesOf(partitions);
  const sectors = Math.floor(disk.sizeBytes / SECTOR_BYTES);
  if (!entries.some((entry) => isPlausible(entry, sectors))) return null;
  const counted: Counted[] = [];
  const problems: VirtDfError[] = [];
  for (const entry of entries) {
    if (!entry.isUsed) counted.push(null);
    else if (entry.type === EXTENDED) await addChain(disk, entry, counted, problems);
    else counted.push(recordOf(entry, entry.first, counted));
  }
  const isChained = entries.some(({ isUsed, type }) => isUsed && type === EXTENDED);
  const icd = entriesOf(icdPartitions);
  if (!isChained && isIcd(icd[0])) {
    for (const entry of icd) {
      counted.push(entry.isUsed && isIcd(entry) ? recordOf(entry, entry.first, counted) : null);
    }
  }
  const records = counted.filter((one) => one !== null);
  return { type: 'atari', unitBytes: SECTOR_BYTES, records, problems };
});

function entriesOf(entries: GuestAtari['partitions']): readonly Entry[] {
  return entries.map(({ flags, type, firstSector, numSectors }) => ({
    isUsed: hasFlag(flags, IN_USE),
    type: Buffer.from(type).toString('latin1'),
    first: u32(firstSector),
    count: u32(numSectors),
  }));
}

function isPlausible({ isUsed, type, first, count }: Entry, sectors: number): boolean {
  return (
    isUsed && /^[0-9A-Za-z]{3}$/u.test(type) && first > 0 && count > 0 && first + count <= sectors
  );
}

function isIcd(entry: Entry | undefined): boolean {
  return entry !== undefined && ICD_TYPES.has(entry.type);
}

function recordOf({ type, count }: Entry, first: number, counted: readonly Counted[]): TableRecord {
  const role = type === 'SWP' ? 'reserved' : 'data';
  const typeCode = type.replace(/[^ -~]/gu, '?');
  return { number: counted.length + 1, first, count, typeCode, role };
}

/** Each sector of the chain has a partition, counted from there, and the next sector, counted from the frame. */
async function addChain(
  disk: ByteSource,
  frame: Entry,
  counted: Counted[],
  problems: VirtDfError[],
): Promise<void> {
  const visited = new Set<number>();
  let at: number | null = frame.first;
  try {
    while (at !== null) {
      checkLink(disk, at, visited, counted.length);
      visited.add(at);
      const { partitions } = parseAtari(await disk.read(at * SECTOR_BYTES, SECTOR_BYTES));
      const [data, next] = entriesOf(partitions);
      if (data?.isUsed !== true) {
        counted.push(null);
        return;
      }
      counted.push(recordOf(data, at + data.first, counted));
      at = next?.isUsed === true && next.type === EXTENDED ? frame.first + next.first : null;
    }
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    problems.push(error);
  }
}

function checkLink(
  disk: ByteSource,
  sector: number,
  visited: ReadonlySet<number>,
  count: number,
): void {
  const data = { sector };
  if (visited.has(sector)) {
    const message = `atari: the chain of partitions comes back to sector ${sector}`;
    throw new FormatError('LOOP', message, { data });
  }
  if (count >= MAX_NUMBER) {
    const message = `atari: the chain of partitions goes on after number ${MAX_NUMBER}`;
    throw new FormatError('LIMIT', message, { data });
  }
  if ((sector + 1) * SECTOR_BYTES > disk.sizeBytes) {
    const message = `atari: a partition is described in sector ${sector}, behind the end of the disk`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data });
  }
}
