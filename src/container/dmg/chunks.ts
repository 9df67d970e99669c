// The chunks of a dmg, from its property list or its resource fork, in the order of the disk.
// References: QEMU block/dmg.c dmg_read_mish_block(), dmg_read_plist_xml(), dmg_read_resource_fork();
// CVE-2014-0145 for the bounds of a chunk.
import {
  DmgChunkKind,
  dmgChunkRecords,
  type GuestDmgBlockTable,
  type GuestDmgChunk,
  parseDmgBlockTable,
} from '../../../generated/container/dmg.js';
import { lastAtMost } from '../../bytes/search.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int } from '../../validation/guest.js';
import { readBlockTables } from './resources.js';
import { MAX_DISK_SECTORS, type Trailer } from './trailer.js';

/** The chunks as columns, by their number. They do not overlap, and are in the order of the disk. All numbers are bytes. */
export interface ChunkTable {
  readonly kinds: Float64Array;
  /** Where each chunk begins on the disk. */
  readonly starts: Float64Array;
  readonly lengths: Float64Array;
  readonly hostOffsets: Float64Array;
  readonly hostLengths: Float64Array;
}

interface Chunk {
  readonly kind: number;
  readonly start: number;
  readonly length: number;
  readonly hostOffset: number;
  readonly hostLength: number;
}

const TABLE_HEAD_BYTES = 204;
const CHUNK_BYTES = 40;
/** QEMU's own limit for a chunk that is decompressed at once, and for its stream. */
const MAX_CHUNK_BYTES = 64 * MIB;
/** 128 GiB in chunks of 256 KiB, which hdiutil writes; as numbers they take 20 MB. */
const MAX_CHUNKS = 2 ** 19;

/** @throws FormatError. */
export async function readChunks(file: ByteSource, trailer: Trailer): Promise<ChunkTable> {
  const tables = await readBlockTables(file, trailer);
  const total = tables.reduce((sum, bytes) => sum + chunkCount(bytes), 0);
  if (total > MAX_CHUNKS) {
    const message = `dmg: the disk has ${total} chunks; the limit is ${MAX_CHUNKS}`;
    throw new FormatError('LIMIT', message, { data: { count: total } });
  }
  const columns = makeColumns(total);
  let count = 0;
  for (const bytes of tables) {
    const table = parseDmgBlockTable(bytes.subarray(0, TABLE_HEAD_BYTES));
    const records = dmgChunkRecords(
      bytes.subarray(TABLE_HEAD_BYTES, TABLE_HEAD_BYTES + chunkCount(bytes) * CHUNK_BYTES),
    );
    const origin = originOf(table, trailer);
    for (let i = 0; i < records.length; i++) {
      const chunk = readChunk(records.at(i), count, origin, trailer);
      if (chunk !== null) setChunk(columns, count++, chunk);
    }
  }
  return checkedOrder(sorted(columns, count));
}

/** How many chunks the table has room for. The number that it states is the same, or wrong, so it is not asked. */
function chunkCount(bytes: Uint8Array): number {
  return Math.max(0, Math.floor((bytes.length - TABLE_HEAD_BYTES) / CHUNK_BYTES));
}

/** Where the numbers of a table's chunks count from: a sector of the disk, and an offset in the file. */
interface ChunkOrigin {
  readonly sector: number;
  readonly hostOffset: number;
}

function originOf(table: GuestDmgBlockTable, trailer: Trailer): ChunkOrigin {
  const sector = int(table.firstSector, 'dmg: first sector of a partition', 0, MAX_DISK_SECTORS);
  const offset = int(table.ofsData, "dmg: offset of a partition's chunks", 0, trailer.endBytes);
  return { sector, hostOffset: trailer.dataForkOffsetBytes + offset };
}

