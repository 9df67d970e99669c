// The names in a directory of NTFS: the entries of its index, block by block, in whatever order the tree has them.
// References: ntfs-3g libntfs-3g/dir.c (ntfs_readdir, ntfs_filldir); src/ntfs-3g.c (ntfs_fuse_filler); include/ntfs-3g/layout.h
// (INDEX_ROOT, INDEX_BLOCK, INDEX_ENTRY, FILE_NAME_ATTR).
import {
  ntfsFileNameRecords,
  ntfsIndexEntryHeadRecords,
  parseNtfsIndexBlock,
  parseNtfsIndexHeader,
  parseNtfsIndexRoot,
} from '../../../generated/filesystem/ntfs.js';
import { isSet } from '../../bytes/bit-runs.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, int, powerOfTwo } from '../../validation/guest.js';
import { nameProblem } from '../file-kinds.js';
import { type DirectoryEntry, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import { nameBytes } from '../utf16-names.js';
import { BITMAP, INDEX_ALLOCATION, INDEX_NAME, INDEX_ROOT } from './attribute-types.js';
import { partsOf } from './file-attributes.js';
import { recordId, withoutProtection } from './record.js';
import type { Special } from './special-file.js';
import { joinedValue, readBytes, residentBytes, type Value } from './value.js';
import { FIRST_USER, isSame, type NtfsFile, type NtfsVolume } from './volume-files.js';

const ROOT_HEAD_BYTES = 16;
const BLOCK_HEAD_BYTES = 24;
const ENTRY_BYTES = 16;
const FILE_NAME_BYTES = 66;
const IS_LAST = 2n;
const DOS = 2;
const IS_DIRECTORY = 0x10000000n;
const IS_REPARSE_POINT = 0x400n;
const SYSTEM = 0x4n;
const MAX_BLOCK_BYTES = 64 * KIB;
const CHUNK_BYTES = 64 * KIB;

type Page = readonly DirectoryEntry[];

export async function* entryPages(
  volume: NtfsVolume,
  file: NtfsFile,
  special: Special | null,
): AsyncGenerator<Page, void, undefined> {
  if (!file.record.isDirectory || special !== null) return;
  yield* toldOf(volume, file.record.number, pagesOf(volume, file));
}

async function* pagesOf(volume: NtfsVolume, file: NtfsFile): AsyncGenerator<Page, void, undefined> {
  const { number } = file.record;
  const [part] = partsOf(file, INDEX_ROOT, INDEX_NAME);
  const root = part === undefined ? null : residentBytes(part.attribute);
  if (root === null) throw new FormatError('INVALID', `ntfs: directory ${number} has no index`);
  const what = `ntfs: block of directory ${number}`;
  const blockBytes = powerOfTwo(parseNtfsIndexRoot(root).lenBlock, what, 512, MAX_BLOCK_BYTES);
  yield entriesOf(volume, file, root, ROOT_HEAD_BYTES);
  for await (const block of usedBlocks(volume, file, blockBytes)) {
    const page = blockEntries(volume, file, block);
    if (page.length > 0) yield page;
  }
}

/** The entries of a block; one that is damaged is told, and has none. */
function blockEntries(volume: NtfsVolume, file: NtfsFile, block: Uint8Array): Page {
  const what = `a block of directory ${file.record.number}`;
  try {
    const plain = withoutProtection(block, parseNtfsIndexBlock(block), what);
    return entriesOf(volume, file, plain, BLOCK_HEAD_BYTES);
  } catch (error) {
    tell(volume, file.record.number, error);
    return [];
  }
}

/** The blocks that the index's bitmap has in use. */
async function* usedBlocks(
  volume: NtfsVolume,
  file: NtfsFile,
  blockBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { source, geometry } = volume.table;
  const { number } = file.record;
  const blocks = joinedOf(volume, file, INDEX_ALLOCATION, `the index of directory ${number}`);
  const bitmap = joinedOf(volume, file, BITMAP, `the bitmap of directory ${number}`);
  if (blocks === null || bitmap === null) return;
  // No block lies in a hole, so that there are no more than clusters for them.
  const storedBytes = Math.min(blocks.sizeBytes, clustersOf(blocks) * geometry.clusterBytes);
  const count = Math.min(Math.floor(storedBytes / blockBytes), bitmap.sizeBytes * 8);
  const bits = await readBytes(source, geometry, bitmap, 0, Math.ceil(count / 8));
  const perChunk = Math.max(1, CHUNK_BYTES / blockBytes);
  for (let first = 0; first < count; first += perChunk) {
    const used: number[] = [];
    for (let i = first; i < Math.min(count, first + perChunk); i++)
      if (isSet(bits, i)) used.push(i);
    const [from, last] = [used[0], used.at(-1)];
    if (from === undefined || last === undefined) continue;
    const lengthBytes = (last - from + 1) * blockBytes;
    volume.spend(lengthBytes);
    const bytes = await readBytes(source, geometry, blocks, from * blockBytes, lengthBytes);
    for (const i of used) {
      const at = (i - from) * blockBytes;
      yield bytes.subarray(at, at + blockBytes);
    }
  }
}

function joinedOf({ table }: NtfsVolume, file: NtfsFile, type: number, what: string): Value | null {
  const parts = partsOf(file, type, INDEX_NAME).map(({ attribute }) => attribute);
  return parts.length === 0 ? null : joinedValue(parts, table.geometry, what);
}

function clustersOf({ runs }: Value): number {
  return runs.reduce(
    (sum, { clusterCount, volumeCluster }) => (volumeCluster === null ? sum : sum + clusterCount),
    0,
  );
}

function entriesOf(volume: NtfsVolume, file: NtfsFile, node: Uint8Array, headAt: number): Page {
  const header = parseNtfsIndexHeader(node.subarray(headAt));
  const room = node.length - headAt;
  const end = headAt + int(header.lenUsed, 'ntfs: bytes of a directory', 0, room);
  let at = headAt + int(header.ofsEntries, 'ntfs: entries of a directory', 0, room);
  const heads = ntfsIndexEntryHeadRecords(node);
  const found: DirectoryEntry[] = [];
  while (at + ENTRY_BYTES <= end) {
    const head = heads.atByte(at);
    if (hasFlag(head.flags, IS_LAST)) return found;
    const length = int(head.lenEntry, 'ntfs: entry of a directory', ENTRY_BYTES, end - at);
    const keyBytes = int(head.lenKey, 'ntfs: key of a directory', 0, length - ENTRY_BYTES);
    const id = recordId(head.file);
    const key = node.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + keyBytes);
    const entry = id === null ? null : entryOf(volume, file, id.number, key);
    if (entry !== null) found.push(entry);
    at += length;
  }
  return found;
}

