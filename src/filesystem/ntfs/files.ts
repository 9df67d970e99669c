// The files of an NTFS volume, in the order of the master file table. The log is not replayed: only Windows knows how.
// References: ntfs-3g libntfs-3g/inode.c (ntfs_inode_open), mft.c (ntfs_mft_records_read); src/ntfs-3g.c (ntfs_fuse_filler);
// https://flatcap.github.io/linux-ntfs/ntfs/.
import { isSet } from '../../bytes/bit-runs.js';
import { FormatError, type VirtDfError } from '../../errors.js';
import { KIB } from '../../limits.js';
import type { FileId, FileNode, FileReader, FileWalk } from '../files.js';
import { tell, toldOf } from '../told.js';
import { visitsOf } from '../visits.js';
import { BITMAP } from './attribute-types.js';
import { extendedNames } from './extended-names.js';
import { fileOf } from './file-attributes.js';
import { fileNode } from './file-node.js';
import { type FileTable, openValue, readFileRecord, unnamed } from './file-table.js';
import { freeRanges, metadataRanges } from './layout.js';
import { type FileRecord, readRecordInUse } from './record.js';
import { readBytes, type Value } from './value.js';
import { type NtfsVolume, ROOT_DIRECTORY } from './volume-files.js';

const CHUNK_BYTES = 256 * KIB;

/** @param doubts why Windows may have other files: those of df. */
export async function ntfsFiles(
  table: FileTable,
  doubts: readonly VirtDfError[],
  walk: FileWalk,
): Promise<FileReader> {
  for (const error of doubts) walk.onDoubt({ id: null, error });
  const volumes = [table.source];
  let extended: Promise<ReadonlyMap<number, string>> | null = null;
  const volume: NtfsVolume = {
    table,
    volumes,
    walk,
    spend: visitsOf('ntfs: records and indexes', 'bytes', table.source.sizeBytes),
    extended() {
      extended ??= extendedNames(volume);
      return extended;
    },
  };
  const bitmap = await openValue(table, table.first, unnamed(BITMAP, 'the bitmap of $MFT'));
  if (bitmap === null) throw new FormatError('INVALID', 'ntfs: $MFT has no bitmap');
  return {
    volumes,
    roots: [{ tree: 0, number: ROOT_DIRECTORY }],
    hasPiecesBeside: true,
    files: () => allFiles(volume, bitmap),
    file: (id) => fileAt(volume, bitmap, id),
    free: () => toldOf(volume, null, freeRanges(volume)),
    metadata: () => metadataRanges(volume),
  };
}

/** Records behind these were never written. */
function recordCount({ table: { content, geometry } }: NtfsVolume, bitmap: Value): number {
  const records = Math.floor(content.initializedBytes / geometry.recordBytes);
  return Math.min(records, bitmap.sizeBytes * 8);
}

async function* allFiles(
  volume: NtfsVolume,
  bitmap: Value,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  const perChunk = Math.max(8, CHUNK_BYTES / volume.table.geometry.recordBytes);
  const count = recordCount(volume, bitmap);
  for (let first = 0; first < count; first += perChunk) {
    const inChunk = Math.min(perChunk, count - first);
    yield* toldOf(volume, null, filesOfChunk(volume, bitmap, first, inChunk));
  }
}

/** Those of the records from the first one on. */
async function* filesOfChunk(
  volume: NtfsVolume,
  bitmap: Value,
  first: number,
  count: number,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  const { source, geometry, content } = volume.table;
  const { recordBytes } = geometry;
  const bitBytes = Math.ceil(count / 8);
  volume.spend(bitBytes);
  const bits = await readBytes(source, geometry, bitmap, first / 8, bitBytes);
  const used: number[] = [];
  for (let i = 0; i < count; i++) if (isSet(bits, i)) used.push(i);
  const [from, last] = [used[0], used.at(-1)];
  if (from === undefined || last === undefined) return;
  const start = (first + from) * recordBytes;
  const length = (last - from + 1) * recordBytes;
  volume.spend(length);
  const bytes = await readBytes(source, geometry, content, start, length);
  const page: FileNode[] = [];
  for (const i of used) {
    const at = (i - from) * recordBytes;
    const node = await nodeOrTell(volume, first + i, bytes.subarray(at, at + recordBytes));
    if (node !== null) page.push(node);
  }
  if (page.length > 0) yield page;
}

/** null for a record that is a part of another one's file, and for one that is free. */
async function nodeOrTell(
  volume: NtfsVolume,
  number: number,
  bytes: Uint8Array,
): Promise<FileNode | null> {
  try {
    const record = readRecordInUse(bytes, number);
    return record === null ? null : await nodeOf(volume, record);
  } catch (error) {
    tell(volume, number, error);
    return null;
  }
}

async function nodeOf(volume: NtfsVolume, record: FileRecord): Promise<FileNode | null> {
  return record.base === null ? fileNode(volume, await fileOf(volume, record)) : null;
}

async function fileAt(
  volume: NtfsVolume,
  bitmap: Value,
  { tree, number }: FileId,
): Promise<FileNode | null> {
  const { table } = volume;
  const isPlace =
    Number.isSafeInteger(number) && number >= 0 && number < recordCount(volume, bitmap);
  if (tree !== 0 || !isPlace) return null;
  const bits = await readBytes(table.source, table.geometry, bitmap, Math.floor(number / 8), 1);
  if (!isSet(bits, number % 8)) return null;
  return nodeOf(volume, await readFileRecord(table, number));
}
