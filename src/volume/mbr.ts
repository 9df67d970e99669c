// Master boot record: four primary partitions, one or more of them the frame of a chain of logical ones.
// References: Linux block/partitions/msdos.c (msdos_partition); util-linux libblkid/src/partitions/dos.c; FreeBSD
// sys/geom/geom_mbr.c (historical_bogus_partition_table).
import { type GuestMbr, parseMbr } from '../../generated/volume/mbr.js';
import type { ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';
import { equals, u32 } from '../validation/guest.js';
import { type BootEntry, bootEntries, isExtended, isUsed } from './mbr/entry.js';
import { isFilesystemBootSector } from './mbr/filesystem.js';
import { innerOfType } from './mbr/inner.js';
import { FIRST_LOGICAL, type LogicalChain, readLogical } from './mbr/logical.js';
import { sectorSize } from './mbr/sector-size.js';
import { hexType, partitionOf } from './records.js';
import type { Partition, PartitionTable, TableFormat } from './volume.js';

const RECORD_BYTES = 512;
const MAGIC = [0x55, 0xaa];
const GPT_PROTECTIVE = 0xee;
/** PowerPC's boot code, without a filesystem. */
const PREP_BOOT = 0x41;
/** The only entry that FreeBSD's boot1 has where there is no MBR; FreeBSD takes it for none. */
const OF_BOOT1: BootEntry = { slot: 4, type: 0xa5, firstSector: 0, sectorCount: 50_000 };

export const mbr: TableFormat = { name: 'mbr', probe, open };

/** Decides as the kernel does: the signature alone is also at the end of every FAT and NTFS boot sector. */
async function probe(source: ByteSource): Promise<boolean> {
  if (source.sizeBytes < RECORD_BYTES) return false;
  const bytes = await source.read(0, RECORD_BYTES);
  if (!endsWithMagic(bytes)) return false;
  const record = parseMbr(bytes);
  if (!record.partitions.every(hasBootIndicator)) return false;
  const entries = bootEntries(record);
  // The kernel leaves a disk with a GPT entry to its GPT code, also if there is no valid GPT.
  if (entries.some((entry) => entry.type === GPT_PROTECTIVE)) return false;
  const used = entries.filter(isUsed);
  if (used.length === 0 || isOfBoot1(used)) return false;
  return !isFilesystemBootSector(bytes) || arePlausible(used, source.sizeBytes / RECORD_BYTES);
}

/**
 * Whether a disk's first sector ends with the magic but names no partition: an empty table, or a boot sector of another
 * kind.
 */
export function isUnusedMbr(bytes: Uint8Array): boolean {
  if (!endsWithMagic(bytes)) return false;
  return bootEntries(parseMbr(bytes)).every((entry) => !isUsed(entry) && entry.type === 0);
}

function isOfBoot1([only, ...others]: readonly BootEntry[]): boolean {
  return (
    others.length === 0 &&
    only?.slot === OF_BOOT1.slot &&
    only.type === OF_BOOT1.type &&
    only.firstSector === OF_BOOT1.firstSector &&
    only.sectorCount === OF_BOOT1.sectorCount
  );
}

function endsWithMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[RECORD_BYTES - MAGIC.length + index] === byte);
}

function hasBootIndicator(partition: GuestMbr['partitions'][number]): boolean {
  return equals(partition.bootIndicator, 0) || equals(partition.bootIndicator, 0x80);
}

/** Whether the entries make sense although the sector also looks like a filesystem's: all of them inside, none twice. */
function arePlausible(used: readonly BootEntry[], diskSectors: number): boolean {
  const sorted = [...used].sort((a, b) => a.firstSector - b.firstSector);
  let end = 1;
  for (const { type, firstSector, sectorCount } of sorted) {
    if (type === 0 || firstSector < end) return false;
    end = firstSector + sectorCount;
  }
  return end <= diskSectors;
}

async function open(source: ByteSource): Promise<PartitionTable> {
  const record = parseMbr(await source.read(0, RECORD_BYTES));
  const entries = bootEntries(record);
  const signature = u32(record.diskSignature);
  const uuid = signature === 0 ? null : signature.toString(16).padStart(8, '0');
  const sectorSizeBytes = await sectorSize(source, entries.filter(isUsed));
  const partitions: Partition[] = [];
  const problems: VirtDfError[] = [];
  const logical: Partition[] = [];
  const recordSectors: number[] = [];
  for (const entry of entries.filter(isUsed)) {
    const table: MbrTable = { disk: source, sectorSizeBytes, uuid };
    partitions.push(toPartition(entry, entry.slot, entry.firstSector, table, problems));
    if (!isExtended(entry)) continue;
    const chain: LogicalChain = { ...table, entry, nextNumber: FIRST_LOGICAL + logical.length };
    const found = await readLogical(chain);
    for (const { entry: data, number, firstSector } of found.partitions) {
      logical.push(toPartition(data, number, firstSector, table, problems));
    }
    recordSectors.push(...found.records);
    if (found.problem !== null) problems.push(found.problem);
  }
  return {
    type: 'mbr',
    sectorSizeBytes,
    ...(recordSectors.length === 0 ? {} : { recordSectors }),
    uuid,
    partitions: [...partitions, ...logical],
    problems,
  };
}

interface MbrTable {
  readonly disk: ByteSource;
  readonly sectorSizeBytes: number;
  /** The disk's signature. */
  readonly uuid: string | null;
}

/** @param firstSector absolute; the entry's own may be relative. */
function toPartition(
  entry: BootEntry,
  number: number,
  firstSector: number,
  { disk, sectorSizeBytes, uuid }: MbrTable,
  problems: VirtDfError[],
): Partition {
  const { type, sectorCount } = entry;
  const isPrimary = number < FIRST_LOGICAL;
  const record = {
    number,
    first: firstSector,
    count: sectorCount,
    typeCode: hexType(type),
    role: isExtended(entry)
      ? ('extended' as const)
      : type === PREP_BOOT
        ? ('reserved' as const)
        : ('data' as const),
    uuid: uuid === null ? null : `${uuid}-${number.toString(16).padStart(2, '0')}`,
    ...(isPrimary ? innerOfType(type, { number, startBytes: firstSector * sectorSizeBytes }) : {}),
  };
  return partitionOf(disk, `mbr: partition ${number}`, sectorSizeBytes, record, problems);
}
