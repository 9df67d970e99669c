// What each byte of a filesystem is that an overlay holds: of which file, which metadata, or free by now; and whether it is
// another byte than in the base, since whole clusters are stored where a part of one was written.

import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import type { FileNode, FileReader, VolumeRange } from '../../filesystem/files.js';
import { KIB } from '../../limits.js';
import type { Memory } from '../files/columns.js';
import { differingBytesOf } from './content.js';
import { type RangeSet, rangeSet } from './range-set.js';
import type { OverlayPart, PartKind } from './record.js';
import { type FileKey, keyOf } from './state.js';

interface StoredFilesystem {
  readonly device: string;
  readonly old: FileReader;
  readonly other: FileReader;
  /** The bytes as they are stored, before the replay of a log, by the readers' volumes. */
  readonly sources: readonly { readonly old: ByteSource; readonly other: ByteSource }[];
  /** Of each volume, what the overlay holds. */
  readonly stored: readonly RangeSet[];
  /** Files that differ, and their paths. */
  readonly changed: ReadonlyMap<FileKey, OverlayPart['path']>;
  readonly memory: Memory;
}

/** A part as it is added up. */
type Sum = { -readonly [key in keyof OverlayPart]: OverlayPart[key] } & { differingBytes: number };

/** A stretch of a volume that is stored, and the part that it belongs to. */
interface Piece {
  readonly volumeIndex: number;
  readonly start: number;
  readonly end: number;
  readonly sum: Sum;
}

const PIECE_BYTES = 100;
const CHUNK_BYTES = 64 * KIB;

/** The sum of all is what the overlay holds of the filesystem. */
export async function partsOf(filesystem: StoredFilesystem): Promise<readonly OverlayPart[]> {
  const sums = new Map<string, Sum>();
  const pieces: Piece[] = [];
  const add: Add = (at, sum) => {
    const { volumeIndex, offsetBytes, lengthBytes } = at;
    const stored = filesystem.stored[volumeIndex];
    const before = pieces.length;
    for (const range of stored?.within(offsetBytes, lengthBytes) ?? []) {
      filesystem.memory.take(PIECE_BYTES);
      const end = range.offsetBytes + range.lengthBytes;
      pieces.push({ volumeIndex, start: range.offsetBytes, end, sum });
    }
    return pieces.length > before;
  };
  const sumOf: SumOf = (kind, name, path = null, key = '') => {
    const id = `${kind} ${name} ${key}`;
    const known = sums.get(id);
    if (known !== undefined) return known;
    const { device } = filesystem;
    const counts = { storedBytes: 0, differingBytes: 0, fileCount: null };
    const sum: Sum = { device, kind, name, path, ...counts };
    sums.set(id, sum);
    return sum;
  };
  await addFiles(filesystem, add, sumOf);
  for await (const ranges of filesystem.other.metadata()) {
    for (const { at, name, kind } of ranges) {
      add(at, sumOf(kind === 'log' ? 'log' : 'metadata', name));
    }
  }
  await addFree(filesystem, add, sumOf);
  await count(filesystem, pieces);
  const whole = filesystem.stored.reduce((bytes, { byteCount }) => bytes + byteCount, 0);
  const counted = [...sums.values()].reduce((bytes, { storedBytes }) => bytes + storedBytes, 0);
  if (whole > counted) sumOf('unaccounted', 'not known').storedBytes = whole - counted;
  return [...sums.values()].filter(({ storedBytes }) => storedBytes > 0);
}

/** @returns whether a byte of it is stored. */
type Add = (at: VolumeRange, sum: Sum) => boolean;
type SumOf = (kind: PartKind, name: string, path?: OverlayPart['path'], key?: string) => Sum;

async function addFiles(
  { other, changed }: StoredFilesystem,
  add: Add,
  sumOf: SumOf,
): Promise<void> {
  for await (const nodes of other.files()) {
    for (const node of nodes) {
      const sum = sumOfFile(node, changed, sumOf);
      let isStored = false;
      for await (const extents of node.extents()) {
        for (const extent of extents) {
          if (extent.kind === 'hole' || extent.kind === 'inline') continue;
          for (const at of [extent.at, ...(extent.copies ?? [])]) {
            isStored = add(at, sum) || isStored;
          }
        }
      }
      if (isStored && node.system === null) sum.fileCount = (sum.fileCount ?? 0) + 1;
    }
  }
}

function sumOfFile(node: FileNode, changed: StoredFilesystem['changed'], sumOf: SumOf): Sum {
  if (node.system !== null) {
    return sumOf(/journal|\$LogFile/u.test(node.system) ? 'log' : 'metadata', node.system);
  }
  const key = keyOf(node.id);
  const path = changed.get(key);
  const kind = node.kind === 'directory' ? 'directory' : 'file';
  if (path !== undefined) return sumOf(kind, kind, path, key);
  if (node.linkCount === 0) return sumOf('file', 'deleted, and still open');
  return sumOf(
    'unchanged',
    node.kind === 'directory' ? 'directories that do not differ' : 'files that do not differ',
  );
}

/** Free in both states: it was a file in between, or a cluster's rest. */
async function addFree({ old, other }: StoredFilesystem, add: Add, sumOf: SumOf): Promise<void> {
  const before = await Promise.all(
    old.volumes.map((_, volumeIndex) => rangeSet(freeOf(old, volumeIndex))),
  );
  for await (const ranges of other.free()) {
    for (const at of ranges) {
      const { volumeIndex, offsetBytes, lengthBytes } = at;
      let done = offsetBytes;
      const freed = (end: number) => {
        const length = end - done;
        const range = { volumeIndex, offsetBytes: done, lengthBytes: length };
        if (length > 0) add(range, sumOf('freed', 'free, and used in the base'));
      };
      for (const both of before[volumeIndex]?.within(offsetBytes, lengthBytes) ?? []) {
        freed(both.offsetBytes);
        add({ volumeIndex, ...both }, sumOf('temporary', 'free in both states'));
        done = both.offsetBytes + both.lengthBytes;
      }
      freed(offsetBytes + lengthBytes);
    }
  }
}

async function* freeOf(reader: FileReader, volumeIndex: number) {
  for await (const ranges of reader.free()) {
    yield ranges.filter((range) => range.volumeIndex === volumeIndex);
  }
}

/** Each byte once, though several files may share it. */
async function count({ sources }: StoredFilesystem, pieces: Piece[]): Promise<void> {
  pieces.sort((a, b) => a.volumeIndex - b.volumeIndex || a.start - b.start);
  let [volume, at] = [0, 0];
  for (const { volumeIndex, start, end, sum } of pieces) {
    if (volumeIndex !== volume) [volume, at] = [volumeIndex, 0];
    const from = Math.max(at, start);
    if (from >= end) continue;
    at = end;
    sum.storedBytes += end - from;
    const source = sources[volumeIndex];
    if (source !== undefined) sum.differingBytes += await differing(source, from, end);
  }
}

async function differing(
  { old, other }: StoredFilesystem['sources'][number],
  start: number,
  end: number,
): Promise<number> {
  let differingBytes = Math.max(0, end - Math.max(start, old.sizeBytes));
  const common = Math.min(end, old.sizeBytes);
  for (let at = start; at < common; ) {
    const length = Math.min(CHUNK_BYTES - (at % SECTOR_BYTES), common - at);
    const [a, b] = [await old.read(at, length), await other.read(at, length)];
    differingBytes += differingBytesOf(a, b, at % SECTOR_BYTES);
    at += length;
  }
  return differingBytes;
}