/** null for a short name, and for the filesystem's own files, which no mount shows. */
function entryOf(
  volume: NtfsVolume,
  { record }: NtfsFile,
  number: number,
  key: Uint8Array,
): DirectoryEntry | null {
  if (number < FIRST_USER) return null;
  if (key.length < FILE_NAME_BYTES) throw invalid(record.number, 'has a name that is cut off');
  const { parent, numName, namespace, attributes } = ntfsFileNameRecords(key).at(0);
  if (equals(namespace, DOS)) return null;
  const room = Math.floor((key.length - FILE_NAME_BYTES) / 2);
  const nameEnd = FILE_NAME_BYTES + 2 * int(numName, 'ntfs: name in a directory', 0, room);
  const name = nameBytes(Buffer.from(key.subarray(FILE_NAME_BYTES, nameEnd)).toString('utf16le'));
  const problem = isSame(recordId(parent), record)
    ? nameProblem(name)
    : 'has a name of another one';
  if (problem !== null) {
    tell(volume, record.number, invalid(record.number, problem));
    return null;
  }
  // Links and devices look like files and directories here.
  const isPlain = !hasFlag(attributes, IS_REPARSE_POINT) && !hasFlag(attributes, SYSTEM);
  const kind = hasFlag(attributes, IS_DIRECTORY) ? 'directory' : 'file';
  return { name: guestName(name), id: { tree: 0, number }, kind: isPlain ? kind : null };
}

function invalid(number: number, words: string): FormatError {
  return new FormatError('INVALID', `ntfs: an entry of directory ${number} ${words}`);
}
