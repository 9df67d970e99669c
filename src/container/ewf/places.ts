// Finds where the chunks of the disk lie in the segment files, by the tables in them.
// References: J. Metz, "Expert Witness Compression Format specification", section "Table section", with the note on
// segment files of more than 2 GiB; libewf libewf_table_section.c.
import { ewfTableEntryRecords, parseEwfAdler } from '../../../generated/container/ewf.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { equals, u32 } from '../../validation/guest.js';
import { adler32 } from './adler32.js';
import { ENTRY_BYTES, type Segment, type Table } from './sections.js';
import type { Volume } from './volume.js';

export interface ChunkParts {
  /** The path of the first file, for keys of the cache. */
  readonly path: string;
  readonly scope: Scope;
  readonly volume: Volume;
  readonly segments: readonly Segment[];
  /** The segments' files. */
  readonly parts: readonly ByteSource[];
}

/** Where a chunk's bytes lie. */
interface ChunkPlace {
  readonly isCompressed: boolean;
  /** Offset in the segment's file. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly segment: number;
}

/** A table, and the number of the chunk that its first entry describes. */
interface NumberedTable {
  readonly firstChunk: number;
  readonly segment: number;
  readonly table: Table;
}

const CHECKSUM_BYTES = 4;
const COMPRESSED_MARK = 2 ** 31;
/** zlib makes incompressible bytes a little longer: at worst by 5 bytes for each 16 KiB, a header and a checksum. */
const SPARE_BYTES = 1024;

/** The tables, which have fewer chunks than the disk if a segment file is cut. */
export function numberedTables({
  segments,
}: Pick<ChunkParts, 'segments'>): readonly NumberedTable[] {
  const numbered: NumberedTable[] = [];
  let firstChunk = 0;
  for (const [segment, { tables }] of segments.entries()) {
    for (const table of tables) {
      if (table.entryCount > 0) numbered.push({ firstChunk, segment, table });
      firstChunk += table.entryCount;
    }
  }
  return numbered;
}

/** How many chunks the tables have. */
export function chunkCountOf(tables: readonly NumberedTable[]): number {
  const last = tables.at(-1);
  return last === undefined ? 0 : last.firstChunk + last.table.entryCount;
}

/** Why the disk is not all there: its tables have fewer chunks than it has. */
export function missingChunks(chunks: number, { chunkCount }: Volume): FormatError | null {
  if (chunks >= chunkCount) return null;
  const message = `ewf: the tables have ${chunks} chunks; the disk has ${chunkCount}: a segment file is cut, and what is missing is not read`;
  return new FormatError('TRUNCATED', message, { data: { chunks, wanted: chunkCount } });
}

export function sourceOf({ parts }: ChunkParts, segment: number): ByteSource {
  const source = parts[segment];
  if (source === undefined) throw new Error(`no segment ${segment}`);
  return source;
}

/** @throws FormatError. */
export async function placeChunk(
  parts: ChunkParts,
  numbered: readonly NumberedTable[],
  index: number,
): Promise<ChunkPlace> {
  const found = tableWith(numbered, index);
  const source = sourceOf(parts, found.segment);
  const { baseBytes, chunksEndBytes, entryCount } = found.table;
  const entries = ewfTableEntryRecords(await tableBytes(parts, found));
  const entryIndex = index - found.firstChunk;
  const valueAt = (i: number): number => u32(entries.at(i).value);
  const overflowIndex = overflowOf(found.table, valueAt);
  const offsetAt = (i: number): number => {
    const value = valueAt(i);
    return baseBytes + (i >= overflowIndex ? value : value % COMPRESSED_MARK);
  };
  const isCompressed = entryIndex < overflowIndex && valueAt(entryIndex) >= COMPRESSED_MARK;
  const offsetBytes = offsetAt(entryIndex);
  const next = entryIndex + 1 < entryCount ? offsetAt(entryIndex + 1) : chunksEndBytes;
  const longest = parts.volume.chunkBytes + Math.ceil(parts.volume.chunkBytes / 1024) + SPARE_BYTES;
  // Behind the last chunk, or one that is out of order, other things than the next chunk may follow: its length is bounded.
  const lengthBytes = Math.min(next > offsetBytes ? next - offsetBytes : longest, longest);
  if (offsetBytes < source.sizeBytes) {
    const held = Math.min(lengthBytes, source.sizeBytes - offsetBytes);
    return { isCompressed, offsetBytes, lengthBytes: held, segment: found.segment };
  }
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `ewf: chunk ${index} is at ${offsetBytes} of a file of ${source.sizeBytes} bytes`,
    { data: { index, offsetBytes } },
  );
}

function tableWith(numbered: readonly NumberedTable[], index: number): NumberedTable {
  const found = numbered[lastAtMost(index, numbered.length, (i) => numbered[i]?.firstChunk)];
  if (found !== undefined && index < found.firstChunk + found.table.entryCount) return found;
  throw new FormatError('TRUNCATED', `ewf: no table has the chunk ${index}: a segment file is cut`);
}

/**
 * The index of the first entry whose highest bit belongs to the offset and does not mark a compressed chunk: EnCase 6.7
 * writes the entries of chunks behind the first 2 GiB of a file so. `entryCount` if there is none.
 */
function overflowOf(
  { entryCount, baseBytes, chunksEndBytes }: Table,
  valueAt: (i: number) => number,
) {
  if (chunksEndBytes - baseBytes <= COMPRESSED_MARK - 1) return entryCount;
  for (let i = 1; i < entryCount; i++) {
    const before = valueAt(i - 1) % COMPRESSED_MARK;
    // Offsets only grow. One that would be smaller than the one before if its highest bit were a mark has no mark.
    if (valueAt(i) % COMPRESSED_MARK < before) return i;
  }
  return entryCount;
}

/** The entries of a table, or of its copy if the table is damaged. SMART's tables have no checksum. */
async function tableBytes(
  parts: ChunkParts,
  { segment, table }: NumberedTable,
): Promise<Uint8Array> {
  const { path, scope, volume } = parts;
  const source = sourceOf(parts, segment);
  const length = table.entryCount * ENTRY_BYTES;
  const key = `${path}@ewf-table:${segment}:${table.entriesAt[0]}`;
  const held = scope.clusters.get(key);
  if (held?.length === length) return held;
  for (const at of table.entriesAt) {
    const wanted = Math.min(length + CHECKSUM_BYTES, source.sizeBytes - at);
    const bytes = await source.read(at, wanted);
    const entries = bytes.subarray(0, length);
    const stored = bytes.subarray(length);
    const isSound =
      volume.isSmart ||
      (stored.length === CHECKSUM_BYTES && equals(parseEwfAdler(stored).value, adler32(entries)));
    if (!isSound) continue;
    scope.clusters.set(key, entries);
    return entries;
  }
  const message = `ewf: the entries of the table at ${table.entriesAt[0]} do not match their checksum`;
  throw new FormatError('BAD_CHECKSUM', message, { data: { segment } });
}
