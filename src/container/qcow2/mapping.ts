// Maps a range of the guest's disk to the file: L1 table -> L2 table -> cluster -> subcluster.
// References: QEMU docs/interop/qcow2.rst "Cluster mapping", "Extended L2 Entries";
// QEMU block/qcow2.h qcow2_get_cluster_type(), qcow2_get_subcluster_type(); block/qcow2-cluster.c.

import {
  type GuestQcow2L2ExtendedEntry,
  qcow2L2ExtendedEntryRecords,
  qcow2TableEntryRecords,
} from '../../../generated/container/qcow2.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn } from '../../errors.js';
import { u32 } from '../../validation/guest.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { type ExtentBuilder, extentBuilder } from '../tables/extent-builder.js';
import type { FileEnd } from '../tables/file-end.js';
import {
  COMPRESSED,
  COPIED,
  type Entries,
  highOf,
  lowOf,
  offsetAt,
  offsetOf,
  runLength,
  streamOf,
  ZERO,
} from './entries.js';
import { ENTRY_BYTES, type Layout, l2CoverageBytes, l2EntryBytes } from './header.js';

const invalid = invalidIn('qcow2: the ');

/** The input of a mapping: the image's layout, the file of its tables, and the kind of file that has its clusters. */
interface MappedImage {
  readonly layout: Layout;
  readonly tables: ByteSource;
  /** Of `tables`. */
  readonly end: FileEnd;
  /** Of the file that has the clusters. */
  readonly dataEnd: FileEnd;
  /** Clusters are in a file of their own, each at the offset that it has on the disk. */
  readonly hasDataFile: boolean;
}

/** Of a cluster, in an image with extended L2 entries. */
export const SUBCLUSTER_COUNT = 32;
/** No file reaches so far; what lies behind a table or a run of clusters there is still exact. */
const MAX_HOST_OFFSET = 2 ** 52;
const ALL_SUBCLUSTERS = 2 ** 32 - 1;
/** How many entries of the L1 table one call reads: one page of the file's cache. */
const L1_ENTRIES_PER_CALL = 2048;
/** A call stops after so many bytes of L2 tables, or so many extents: its answer lies in memory at once. */
const L2_BYTES_PER_CALL = 512 * 1024;
const EXTENTS_PER_CALL = 8192;

/**
 * The extents of the first part of a range, in order, without gaps, as few as possible.
 * @throws FormatError OUT_OF_BOUNDS, INVALID.
 */
export async function mapRange(
  image: MappedImage,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const { layout } = image;
  const coverage = l2CoverageBytes(layout);
  const first = Math.floor(offset / coverage);
  const end = offset + wantedBytes;
  const count = Math.min(Math.ceil(end / coverage) - first, L1_ENTRIES_PER_CALL);
  const l1 = qcow2TableEntryRecords(await readL1(image, first, count));
  const tables: TablePart[] = [];
  let readBytes = 0;
  for (let i = 0; i < count && readBytes < L2_BYTES_PER_CALL; i++) {
    const index = first + i;
    const from = Math.max(offset, index * coverage);
    const length = Math.min(end, (index + 1) * coverage) - from;
    const tableOffset = l2TableOffset(image, index, i, l1);
    const part = tablePart(layout, tableOffset, from, length);
    tables.push(part);
    readBytes += part.entryCount * l2EntryBytes(layout);
  }
  const read =
    tables.length === 1 && tables[0] !== undefined
      ? [await readPart(image, tables[0])]
      : await Promise.all(tables.map((part) => readPart(image, part)));
  const extents = extentBuilder(image.dataEnd);
  for (const [i, part] of tables.entries()) {
    mapTable(image, part, read[i] ?? null, extents);
    if (extents.count >= EXTENTS_PER_CALL) break;
  }
  return extents.finish();
}

/** The part of an L2 table that describes a range of the disk. */
interface TablePart {
  /** Offset in the file of the range's first entry; 0 if no cluster of the table is allocated. */
  readonly tableOffset: number;
  readonly entryCount: number;
  readonly firstCluster: number;
  readonly offset: number;
  readonly length: number;
}

function tablePart(layout: Layout, table: number, offset: number, length: number): TablePart {
  const { clusterBytes } = layout;
  const firstCluster = Math.floor(offset / clusterBytes);
  if (table === 0) return { tableOffset: 0, entryCount: 0, firstCluster, offset, length };
  const entryCount = Math.ceil((offset + length) / clusterBytes) - firstCluster;
  const entryBytes = l2EntryBytes(layout);
  const tableOffset = table + (firstCluster % (clusterBytes / entryBytes)) * entryBytes;
  return { tableOffset, entryCount, firstCluster, offset, length };
}

