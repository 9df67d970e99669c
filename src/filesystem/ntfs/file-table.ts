// The master file table ($MFT), whose first record tells where it lies, and the values of the files in it.
// References: ntfs-3g libntfs-3g/volume.c (ntfs_mft_load), attrib.c (ntfs_external_attr_find).
import { type GuestNtfsListEntry, parseNtfsListEntry } from '../../../generated/filesystem/ntfs.js';
import { firstSound, isAnyProblem } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { big, equals, int } from '../../validation/guest.js';
import { FileLimitError } from '../told.js';
import { ATTRIBUTE_LIST, DATA } from './attribute-types.js';
import type { Geometry } from './geometry.js';
import { type Attribute, type FileRecord, readRecord, recordNumber } from './record.js';
import type { ValueRun } from './runlist.js';
import {
  appendRuns,
  joinedValue,
  mappedClusters,
  readBytes,
  readValue,
  runsOf,
  type Value,
} from './value.js';

const LIST_ENTRY_BYTES = 26;
/** Windows lets a list grow no longer. */
const MAX_LIST_BYTES = 256 * KIB;
const U32_MAX = 0xffffffff;

export interface FileTable {
  readonly source: ByteSource;
  readonly geometry: Geometry;
  /** The first record: that of $MFT itself. */
  readonly first: FileRecord;
  /** The table's own content. */
  readonly content: Value;
}

/** An attribute of a file, by its type and its name in UTF-16; the content of a file has none. */
interface Wanted {
  readonly type: number;
  readonly name: Uint8Array;
  readonly what: string;
}

const NO_NAME = new Uint8Array(0);

export function unnamed(type: number, what: string): Wanted {
  return { type, name: NO_NAME, what };
}

/** @throws FormatError when neither the table's first record nor its mirror can be read. */
export async function openFileTable(source: ByteSource, geometry: Geometry): Promise<FileTable> {
  const first = await firstRecord(source, geometry);
  const partial = { source, geometry, content: null };
  const content = await openValue(partial, first, unnamed(DATA, '$MFT'));
  if (content !== null) return { source, geometry, first, content };
  throw new FormatError('INVALID', 'ntfs: $MFT has no content');
}

async function firstRecord(source: ByteSource, geometry: Geometry): Promise<FileRecord> {
  const { mftOffsetBytes, mirrorOffsetBytes, recordBytes } = geometry;
  const record = await firstSound(
    [mftOffsetBytes, mirrorOffsetBytes],
    async (offset) => readRecord(await source.read(offset, recordBytes), 0),
    isAnyProblem,
  );
  if (record !== null) return record;
  throw new FormatError('INVALID', 'ntfs: there is no first record');
}

/** A file by its number. @throws FormatError */
export async function readFileRecord(table: FileTable, number: number): Promise<FileRecord> {
  return recordIn(table, table.content, number);
}

type Volume = Pick<FileTable, 'source' | 'geometry'>;

async function recordIn(
  { source, geometry }: Volume,
  content: Value,
  number: number,
): Promise<FileRecord> {
  const { recordBytes } = geometry;
  const count = Math.floor(content.sizeBytes / recordBytes);
  if (number >= count) {
    const message = `ntfs: record ${number} is none of the ${count} of $MFT`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { number, count } });
  }
  const offset = number * recordBytes;
  return readRecord(await readBytes(source, geometry, content, offset, recordBytes), number);
}

/**
 * The value of a file's attribute, put together from all records that have a part of it; null if the file has none.
 * @param volume its `content` is null while it is $MFT itself that is put together: each part of it is in the parts
 *   before.
 * @throws FormatError, UnsupportedError
 */
