// Counts the uses of each cluster of a file by header, tables, snapshots, bitmaps and data. A wrong entry of a table is left
// out, as `qemu-img check` does after it has complained.
// References: QEMU block/qcow2-refcount.c calculate_refcounts(), check_refcounts_l1(), check_refcounts_l2();
// QEMU block/qcow2-bitmap.c qcow2_check_bitmaps_refcounts().
import {
  parseQcow2BitmapDirectoryEntry,
  qcow2TableEntryRecords,
} from '../../../generated/container/qcow2.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { int, u16 } from '../../validation/guest.js';
import { type ClusterCounts, SHARED } from '../tables/cluster-counts.js';
import {
  COMPRESSED,
  type Entries,
  highOf,
  lowOf,
  offsetAt,
  offsetOf,
  runLength,
  streamOf,
} from './entries.js';
import type { Names } from './extensions.js';
import { ENTRY_BYTES, type Header, l2EntryBytes, MAX_L1_BYTES } from './header.js';
import type { SnapshotTable } from './snapshots.js';

export interface Counting {
  readonly file: ByteSource;
  readonly header: Header;
  readonly names: Names;
  readonly table: SnapshotTable;
  readonly counts: ClusterCounts;
  readonly scope: Scope;
}

/** The owner's number of clusters that the active disk uses; the snapshots' numbers follow it. */
const ACTIVE = 1;
/** The owner's number of clusters that a snapshot uses. */
export function ownerOfSnapshot(index: number): number {
  return ACTIVE + 1 + index;
}

/** L1 and bitmap tables are read in slices of this size. */
const SLICE_BYTES = MIB;
const L2_BYTES_AT_ONCE = MIB;
/** Entries of all L1 tables and bitmap tables together: a thousand snapshots of 8 TiB in clusters of 64 KiB. */
const MAX_TABLE_ENTRIES = 16 * MIB;
const DIRECTORY_ENTRY_BYTES = 24;
const MAX_BITMAP_TABLE_ENTRIES = 0x8000000;

/** @throws FormatError LIMIT when tables have more entries than are looked at; TRUNCATED. */
export async function countReferences(counting: Counting): Promise<void> {
  const { header, names, table, counts } = counting;
  const { encryptionHeader } = names;
  counts.add(0, 1, 1, SHARED);
  const l1Tables = l1TablesOf(header, table);
  const entryCount = l1Tables.reduce((sum, { l1EntryCount }) => sum + l1EntryCount, 0);
  if (entryCount > MAX_TABLE_ENTRIES) throw tooMany(entryCount, 'L1 tables');
  // Snapshots share L2 tables: each is read once and counts as often as L1 tables name it.
  const l2Tables = new Set<number>();
  for (const { l1OffsetBytes, l1EntryCount, owner } of l1Tables) {
    counts.addRange(l1OffsetBytes, l1EntryCount * ENTRY_BYTES, 1, owner);
    await eachOffset(counting, l1OffsetBytes, l1EntryCount, (offset) => {
      counts.addRange(offset, header.clusterBytes, 1, owner);
      l2Tables.add(offset);
    });
  }
  const tablesAtOnce = Math.max(1, Math.floor(L2_BYTES_AT_ONCE / header.clusterBytes));
  const offsets = [...l2Tables];
  for (let i = 0; i < offsets.length; i += tablesAtOnce) {
    const some = offsets.slice(i, i + tablesAtOnce);
    const tables = await Promise.all(some.map((offset) => readL2(counting, offset)));
    for (const one of tables) countL2(counting, one);
  }
  counts.addRange(table.stretch.offsetBytes, table.stretch.lengthBytes, 1, SHARED);
  if (encryptionHeader !== null) {
    counts.addRange(encryptionHeader.offsetBytes, encryptionHeader.lengthBytes, 1, SHARED);
  }
  await countBitmaps(counting);
}

interface L1Table {
  readonly l1OffsetBytes: number;
  readonly l1EntryCount: number;
  readonly owner: number;
}

function l1TablesOf(header: Header, { snapshots }: SnapshotTable): readonly L1Table[] {
  const { l1OffsetBytes, l1EntryCount, clusterBytes } = header;
  const active = { l1OffsetBytes, l1EntryCount, owner: ACTIVE };
  const others = snapshots.map((snapshot, index) => ({
    ...snapshot,
    owner: ownerOfSnapshot(index),
  }));
  const isSound = (one: L1Table): boolean =>
    one.l1OffsetBytes % clusterBytes === 0 && one.l1EntryCount * ENTRY_BYTES <= MAX_L1_BYTES;
  return [active, ...others].filter(isSound);
}