function readPart({ layout, tables }: MappedImage, part: TablePart): Promise<Uint8Array> | null {
  const { tableOffset, entryCount } = part;
  const lengthBytes = entryCount * l2EntryBytes(layout);
  if (entryCount === 0 || tableOffset + lengthBytes > tables.sizeBytes) return null;
  return tables.read(tableOffset, lengthBytes);
}

/** Entries of the L1 table; those that it does not have are left out. */
function readL1(
  { layout, tables }: MappedImage,
  first: number,
  count: number,
): Promise<Uint8Array> | Uint8Array {
  const { l1OffsetBytes, l1EntryCount } = layout;
  const held = Math.max(0, Math.min(count, l1EntryCount - first));
  if (held === 0) return new Uint8Array(0);
  return tables.read(l1OffsetBytes + first * ENTRY_BYTES, held * ENTRY_BYTES);
}

/** Offset of the L2 table; 0 if none of its clusters is allocated. */
function l2TableOffset(
  { layout }: MappedImage,
  index: number,
  position: number,
  l1: Entries,
): number {
  const offset = position < l1.length ? offsetAt(l1, position) : 0;
  if (offset > MAX_HOST_OFFSET) throw tooFar(`L2 table ${index}`, offset);
  return aligned(offset, layout.clusterBytes, `L2 table ${index}`);
}

/** Adds the extents of a range that one L2 table covers. */
function mapTable(
  image: MappedImage,
  { offset, length, firstCluster, entryCount, tableOffset }: TablePart,
  table: Uint8Array | null,
  extents: ExtentBuilder,
): void {
  if (table === null && entryCount > 0) {
    const tableEnd = tableOffset + entryCount * l2EntryBytes(image.layout);
    image.end.needs(tableEnd);
    extents.missing(offset, length, tableOffset, tableEnd);
    return;
  }
  if (table === null) {
    extents.plain('backing', offset, length);
    return;
  }
  const range = { image, offset, end: offset + length, table, extents };
  if (image.layout.hasExtendedL2) mapExtended(range, firstCluster, entryCount);
  else mapStandard(range, firstCluster, entryCount);
}

/** A range of the disk, and the part of the L2 table that describes it. */
interface TableRange {
  readonly image: MappedImage;
  readonly offset: number;
  readonly end: number;
  readonly table: Uint8Array;
  readonly extents: ExtentBuilder;
}

function mapStandard(range: TableRange, firstCluster: number, count: number): void {
  const { image, offset, end, extents } = range;
  const { clusterBytes, version } = image.layout;
  const entries = qcow2TableEntryRecords(range.table);
  for (let i = 0; i < count; ) {
    const clusterOffset = (firstCluster + i) * clusterBytes;
    const entry = entries.at(i);
    const [high, low] = [highOf(entry), lowOf(entry)];
    if ((high & COMPRESSED) !== 0) {
      mapCompressed(range, clusterOffset, high, low);
      i++;
      continue;
    }
    const isZero = (low & ZERO) !== 0;
    if (isZero && version < 3) throw noZeros(clusterOffset);
    const host = isZero ? null : hostOffset(image, clusterOffset, high, low);
    const run = runLength(entries, i, count, high, low, host === null ? 0 : clusterBytes);
    const start = Math.max(offset, clusterOffset);
    const length = Math.min(end, clusterOffset + run * clusterBytes) - start;
    if (host === null) extents.plain(isZero ? 'zero' : 'backing', start, length);
    else addData(range, start, length, host, start - clusterOffset);
    i += run;
  }
}

function mapExtended(range: TableRange, firstCluster: number, count: number): void {
  const { clusterBytes } = range.image.layout;
  const entries = qcow2L2ExtendedEntryRecords(range.table);
  for (let i = 0; i < count; i++) {
    mapSubclustered(range, (firstCluster + i) * clusterBytes, entries.at(i));
  }
}

function mapSubclustered(
  range: TableRange,
  clusterOffset: number,
  entry: GuestQcow2L2ExtendedEntry,
): void {
  const { image, offset, end, extents } = range;
  const { clusterBytes } = image.layout;
  const [high, low] = [highOf(entry), lowOf(entry)];
  if ((high & COMPRESSED) !== 0) {
    mapCompressed(range, clusterOffset, high, low);
    return;
  }
  const [zeros, allocated] = [u32(entry.zeroSubclusters), u32(entry.allocatedSubclusters)];
  const host = hostOffset(image, clusterOffset, high, low);
  const start = Math.max(offset, clusterOffset);
  const length = Math.min(end, clusterOffset + clusterBytes) - start;
  // Most clusters are of one kind.
  if (allocated === ALL_SUBCLUSTERS && zeros === 0 && host !== null)
    addData(range, start, length, host, start - clusterOffset);
  else if (allocated === 0 && (zeros === 0 || zeros === ALL_SUBCLUSTERS))
    extents.plain(zeros === 0 ? 'backing' : 'zero', start, length);
  else mapSubclusters(range, clusterOffset, host, { zeros, allocated });
}

