// Images with tables of two levels, entries of 8 bytes and nothing else: qcow and QED. (qcow2 has subclusters and
// snapshots.)
// References: QEMU block/qcow.c get_cluster_offset(); block/qed-cluster.c qed_find_cluster().

import type { ByteSource } from '../../bytes/source.js';
import { isZeros } from '../../bytes/zero.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import type { DiskExtent } from './disk-extent.js';
import { type ExtentBuilder, extentBuilder } from './extent-builder.js';
import type { FileEnd } from './file-end.js';

/** The two halves of an entry. Halves, because most values are exact in a number and the flags are in the upper one. */
export interface Entry {
  readonly high: number;
  readonly low: number;
}

/** Where a cluster of the disk is. */
export type ClusterPlace =
  | { readonly kind: 'zero' | 'backing' }
  | { readonly kind: 'data'; readonly hostOffsetBytes: number }
  | {
      readonly kind: 'compressed';
      readonly hostOffsetBytes: number;
      readonly hostLengthBytes: number;
    };

export interface TwoLevels {
  /** The word that messages begin with. */
  readonly format: string;
  readonly tables: ByteSource;
  readonly isLittleEndian: boolean;
  readonly end: FileEnd;
  readonly clusterBytes: number;
  readonly l1OffsetBytes: number;
  /** The number of entries of the L1 table, which is in the file as a whole. */
  readonly l1EntryCount: number;
  /** The number of entries of each L2 table. */
  readonly l2EntryCount: number;
  /** Offset of an L2 table; 0 if none of its clusters is there. @throws FormatError. */
  l2Offset(entry: Entry, index: number): number;
  /** @throws FormatError. */
  place(entry: Entry, clusterOffsetBytes: number): ClusterPlace;
}

const ENTRY_BYTES = 8;
/** How many entries of the L1 table are read at a time: one page of the file's cache. */
const L1_ENTRIES_AT_ONCE = 2048;
const L2_ENTRIES_AT_ONCE = 65536;

/** As `Layer.map`. @throws as `l2Offset` and `place`. */
export async function mapTwoLevels(
  image: TwoLevels,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const { clusterBytes, l2EntryCount } = image;
  const coverage = clusterBytes * l2EntryCount;
  const first = Math.floor(offset / coverage);
  const end = offset + wantedBytes;
  const count = Math.min(Math.ceil(end / coverage) - first, L1_ENTRIES_AT_ONCE);
  const l1 = await readEntries(image, image.l1OffsetBytes, first, count);
  const extents = extentBuilder(image.end);
  for (let i = 0; i < count; i++) {
    const start = Math.max(offset, (first + i) * coverage);
    const stop = Math.min(end, (first + i + 1) * coverage);
    const table = image.l2Offset(entryAt(image, l1, i), first + i);
    const tableEnd = table + l2EntryCount * ENTRY_BYTES;
    if (table === 0) extents.plain('backing', start, stop - start);
    else if (tableEnd > image.end.sizeBytes) {
      extents.missing(start, stop - start, table, tableEnd);
    } else {
      const room = (L2_ENTRIES_AT_ONCE - 1) * clusterBytes; // The first cluster may be a part of one.
      await mapTable(image, table, start, Math.min(stop, start + room), extents);
      break;
    }
  }
  return extents.finish();
}

async function mapTable(
  image: TwoLevels,
  table: number,
  start: number,
  stop: number,
  extents: ExtentBuilder,
): Promise<void> {
  const { clusterBytes, l2EntryCount } = image;
  const firstCluster = Math.floor(start / clusterBytes);
  const count = Math.ceil(stop / clusterBytes) - firstCluster;
  const view = await readEntries(image, table, firstCluster % l2EntryCount, count);
  // Most tables that a format made in advance are so.
  if (isZeros(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))) {
    extents.plain('backing', start, stop - start);
    return;
  }
  for (let i = 0; i < count; i++) {
    const clusterOffset = (firstCluster + i) * clusterBytes;
    const from = Math.max(start, clusterOffset);
    const length = Math.min(stop, clusterOffset + clusterBytes) - from;
    const place = image.place(entryAt(image, view, i), clusterOffset);
    if (place.kind === 'data') {
      const skippedBytes = from - clusterOffset;
      extents.data(from, length, place.hostOffsetBytes + skippedBytes, skippedBytes);
    } else if (place.kind === 'compressed') {
      const { hostOffsetBytes, hostLengthBytes } = place;
      const hostEnd = hostOffsetBytes + hostLengthBytes;
      const block = { blockOffsetBytes: clusterOffset, blockBytes: clusterBytes };
      if (hostEnd > image.end.sizeBytes) extents.missing(from, length, hostOffsetBytes, hostEnd);
      else extents.compressed({ ...place, ...block, offsetBytes: from, lengthBytes: length });
    } else extents.plain(place.kind, from, length);
  }
}