/** Visits the offsets in a table that are not 0 and within the file, as far as the file has the table. */
async function eachOffset(
  { file, scope }: Counting,
  tableOffset: number,
  entryCount: number,
  visit: (offset: number) => void,
): Promise<void> {
  const end = Math.min(tableOffset + entryCount * ENTRY_BYTES, file.sizeBytes);
  for (let at = tableOffset; at + ENTRY_BYTES <= end; at += SLICE_BYTES) {
    scope.check();
    const room = Math.min(SLICE_BYTES, end - at);
    const entries = qcow2TableEntryRecords(await file.read(at, room - (room % ENTRY_BYTES)));
    for (let i = 0; i < entries.length; i++) {
      const offset = offsetAt(entries, i);
      if (offset !== 0 && offset < file.sizeBytes) visit(offset);
    }
  }
}

/** An L2 table that was read. */
interface L2Table {
  readonly offset: number;
  readonly entries: Entries;
}

async function readL2({ file, header, scope }: Counting, offset: number): Promise<L2Table> {
  scope.check();
  const lengthBytes = Math.min(header.clusterBytes, file.sizeBytes - offset);
  const bytes = await file.read(offset, lengthBytes);
  return { offset, entries: qcow2TableEntryRecords(bytes, l2EntryBytes(header)) };
}

/** Counts the clusters that an L2 table names. */
function countL2({ header, counts }: Counting, { offset, entries }: L2Table): void {
  const { clusterBytes, clusterBits, hasDataFile } = header;
  const entryCount = entries.length;
  const table = Math.floor(offset / clusterBytes);
  const [times, owner] = [counts.countOf(table), counts.ownerOf(table)];
  for (let i = 0; i < entryCount; ) {
    const entry = entries.at(i);
    const [high, low] = [highOf(entry), lowOf(entry)];
    const host = offsetOf(high, low);
    if ((high & COMPRESSED) !== 0) {
      const stream = streamOf(high, low, clusterBits);
      const skipped = stream.offsetBytes % SECTOR_BYTES;
      counts.addRange(stream.offsetBytes - skipped, stream.lengthBytes + skipped, times, owner);
      i++;
    } else if (host === 0 || hasDataFile) {
      i += runLength(entries, i, entryCount, high, low, 0);
    } else if (host % clusterBytes === 0) {
      const run = runLength(entries, i, entryCount, high, low, clusterBytes);
      counts.add(host / clusterBytes, run, times, owner);
      i += run;
    } else {
      counts.addRange(host, clusterBytes, times, owner);
      i++;
    }
  }
}

/** Counts the directory of the bitmaps, each bitmap's table, and the clusters of the bitmaps. */
async function countBitmaps(counting: Counting): Promise<void> {
  const { file, header, names, counts } = counting;
  const { bitmaps } = names;
  if (bitmaps === null || bitmaps.bitmapCount === 0) return;
  const end = Math.min(bitmaps.offsetBytes + bitmaps.lengthBytes, file.sizeBytes);
  counts.addRange(bitmaps.offsetBytes, bitmaps.lengthBytes, 1, SHARED);
  let total = 0;
  let at = bitmaps.offsetBytes;
  for (let i = 0; i < bitmaps.bitmapCount && at + DIRECTORY_ENTRY_BYTES <= end; i++) {
    const entry = parseQcow2BitmapDirectoryEntry(await file.read(at, DIRECTORY_ENTRY_BYTES));
    const what = `qcow2: bitmap ${i}`;
    const offset = int(entry.ofsTable, `${what}: table offset`, 0, Number.MAX_SAFE_INTEGER);
    const count = int(entry.numTableEntries, `${what}: table`, 0, MAX_BITMAP_TABLE_ENTRIES);
    total += count;
    if (total > MAX_TABLE_ENTRIES) throw tooMany(total, 'bitmap tables');
    counts.addRange(offset, count * ENTRY_BYTES, 1, SHARED);
    await eachOffset(counting, offset, count, (cluster) =>
      counts.addRange(cluster, header.clusterBytes, 1, SHARED),
    );
    const extraBytes = int(entry.lenExtra, `${what}: extra_data_size`, 0, end - at);
    const nameBytes = u16(entry.lenName);
    at += Math.ceil((DIRECTORY_ENTRY_BYTES + extraBytes + nameBytes) / 8) * 8;
  }
}

function tooMany(count: number, what: string): FormatError {
  const message = `qcow2: the ${what} have ${count} entries together; the limit is ${MAX_TABLE_ENTRIES}`;
  return new FormatError('LIMIT', message, { data: { count } });
}