/** null for a comment, an end mark, or a chunk of no sectors. */
function readChunk(
  chunk: GuestDmgChunk,
  index: number,
  origin: ChunkOrigin,
  { sizeBytes, endBytes }: Trailer,
): Chunk | null {
  const kind = int(chunk.kind, `dmg: kind of chunk ${index}`, 0, 2 ** 32);
  if (kind === DmgChunkKind.COMMENT || kind === DmgChunkKind.LAST) return null;
  const what = (name: string) => `dmg: ${name} of chunk ${index}`;
  const diskSectors = sizeBytes / SECTOR_BYTES;
  const roomSectors = Math.max(0, diskSectors - origin.sector);
  const first = int(chunk.firstSector, what('first sector'), 0, roomSectors);
  const isEmpty = kind === DmgChunkKind.ZERO || kind === DmgChunkKind.IGNORE;
  const maxSectors =
    isEmpty || kind === DmgChunkKind.RAW ? diskSectors : MAX_CHUNK_BYTES / SECTOR_BYTES;
  const limit = Math.min(maxSectors, roomSectors - first);
  const length = int(chunk.numSectors, what('sectors'), 0, limit) * SECTOR_BYTES;
  if (length === 0) return null;
  const start = (origin.sector + first) * SECTOR_BYTES;
  if (isEmpty) return { kind, start, length, hostOffset: 0, hostLength: 0 };
  const room = endBytes - origin.hostOffset;
  const offset = int(chunk.ofsData, what('offset'), 0, Math.max(0, room));
  const maxStream =
    kind === DmgChunkKind.RAW ? room - offset : Math.min(MAX_CHUNK_BYTES, room - offset);
  const minStream = kind === DmgChunkKind.RAW ? length : 1;
  const hostLength = int(chunk.lenData, what('size'), minStream, maxStream);
  return { kind, start, length, hostOffset: origin.hostOffset + offset, hostLength };
}

function makeColumns(count: number): ChunkTable {
  const column = () => new Float64Array(count);
  return {
    kinds: column(),
    starts: column(),
    lengths: column(),
    hostOffsets: column(),
    hostLengths: column(),
  };
}

function setChunk(columns: ChunkTable, index: number, chunk: Chunk): void {
  columns.kinds[index] = chunk.kind;
  columns.starts[index] = chunk.start;
  columns.lengths[index] = chunk.length;
  columns.hostOffsets[index] = chunk.hostOffset;
  columns.hostLengths[index] = chunk.hostLength;
}

/** Writers keep the order of the disk, but partitions may stand in any. */
function sorted(columns: ChunkTable, count: number): ChunkTable {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const { starts } = columns;
  order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  const pick = (column: Float64Array) => Float64Array.from(order, (i) => column[i] ?? 0);
  return {
    kinds: pick(columns.kinds),
    starts: pick(columns.starts),
    lengths: pick(columns.lengths),
    hostOffsets: pick(columns.hostOffsets),
    hostLengths: pick(columns.hostLengths),
  };
}

function checkedOrder(table: ChunkTable): ChunkTable {
  const { starts, lengths } = table;
  for (let i = 1; i < starts.length; i++) {
    const end = (starts[i - 1] ?? 0) + (lengths[i - 1] ?? 0);
    const start = starts[i] ?? 0;
    if (start >= end) continue;
    throw new FormatError(
      'INVALID',
      `dmg: one chunk holds the disk's bytes up to ${end}, another those from ${start} on`,
      { data: { start, end } },
    );
  }
  return table;
}

/** The last chunk that begins at the offset or before it; -1 if none does. */
export function chunkAt({ starts }: ChunkTable, offset: number): number {
  return lastAtMost(offset, starts.length, (i) => starts[i]);
}

/** The names of the compressions that the chunks have, in the order of their numbers. */
export function kindNames({ kinds }: ChunkTable): readonly string[] {
  const used = new Set(kinds);
  const compressors = ['RAW', 'ADC', 'ZLIB', 'BZIP2', 'LZFSE', 'LZMA'] as const;
  return compressors
    .filter((name) => used.has(DmgChunkKind[name]))
    .map((name) => name.toLowerCase());
}
