// Maps a sparse extent. All kinds of them have a directory of grain tables, whose entries tell where each grain is; they
// differ only in how an entry is read.
// References: QEMU block/vmdk.c get_cluster_offset(), vmdk_co_block_status().

import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { DiskExtent, PlainExtent } from '../tables/disk-extent.js';
import { extentBuilder } from '../tables/extent-builder.js';
import type { FileEnd } from '../tables/file-end.js';

/** Where a grain begins in its file; `none` if it is not there: it is the parent's, or zeros. */
export type Grain = number | 'zero' | 'none';

export interface SparseExtent {
  readonly file: ByteSource;
  readonly end: FileEnd;
  /** The size of the extent by its header. */
  readonly sizeBytes: number;
  readonly grainBytes: number;
  readonly grainsPerTable: number;
  /** Where `count` tables begin in the file, from the index `first` on; null for a table that is not there. */
  tables(first: number, count: number): Promise<readonly (number | null)[]>;
  /** `count` grains of the table that begins at the offset. */
  grains(tableOffsetBytes: number, first: number, count: number): Promise<readonly Grain[]>;
  /** How grains are compressed; null if they are not. */
  readonly compression: { readonly hasMarkers: boolean } | null;
  /** Where the headers and the directory end, which are in use even without a grain. */
  readonly overheadBytes: number;
  readonly tableBytes: number;
  readonly features: readonly string[];
}

/** Entries of a directory that are read at once, to pass over tables that are not there. */
const TABLES_PER_STEP = 1024;

/** How much of the extent one grain table describes. */
export function coverageBytes(extent: SparseExtent): number {
  return extent.grainsPerTable * extent.grainBytes;
}

/** A stream and its marker are read with twice the room of a grain, as QEMU does: deflate may make data longer. */
export function maxStreamBytes({ grainBytes }: SparseExtent): number {
  return 2 * grainBytes;
}

/**
 * The first extents of a range, with offsets in the extent and in its file: in order, without gaps, as few as possible.
 * @throws FormatError OUT_OF_BOUNDS.
 */
export async function mapGrains(
  extent: SparseExtent,
  offset: number,
  wantedBytes: number,
): Promise<readonly DiskExtent[]> {
  const coverage = coverageBytes(extent);
  const index = Math.floor(offset / coverage);
  const tableCount = Math.ceil((offset + wantedBytes) / coverage) - index;
  const tables = await extent.tables(index, Math.min(tableCount, TABLES_PER_STEP));
  const [table = null] = tables;
  const found = tables.findIndex((one) => one !== null);
  const covered = table === null ? (found === -1 ? tables.length : found) : 1;
  const lengthBytes = Math.min(wantedBytes, (index + covered) * coverage - offset);
  if (table === null) return [{ kind: 'backing', offsetBytes: offset, lengthBytes }];
  const tableEnd = table + extent.tableBytes;
  if (tableEnd > extent.file.sizeBytes) {
    const extents = extentBuilder(extent.end);
    extents.missing(offset, lengthBytes, table, tableEnd);
    return extents.finish();
  }
  const first = Math.floor(offset / extent.grainBytes);
  const last = Math.floor((offset + lengthBytes - 1) / extent.grainBytes);
  const range = { offset, end: offset + lengthBytes, first, count: last - first + 1 };
  return extent.compression === null
    ? mapPlain(extent, table, range)
    : mapCompressed(extent, table, range);
}

/** A range of the extent, and the grains that it touches. */
interface GrainRange {
  readonly offset: number;
  readonly end: number;
  /** The first grain, counted from the extent's beginning. */
  readonly first: number;
  readonly count: number;
}

async function mapPlain(
  extent: SparseExtent,
  table: number,
  { offset, end, first, count }: GrainRange,
): Promise<readonly DiskExtent[]> {
  const { end: fileEnd, grainBytes, grainsPerTable } = extent;
  const extents = extentBuilder(fileEnd);
  const grains = await extent.grains(table, first % grainsPerTable, count);
  for (const [i, grain] of grains.entries()) {
    const start = (first + i) * grainBytes;
    const from = Math.max(offset, start);
    const to = Math.min(end, start + grainBytes);
    if (typeof grain !== 'number') {
      extents.plain(kindOf(grain), from, to - from);
      continue;
    }
    extents.data(from, to - from, grain + (from - start), from - start);
  }
  return extents.finish();
}

async function mapCompressed(
  extent: SparseExtent,
  table: number,
  { offset, end, first, count }: GrainRange,
): Promise<readonly DiskExtent[]> {
  const { file, sizeBytes, grainBytes, grainsPerTable } = extent;
  const start = first % grainsPerTable;
  // One more than is wanted: where the next stream begins, this one has ended.
  const grains = await extent.grains(table, start, Math.min(count + 1, grainsPerTable - start));
  const extents = extentBuilder(extent.end);
  for (let i = 0; i < count; i++) {
    const grain = grains[i] ?? 'none';
    const blockOffsetBytes = (first + i) * grainBytes;
    const from = Math.max(offset, blockOffsetBytes);
    const to = Math.min(end, blockOffsetBytes + grainBytes);
    if (typeof grain !== 'number') {
      extents.plain(kindOf(grain), from, to - from);
      continue;
    }
    if (grain >= file.sizeBytes) {
      extents.missing(from, to - from, grain, grain + SECTOR_BYTES);
      continue;
    }
    const next = grains[i + 1];
    const room = Math.min(maxStreamBytes(extent), file.sizeBytes - grain);
    const isNextBehind = typeof next === 'number' && next > grain;
    extents.compressed({
      kind: 'compressed',
      offsetBytes: from,
      lengthBytes: to - from,
      hostOffsetBytes: grain,
      hostLengthBytes: isNextBehind ? Math.min(room, next - grain) : room,
      blockOffsetBytes,
      blockBytes: Math.min(grainBytes, sizeBytes - blockOffsetBytes),
    });
  }
  return extents.finish();
}

function kindOf(grain: 'zero' | 'none'): PlainExtent['kind'] {
  return grain === 'zero' ? 'zero' : 'backing';
}

/** @throws FormatError OUT_OF_BOUNDS unless the area lies within the file. */
export function checkArea(
  file: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
  what: string,
): void {
  if (offsetBytes + lengthBytes <= file.sizeBytes) return;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `${what} has ${lengthBytes} bytes at ${offsetBytes} of a file of ${file.sizeBytes} bytes`,
    { data: { offsetBytes, lengthBytes, sizeBytes: file.sizeBytes } },
  );
}