function mapSubclusters(
  range: TableRange,
  clusterOffset: number,
  host: number | null,
  { zeros, allocated }: { readonly zeros: number; readonly allocated: number },
): void {
  const { image, offset, end, extents } = range;
  const { clusterBytes } = image.layout;
  const subclusterBytes = clusterBytes / SUBCLUSTER_COUNT;
  const start = Math.max(offset, clusterOffset);
  const last = Math.min(end, clusterOffset + clusterBytes);
  for (let i = Math.floor((start - clusterOffset) / subclusterBytes); i < SUBCLUSTER_COUNT; i++) {
    const from = Math.max(start, clusterOffset + i * subclusterBytes);
    const length = Math.min(last, clusterOffset + (i + 1) * subclusterBytes) - from;
    if (length <= 0) return;
    const isZero = Math.floor(zeros / 2 ** i) % 2 === 1;
    const isAllocated = Math.floor(allocated / 2 ** i) % 2 === 1;
    if (isAllocated && (isZero || host === null)) {
      const where = `subcluster ${i} of the cluster at ${clusterOffset}`;
      throw invalid(`${where} is allocated, and ${isZero ? 'zeros' : 'its cluster is not'}`);
    }
    if (isZero) extents.plain('zero', from, length);
    else if (!isAllocated || host === null) extents.plain('backing', from, length);
    else addData(range, from, length, host, from - clusterOffset);
  }
}

/** Adds bytes of a cluster, or of a run of clusters, from `skippedBytes` behind its place in the file on. */
function addData(
  { extents }: TableRange,
  offset: number,
  length: number,
  host: number,
  skippedBytes: number,
): void {
  extents.data(offset, length, host + skippedBytes, skippedBytes);
}

/** Offset of the cluster in the file of clusters; null if it is not allocated. */
function hostOffset(
  { layout, hasDataFile }: MappedImage,
  clusterOffset: number,
  high: number,
  low: number,
): number | null {
  const host = offsetOf(high, low);
  if (host > MAX_HOST_OFFSET) throw tooFar(`cluster at ${clusterOffset}`, host);
  // Cluster 0 of an image is its header; of a data file it is the disk's first, and `COPIED` tells that it is there.
  if (host === 0 && !(hasDataFile && (high & COPIED) !== 0)) return null;
  if (hasDataFile && host !== clusterOffset) {
    throw invalid(
      `cluster at ${clusterOffset} is at ${host} of the data file, which must be the same`,
    );
  }
  if (host % layout.clusterBytes === 0) return host;
  return aligned(host, layout.clusterBytes, `cluster at ${clusterOffset}`);
}

function mapCompressed(
  { image, offset, end, extents }: TableRange,
  clusterOffset: number,
  high: number,
  low: number,
): void {
  if (image.hasDataFile) {
    throw invalid(`cluster at ${clusterOffset} is compressed, which no image with a data file has`);
  }
  const { clusterBits, clusterBytes } = image.layout;
  const { offsetBytes: host, lengthBytes } = streamOf(high, low, clusterBits);
  if (host > MAX_HOST_OFFSET) throw tooFar(`compressed cluster at ${clusterOffset}`, host);
  const size = image.tables.sizeBytes;
  const start = Math.max(offset, clusterOffset);
  const length = Math.min(end, clusterOffset + clusterBytes) - start;
  if (host >= size) {
    extents.missing(start, length, host, host + lengthBytes);
    return;
  }
  extents.compressed({
    kind: 'compressed',
    offsetBytes: start,
    lengthBytes: length,
    hostOffsetBytes: host,
    hostLengthBytes: Math.min(lengthBytes, size - host),
    blockOffsetBytes: clusterOffset,
    blockBytes: clusterBytes,
  });
}

function aligned(offset: number, clusterBytes: number, what: string): number {
  if (offset % clusterBytes === 0) return offset;
  throw invalid(`${what} is at ${offset}, no multiple of the cluster size ${clusterBytes}`);
}

function tooFar(what: string, host: number): FormatError {
  return new FormatError(
    'OUT_OF_BOUNDS',
    `qcow2: the ${what} is at ${BigInt(host)}; the limit is 2^52`,
  );
}

function noZeros(clusterOffset: number): FormatError {
  return invalid(`cluster at ${clusterOffset} is marked as zeros, which version 2 does not know`);
}
