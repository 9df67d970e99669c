// The chain of logical partitions inside an extended partition.
// References: Linux block/partitions/msdos.c (parse_extended): numbers from 5 in the order of the chain, at most 255.
import { parseMbr } from '../../../generated/volume/mbr.js';
import type { ByteSource } from '../../bytes/source.js';
import { isZeros } from '../../bytes/zero.js';
import { FormatError, VirtDfError } from '../../errors.js';
import { type BootEntry, bootEntries, isExtended, isUsed } from './entry.js';

export const FIRST_LOGICAL = 5;
/** DISK_MAX_PARTS of the kernel, which counts the disk as one. */
const MAX_NUMBER = 255;
/** Records in a row without a partition after which the kernel gives up. */
const MAX_EMPTY_RECORDS = 100;
const RECORD_BYTES = 512;

export interface LogicalChain {
  readonly disk: ByteSource;
  readonly sectorSizeBytes: number;
  /** The extended partition in the MBR. */
  readonly entry: BootEntry;
  readonly nextNumber: number;
}

interface LogicalPartition {
  readonly entry: BootEntry;
  readonly number: number;
  /** Counted from the start of the disk. */
  readonly firstSector: number;
}

interface LogicalPartitions {
  readonly partitions: readonly LogicalPartition[];
  /** The sectors that describe them. */
  readonly records: readonly number[];
  /** The error that ended the chain early. */
  readonly problem: VirtDfError | null;
}

/** The sector of a record and the length that the link to it gives. */
interface Link {
  readonly sector: number;
  readonly sectorCount: number;
}

/** Follows the chain. A broken link is given as a problem, beside the partitions before it. */
export async function readLogical(chain: LogicalChain): Promise<LogicalPartitions> {
  const partitions: LogicalPartition[] = [];
  const records: number[] = [];
  const visited = new Set<number>();
  let emptyRecords = 0;
  let link: Link | null = {
    sector: chain.entry.firstSector,
    sectorCount: chain.entry.sectorCount,
  };
  try {
    while (link !== null) {
      checkLink(link, visited, emptyRecords, chain.nextNumber + partitions.length);
      visited.add(link.sector);
      const entries = await readRecord(chain, link.sector, visited.size === 1);
      if (entries === null) break;
      records.push(link.sector);
      const found = dataEntries(entries, link, chain.entry);
      emptyRecords = found.length === 0 ? emptyRecords + 1 : 0;
      for (const [entry, firstSector] of found) {
        const number = chain.nextNumber + partitions.length;
        if (number <= MAX_NUMBER) partitions.push({ entry, number, firstSector });
      }
      const next = entries.find((entry) => isUsed(entry) && isExtended(entry));
      link =
        next === undefined
          ? null
          : {
              sector: chain.entry.firstSector + next.firstSector,
              sectorCount: next.sectorCount,
            };
    }
    return { partitions, records, problem: null };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { partitions, records, problem: error };
  }
}

function checkLink(
  { sector }: Link,
  visited: ReadonlySet<number>,
  emptyRecords: number,
  nextNumber: number,
): void {
  const data = { sector };
  if (visited.has(sector)) {
    const message = `mbr: the chain of logical partitions comes back to sector ${sector}`;
    throw new FormatError('LOOP', message, { data });
  }
  if (nextNumber > MAX_NUMBER) {
    const message = `mbr: the chain of logical partitions goes on after partition ${MAX_NUMBER}`;
    throw new FormatError('LIMIT', message, { data });
  }
  if (emptyRecords >= MAX_EMPTY_RECORDS) {
    const message = `mbr: ${emptyRecords} boot records in a row describe no logical partition`;
    throw new FormatError('LIMIT', message, { data });
  }
}

/** The entries of the record at a sector; null if an extended partition has never had one. */
async function readRecord(
  { disk, sectorSizeBytes }: LogicalChain,
  sector: number,
  isFirst: boolean,
): Promise<readonly BootEntry[] | null> {
  const offset = sector * sectorSizeBytes;
  if (offset + RECORD_BYTES > disk.sizeBytes) {
    const message = `mbr: a logical partition is described at byte ${offset}, but the disk has only ${disk.sizeBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { offset } });
  }
  const bytes = await disk.read(offset, RECORD_BYTES);
  if (isFirst && isZeros(bytes)) return null;
  if (bytes[510] !== 0x55 || bytes[511] !== 0xaa) {
    const message = `mbr: there is no boot record at byte ${offset}, where a logical partition should be described`;
    throw new FormatError('BAD_MAGIC', message, { data: { offset } });
  }
  return bootEntries(parseMbr(bytes));
}

/** The record's data partitions with their absolute first sectors; entries 3 and 4 may be garbage. */
function dataEntries(
  entries: readonly BootEntry[],
  link: Link,
  extended: BootEntry,
): readonly (readonly [BootEntry, number])[] {
  return entries
    .filter((entry) => isUsed(entry) && !isExtended(entry))
    .map((entry) => [entry, link.sector + entry.firstSector] as const)
    .filter(([entry, first]) => {
      if (entry.slot <= 2) return true;
      const fitsLink = entry.firstSector + entry.sectorCount <= link.sectorCount;
      const end = extended.firstSector + extended.sectorCount;
      return fitsLink && first >= extended.firstSector && first + entry.sectorCount <= end;
    });
}
