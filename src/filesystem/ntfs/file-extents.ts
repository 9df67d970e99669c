// The pieces of a file of NTFS: its content, and what else of it has clusters. Named streams are content without a place in the
// file, so that they are `attributes` here, as extended attributes, object ids and the rest.
// References: ntfs-3g libntfs-3g/attrib.c (ntfs_attr_pread_i: initialized_size), compress.c (ntfs_is_cb_compressed);
// include/ntfs-3g/layout.h (ATTR_TYPES).
import { FormatError } from '../../errors.js';
import { hasFlag, int } from '../../validation/guest.js';
import { type FileExtent, type StoredExtent, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import {
  ATTRIBUTE_LIST,
  BITMAP,
  DATA,
  INDEX_ALLOCATION,
  INDEX_NAME,
  REPARSE_POINT,
} from './attribute-types.js';
import { compressedPieces } from './compressed-runs.js';
import { inOrder, nameOf } from './file-attributes.js';
import type { ValueRun } from './runlist.js';
import type { Special } from './special-file.js';
import {
  COMPRESSED,
  CONTENT_FLAGS,
  ENCRYPTED,
  mappedClusters,
  readSizes,
  residentPlace,
  runsOf,
} from './value.js';
import {
  BAD_CLUSTERS_FILE,
  type FileAttribute,
  LOG_FILE,
  type NtfsFile,
  type NtfsVolume,
  recordRanges,
} from './volume-files.js';

const BAD_NAME = '$Bad';
const PAGE = 256;
const MAX_LOG_UNIT = 16;

/** `content` has a place in the file; `elsewhere` is told as metadata. */
type Part = 'content' | 'elsewhere' | 'map' | 'attributes';

export async function* extentPages(
  volume: NtfsVolume,
  file: NtfsFile,
  special: Special | null,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  const { number } = file.record;
  for (const parts of values(file)) {
    yield* toldOf(volume, number, pagesOf(valueExtents(volume, file, special, parts)));
  }
}

/** The attributes, those of one value together. */
function values({ attributes }: NtfsFile): Iterable<readonly FileAttribute[]> {
  const found = new Map<string, FileAttribute[]>();
  for (const one of attributes) {
    const { attribute } = one;
    const key =
      attribute.name.length === 0 ? `${attribute.type}` : `${attribute.type} ${nameOf(attribute)}`;
    const others = found.get(key);
    if (others === undefined) found.set(key, [one]);
    else others.push(one);
  }
  return found.values();
}

async function* pagesOf(
  extents: Iterable<FileExtent>,
): AsyncGenerator<readonly FileExtent[], void, undefined> {
  let page: FileExtent[] = [];
  const pages = extents[Symbol.iterator]();
  for (;;) {
    let next: IteratorResult<FileExtent>;
    try {
      next = pages.next();
    } catch (error) {
      // What came before what is damaged.
      if (page.length > 0) yield page;
      throw error;
    }
    if (next.done) break;
    page.push(next.value);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function* valueExtents(
  volume: NtfsVolume,
  file: NtfsFile,
  special: Special | null,
  unordered: readonly FileAttribute[],
): Generator<FileExtent> {
  const parts = inOrder(unordered);
  const [first] = parts;
  if (first === undefined) return;
  const part = partOf(file, special, first);
  if (first.attribute.head.clusters !== undefined) {
    yield* part === 'content'
      ? contentExtents(volume, file, parts)
      : otherExtents(volume, file, parts, part);
  } else if (part === 'content') {
    yield* inlineExtents(volume, first, special);
  }
}

function partOf({ record }: NtfsFile, special: Special | null, { attribute }: FileAttribute): Part {
  const { type } = attribute;
  const name = nameOf(attribute);
  if (record.number === BAD_CLUSTERS_FILE && type === DATA && name === BAD_NAME) return 'elsewhere';
  if (record.number === LOG_FILE && type === DATA && name === '') return 'elsewhere';
  if (type === ATTRIBUTE_LIST) return 'map';
  if (type === BITMAP) return 'map';
  const isLink = special?.from === 'reparse point';
  if (isLink) return type === REPARSE_POINT ? 'content' : 'attributes';
  const isContent = record.isDirectory
    ? type === INDEX_ALLOCATION && name === INDEX_NAME
    : type === DATA && name === '';
  return isContent ? 'content' : 'attributes';
}

function* inlineExtents(
  volume: NtfsVolume,
  { attribute, recordNumber }: FileAttribute,
  special: Special | null,
): Generator<FileExtent> {
  const { resident } = attribute.head;
  if (resident === undefined) return;
  const { bytes } = attribute;
  const { offset, sizeBytes } = residentPlace(resident, bytes, 'a value');
  const ranges = recordRanges(volume, recordNumber, attribute.offsetBytes + offset, sizeBytes);
  const linkBytes = special?.kind === 'symlink' ? special.sizeBytes : null;
  let offsetBytes = 0;
  for (const at of ranges) {
    // A target is stored in another form than it is shown.
    const lengthBytes = linkBytes ?? at.lengthBytes;
    if (lengthBytes > 0) yield { kind: 'inline', offsetBytes, lengthBytes, at };
    if (linkBytes !== null) return;
    offsetBytes += lengthBytes;
  }
}

/** The runs of a value, up to a damaged part. */
function* runsOfParts(
  { table: { geometry } }: NtfsVolume,
  parts: readonly FileAttribute[],
  what: string,
): Generator<ValueRun> {
  let next = 0;
  for (const { attribute } of parts) {
    const runs = runsOf(attribute, next, geometry, what);
    for (const run of runs) {
      const end = (run.firstCluster + run.clusterCount) * geometry.clusterBytes;
      if (end > Number.MAX_SAFE_INTEGER) {
        throw new FormatError('OUT_OF_BOUNDS', `ntfs: ${what} has a run up to its byte ${end}`);
      }
      yield run;
    }
    next = runs.length === 0 ? next : mappedClusters(runs);
  }
}

function* otherExtents(
  volume: NtfsVolume,
  { record }: NtfsFile,
  parts: readonly FileAttribute[],
  part: Part,
): Generator<FileExtent> {
  if (part === 'elsewhere' && record.number === BAD_CLUSTERS_FILE) return;
  const { geometry } = volume.table;
  const { clusterBytes } = geometry;
  for (const run of runsOfParts(volume, parts, `a part of record ${record.number}`)) {
    if (run.volumeCluster === null) continue;
    const lengthBytes = run.clusterCount * clusterBytes;
    const at = volumeRange(volume.volumes, run.volumeCluster * clusterBytes, lengthBytes);
    if (part === 'map' || part === 'attributes') {
      const kind = part;
      yield { kind, offsetBytes: null, lengthBytes: 0, at, isShared: false, countedAs: 'used' };
    } else {
      yield { kind: 'inline', offsetBytes: run.firstCluster * clusterBytes, lengthBytes, at };
    }
  }
}

function* contentExtents(
  volume: NtfsVolume,
  { record }: NtfsFile,
  parts: readonly FileAttribute[],
): Generator<FileExtent> {
  const { geometry } = volume.table;
  const [first] = parts;
  if (first === undefined) return;
  const { head } = first.attribute;
  const what = `the content of record ${record.number}`;
  const { sizeBytes, initializedBytes } = readSizes(first.attribute, what, CONTENT_FLAGS);
  const unit = hasFlag(head.flags, COMPRESSED)
    ? int(head.clusters?.compressionUnit ?? head.flags, `ntfs: unit of ${what}`, 0, MAX_LOG_UNIT)
    : 0;
  const kind = hasFlag(head.flags, ENCRYPTED) ? 'encrypted' : 'data';
  const writtenBytes = initializedBytes < sizeBytes ? initializedBytes : Number.POSITIVE_INFINITY;
  const runs = runsOfParts(volume, parts, what);
  let end = 0;
  if (unit > 0) {
    for (const extent of compressedPieces(volume, runs, 2 ** unit)) {
      end = (extent.offsetBytes ?? end) + extent.lengthBytes;
      yield extent;
    }
  } else {
    for (const run of runs) {
      end = (run.firstCluster + run.clusterCount) * geometry.clusterBytes;
      yield* piecesOf(volume, run, kind, writtenBytes);
    }
  }
  if (end >= sizeBytes) return;
  const words = `${what} has ${sizeBytes} bytes, and runs for ${end}`;
  throw new FormatError('INVALID', `ntfs: ${words}`);
}

/** What lies behind the last byte that was written reads as zeros. */
function* piecesOf(
  { volumes, table }: NtfsVolume,
  { firstCluster, clusterCount, volumeCluster }: ValueRun,
  kind: 'data' | 'encrypted',
  writtenBytes: number,
): Generator<FileExtent> {
  const { clusterBytes } = table.geometry;
  const offsetBytes = firstCluster * clusterBytes;
  const lengthBytes = clusterCount * clusterBytes;
  if (volumeCluster === null) {
    yield { kind: 'hole', offsetBytes, lengthBytes };
    return;
  }
  const written = Math.min(lengthBytes, Math.max(0, writtenBytes - offsetBytes));
  const start = volumeCluster * clusterBytes;
  const piece = (of: StoredExtent['kind'], from: number, to: number): StoredExtent => ({
    kind: of,
    offsetBytes: offsetBytes + from,
    lengthBytes: to - from,
    at: volumeRange(volumes, start + from, to - from),
    isShared: false,
    countedAs: 'used',
  });
  if (written > 0) yield piece(kind, 0, written);
  if (written < lengthBytes) yield piece('unwritten', written, lengthBytes);
}
