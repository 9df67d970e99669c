// A partition table that is a list of records: where each partition begins, how long it is, and what it is for. A format says
// how its records are read; bounds, numbers and all else are the same for all of them.

import { SECTOR_BYTES } from '../bytes/sector.js';
import { orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import type { VirtDfError } from '../errors.js';
import type { GuestInteger } from '../kaitai/untrusted.js';
import { type Label, u32, u64 } from '../validation/guest.js';
import { partitionRange } from './partition.js';
import type { Partition, PartitionTable, TableFormat } from './volume.js';

/** As the table has it, or as a format came to it. */
type TableNumber = GuestInteger | number | bigint;

export interface TableRecord {
  /** As `Partition.number`. */
  readonly number: number;
  /** Where it begins on the disk, and how much it has, in units of the table. */
  readonly first: TableNumber;
  readonly count: TableNumber;
  readonly typeCode: string;
  /** Default: `data`. */
  readonly role?: Partition['role'];
  /** Default: none. */
  readonly label?: Label;
  readonly uuid?: string | null;
  readonly nativeName?: Partition['nativeName'];
  readonly inner?: Partition['inner'];
}

/** A table's records, and what it says beside them. */
export interface RecordedTable {
  readonly type: string;
  /** The sector in which the table counts, or the byte. */
  readonly unitBytes: number;
  readonly records: readonly TableRecord[];
  readonly uuid?: string | null;
  readonly isNumberedOnDisk?: boolean;
  readonly problems?: readonly VirtDfError[];
}

/** The partitions of these records, each within the disk. */
export function tableOf(disk: ByteSource, recorded: RecordedTable): PartitionTable {
  const { type, unitBytes, uuid = null, isNumberedOnDisk, records } = recorded;
  const problems = [...(recorded.problems ?? [])];
  const partitions = records.map((record) =>
    partitionOf(disk, `${type}: partition ${record.number}`, unitBytes, record, problems),
  );
  return {
    type,
    sectorSizeBytes: Math.max(unitBytes, SECTOR_BYTES),
    ...(isNumberedOnDisk === undefined ? {} : { isNumberedOnDisk }),
    uuid,
    partitions,
    problems,
  };
}

/** @param problems gets a warning where the disk ends before the partition does. */
export function partitionOf(
  disk: ByteSource,
  what: string,
  unitBytes: number,
  record: TableRecord,
  problems: VirtDfError[],
): Partition {
  const { number, typeCode, role = 'data', label = { label: null }, uuid = null } = record;
  const { nativeName, inner } = record;
  const start = opened(record.first) * BigInt(unitBytes);
  const end = start + opened(record.count) * BigInt(unitBytes);
  const { warning, ...range } = partitionRange(disk, what, start, end);
  if (warning !== null) problems.push(warning);
  return {
    number,
    typeCode,
    role,
    ...label,
    uuid,
    ...range,
    ...(nativeName === undefined ? {} : { nativeName }),
    ...(inner === undefined ? {} : { inner }),
  };
}

/** @param read null, or an error, where there is no such table. */
export function recordTable(
  name: string,
  read: (disk: ByteSource) => Promise<RecordedTable | null>,
): TableFormat {
  return {
    name,
    probe: async (disk) => (await orNull(() => read(disk))) !== null,
    async open(disk) {
      const recorded = await read(disk);
      if (recorded === null) throw new Error(`${name}: opened without a table`);
      return tableOf(disk, recorded);
    },
  };
}

/** Bounded by the disk, which `partitionRange` compares it with. */
function opened(value: TableNumber): bigint {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : u64(value);
}

/** A type as a number, as tables write it: `0xa5`. */
export function hexType(type: GuestInteger | number): string {
  const code = typeof type === 'number' ? type : u32(type);
  return `0x${code.toString(16).padStart(2, '0')}`;
}