/** Receives the tables and clusters that a walk over all tables finds. */
interface Walker {
  /** Called once for each L2 table. */
  l2Table(offsetBytes: number): void;
  cluster(place: ClusterPlace): void;
}

/**
 * Visits every L2 table once, and each cluster that its entries name. A wrong entry is left out.
 * @throws FormatError INVALID where tables lie over each other: a file of 1 MiB has room for 65536 tables then.
 */
export async function walkTwoLevels(
  image: TwoLevels,
  walker: Walker,
  scope: Scope,
  isWrong: (error: unknown) => boolean,
): Promise<void> {
  const seen = new Set<number>();
  for (let first = 0; first < image.l1EntryCount; first += L1_ENTRIES_AT_ONCE) {
    scope.check();
    const count = Math.min(L1_ENTRIES_AT_ONCE, image.l1EntryCount - first);
    const l1 = await readEntries(image, image.l1OffsetBytes, first, count);
    for (let i = 0; i < count; i++) {
      const table = orNull(() => image.l2Offset(entryAt(image, l1, i), first + i), isWrong) ?? 0;
      if (table === 0 || seen.has(table)) continue;
      if (table + image.l2EntryCount * ENTRY_BYTES > image.tables.sizeBytes) continue;
      seen.add(table);
      checkRoom(image, seen.size);
      scope.check();
      walker.l2Table(table);
      const clusterOffset = (first + i) * image.l2EntryCount * image.clusterBytes;
      await walkTable(image, table, clusterOffset, walker, isWrong);
    }
  }
}

/** Tables are in the file, so there are no more of them than it has room for. */
function checkRoom({ format, tables, l2EntryCount }: TwoLevels, tableCount: number): void {
  const tableBytes = l2EntryCount * ENTRY_BYTES;
  const { sizeBytes } = tables;
  if (tableCount * tableBytes <= sizeBytes) return;
  throw new FormatError(
    'INVALID',
    `${format}: L2 tables lie over each other: ${tableCount} of ${tableBytes} bytes are in a file of ${sizeBytes}`,
    { data: { tableCount, tableBytes, sizeBytes } },
  );
}

async function walkTable(
  image: TwoLevels,
  table: number,
  firstOffset: number,
  walker: Walker,
  isWrong: (error: unknown) => boolean,
): Promise<void> {
  const { l2EntryCount, clusterBytes } = image;
  for (let first = 0; first < l2EntryCount; first += L2_ENTRIES_AT_ONCE) {
    const count = Math.min(L2_ENTRIES_AT_ONCE, l2EntryCount - first);
    const view = await readEntries(image, table, first, count);
    for (let i = 0; i < count; i++) {
      const entry = entryAt(image, view, i);
      if (entry.high === 0 && entry.low === 0) continue;
      const clusterOffset = firstOffset + (first + i) * clusterBytes;
      const place = orNull(() => image.place(entry, clusterOffset), isWrong);
      if (place !== null) walker.cluster(place);
    }
  }
}

function orNull<T>(work: () => T, isWrong: (error: unknown) => boolean): T | null {
  try {
    return work();
  } catch (error) {
    if (isWrong(error)) return null;
    throw error;
  }
}

async function readEntries(
  { tables }: TwoLevels,
  table: number,
  first: number,
  count: number,
): Promise<DataView> {
  const bytes = await tables.read(table + first * ENTRY_BYTES, count * ENTRY_BYTES);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function entryAt({ isLittleEndian }: TwoLevels, view: DataView, index: number): Entry {
  const at = index * ENTRY_BYTES;
  const [highAt, lowAt] = isLittleEndian ? [at + 4, at] : [at, at + 4];
  return {
    high: view.getUint32(highAt, isLittleEndian),
    low: view.getUint32(lowAt, isLittleEndian),
  };
}