export async function openValue(
  volume: Volume & { readonly content: Value | null },
  base: FileRecord,
  wanted: Wanted,
): Promise<Value | null> {
  const { geometry } = volume;
  const list = base.attributes.find(({ type }) => type === ATTRIBUTE_LIST);
  if (list === undefined) {
    const attribute = base.attributes.find((one) => isWanted(one, wanted, 0n));
    return attribute === undefined ? null : readValue(attribute, geometry, wanted.what);
  }
  let value: Value | null = null;
  const runs: ValueRun[] = [];
  for (const part of await listedParts(volume, list, wanted)) {
    const content = volume.content ?? (value === null ? null : { ...value, runs });
    const attribute = await attributeOf(volume, content, base, part, wanted);
    const isFirst = value === null;
    value ??= readValue(attribute, geometry, wanted.what);
    const more = isFirst
      ? value.runs
      : runsOf(attribute, mappedClusters(runs), geometry, wanted.what);
    appendRuns(runs, more, wanted.what);
  }
  return value === null ? null : { ...value, runs };
}

function isWanted(attribute: Attribute, { type, name }: Wanted, firstCluster: bigint): boolean {
  return (
    attribute.type === type &&
    attribute.firstCluster === firstCluster &&
    Buffer.compare(attribute.name, name) === 0
  );
}

interface Part {
  readonly recordNumber: number;
  readonly firstCluster: bigint;
}

/** The parts of an attribute, as its file's list of attributes has them. */
async function listedParts(
  volume: Volume,
  list: Attribute,
  { type, name, what }: Wanted,
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const { entry, bytes } of await listEntries(volume, [list], what)) {
    if (!equals(entry.type, type) || Buffer.compare(nameOf(entry, bytes), name) !== 0) continue;
    const firstCluster = big(entry.firstCluster, `ntfs: a part of ${what}`, 0n, 2n ** 63n - 1n);
    parts.push({ recordNumber: recordNumber(entry.record) ?? 0, firstCluster });
  }
  return parts;
}

interface ListEntry {
  readonly entry: GuestNtfsListEntry;
  readonly bytes: Uint8Array;
}

/** The entries of a list of attributes. @throws FormatError */
export async function listEntries(
  { source, geometry }: Volume,
  list: readonly Attribute[],
  what: string,
): Promise<readonly ListEntry[]> {
  const value = joinedValue(list, geometry, `the list of attributes of ${what}`);
  if (value.sizeBytes > MAX_LIST_BYTES) {
    const message = `ntfs: ${value.what} has ${value.sizeBytes} bytes, which are more than ${MAX_LIST_BYTES}`;
    throw new FileLimitError(message, MAX_LIST_BYTES);
  }
  const bytes = await readBytes(source, geometry, value, 0, value.sizeBytes);
  const entries: ListEntry[] = [];
  for (let at = 0; at + LIST_ENTRY_BYTES <= bytes.length; ) {
    const entry = parseNtfsListEntry(bytes.subarray(at));
    const length = int(
      entry.lenEntry,
      `ntfs: an entry of ${value.what}`,
      LIST_ENTRY_BYTES,
      bytes.length - at,
    );
    entries.push({ entry, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return entries;
}

function nameOf({ numName, ofsName }: GuestNtfsListEntry, bytes: Uint8Array): Uint8Array {
  const what = 'ntfs: name in a list of attributes';
  const length = 2 * int(numName, what, 0, Math.floor(bytes.length / 2));
  if (length === 0) return NO_NAME;
  const offset = int(ofsName, what, 0, bytes.length - length);
  return bytes.subarray(offset, offset + length);
}

/** @param content the clusters of $MFT that are known so far. @throws FormatError */
async function attributeOf(
  volume: Volume,
  content: Value | null,
  base: FileRecord,
  part: Part,
  wanted: Wanted,
): Promise<Attribute> {
  const number = part.recordNumber;
  let record = base;
  if (number !== base.number) {
    if (content === null || number > U32_MAX) {
      const message = `ntfs: ${wanted.what} begins in record ${number}, which is nowhere`;
      throw new FormatError('OUT_OF_BOUNDS', message);
    }
    record = await recordIn(volume, content, number);
    if (record.base?.number !== base.number) {
      const message = `ntfs: record ${number} should have a part of ${wanted.what}, but is of record ${record.base?.number ?? 'none'}`;
      throw new FormatError('INVALID', message, { data: { number } });
    }
  }
  const found = record.attributes.find((one) => isWanted(one, wanted, part.firstCluster));
  if (found !== undefined) return found;
  throw new FormatError('INVALID', `ntfs: record ${number} has no part of ${wanted.what}`);
}
