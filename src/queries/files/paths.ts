// All paths of some files: every name of each. Directories are read from the roots on, level by level and in the order of
// their numbers, until as many names were found as the files have links, or all directories were read. No file is looked
// at but directories, and nothing is kept but the names of directories and of the files that are wanted.
import { FormatError } from '../../errors.js';
import type {
  DirectoryEntry,
  FileId,
  FileNode,
  FileReader,
  FileWalk,
} from '../../filesystem/files.js';
import { MAX_FILE_PATH_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../limits.js';
import type { IdSet } from './ancestors.js';
import { bytes, floats, grown, integers, type Memory, naturals } from './columns.js';
import { type GuestPath, guestPath } from './guest-path.js';
import { type IdTable, idTable } from './id-table.js';
import { addEntry, type Entries, FIRST_LENGTH, nameRange, noEntries } from './names.js';

/** A file whose paths are wanted. */
export type WantedFile = Pick<FileNode, 'id' | 'kind' | 'linkCount' | 'system'>;

/** A path, and which of the reader's roots it begins at: 0 is `/`, the others are subvolumes that no directory leads to. */
interface FilePath extends GuestPath {
  readonly root: number;
}

/** The paths of one file. */
export interface FilePaths {
  /** In the order of their names; none where no path leads to it. */
  readonly paths: readonly FilePath[];
  /** How many more there are: they are too long, or too many to be told. */
  readonly moreCount: number;
}

interface PathOptions extends FileWalk {
  readonly memory: Memory;
  /** Told of each directory that was read; default: nobody is. */
  onDirectory?(): void;
  /** Others are read only if names are missing then; default: all are. */
  readonly directories?: IdSet | null;
}

/** What is known of directories and of wanted files, by their place in `ids`. */
interface Known {
  trees: Float64Array;
  numbers: Float64Array;
  /** How many names of a wanted file are still to be found; 0 of others. */
  missing: Uint32Array;
  isWanted: Uint8Array;
  /** Of a directory that was come to: the number of its name, counted from 1; of a root -1, -2 ...; 0 of others. */
  cameBy: Int32Array;
}

interface Search extends Known {
  readonly ids: IdTable;
  readonly entries: Entries;
  readonly options: PathOptions;
  /** Of the files that are wanted, how many have names that are still to be found. */
  missingCount: number;
  /** Directories that are to be read next, by their places. */
  next: Int32Array;
  nextCount: number;
}

/**
 * @param wanted as the reader gives them: a name of each link is looked for, and one of a directory. Those without a name
 *   (deleted, the filesystem's own) cost nothing. With `directories` it can be gone through twice.
 * @returns the paths of each of them.
 * @throws SourceError OVER_BUDGET, and what the reader throws.
 */
export async function pathsOf(
  reader: FileReader,
  wanted: Iterable<WantedFile>,
  options: PathOptions,
): Promise<(id: FileId) => FilePaths> {
  const search: Search = {
    ids: idTable(options.memory),
    entries: noEntries(),
    options,
    trees: floats(0),
    numbers: floats(0),
    missing: naturals(0),
    isWanted: bytes(0),
    cameBy: integers(0),
    missingCount: 0,
    next: integers(0),
    nextCount: 0,
  };
  for (const [index, root] of reader.roots.entries())
    if (isRead(search, root)) goTo(search, placed(search, root), -1 - index);
  for (const file of wanted) want(search, file);
  // A path of more names is none.
  for (let depth = 0; depth < MAX_PATH_DEPTH && search.nextCount > 0; depth++) {
    if (search.missingCount === 0) break;
    const level = taken(search);
    for (const place of level) {
      await readDirectory(search, reader, place);
      if (search.missingCount === 0) break;
    }
    options.memory.drop(level.byteLength);
  }
  const isAll = search.missingCount === 0 || (options.directories ?? null) === null;
  return isAll ? told(search) : pathsOf(reader, wanted, { ...options, directories: null });
}

function isRead({ options: { directories } }: Search, id: FileId): boolean {
  return directories?.has(id) ?? true;
}

function placed(search: Search, { tree, number }: FileId): number {
  const {
    ids,
    options: { memory },
  } = search;
  const before = ids.count;
  const place = ids.placeOf(tree, number);
  if (place < before) return place;
  if (place >= search.trees.length) {
    const length = Math.max(FIRST_LENGTH, place + 1);
    search.trees = grown(search.trees, length, floats, memory);
    search.numbers = grown(search.numbers, length, floats, memory);
    search.missing = grown(search.missing, length, naturals, memory);
    search.isWanted = grown(search.isWanted, length, bytes, memory);
    search.cameBy = grown(search.cameBy, length, integers, memory);
  }
  search.trees[place] = tree;
  search.numbers[place] = number;
  return place;
}

function want(search: Search, { id, kind, linkCount, system }: WantedFile): void {
  const place = placed(search, id);
  if (search.isWanted[place] === 1) return;
  search.isWanted[place] = 1;
  if (search.cameBy[place] !== 0 || system !== null || linkCount === 0) return;
  search.missing[place] = kind === 'directory' ? 1 : linkCount;
  search.missingCount += 1;
}

/** A directory is read once, however many names lead to it. */
function goTo(search: Search, place: number, cameBy: number): void {
  if (search.cameBy[place] !== 0) return;
  search.cameBy[place] = cameBy;
  if (search.nextCount >= search.next.length) {
    const length = Math.max(FIRST_LENGTH, search.nextCount + 1);
    search.next = grown(search.next, length, integers, search.options.memory);
  }
  search.next[search.nextCount] = place;
  search.nextCount += 1;
}

/** The directories of a level, in the order of their numbers, which is mostly that of the disk. */
function taken(search: Search): Int32Array {
  const { trees, numbers, options } = search;
  const level = search.next.slice(0, search.nextCount);
  options.memory.take(level.byteLength);
  search.nextCount = 0;
  const at = (column: Float64Array, place: number) => column[place] ?? 0;
  return level.sort((a, b) => at(trees, a) - at(trees, b) || at(numbers, a) - at(numbers, b));
}

async function readDirectory(search: Search, reader: FileReader, place: number): Promise<void> {
  const { trees, numbers, options } = search;
  const id = { tree: trees[place] ?? 0, number: numbers[place] ?? 0 };
  const node = await fileOf(reader, id, options);
  if (node?.kind !== 'directory') return;
  options.onDirectory?.();
  for await (const page of node.entries()) {
    for (const entry of page) addName(search, place, entry);
    if (search.missingCount === 0) return;
  }
}

/** A damaged record hides what lies below it. */
async function fileOf(
  reader: FileReader,
  id: FileId,
  { onDoubt }: PathOptions,
): Promise<FileNode | null> {
  try {
    return await reader.file(id);
  } catch (error) {
    if (!(error instanceof FormatError) || error.code === 'LIMIT') throw error;
    onDoubt({ id, error });
    return null;
  }
}

function addName(search: Search, parent: number, { id, kind, name }: DirectoryEntry): void {
  const {
    ids,
    entries,
    options: { memory },
  } = search;
  const known = ids.find(id.tree, id.number);
  const isWanted = known !== -1 && search.isWanted[known] === 1;
  // Where the entry does not say what it leads to, the file itself is asked.
  const isDirectory = (kind === 'directory' || kind === null) && isRead(search, id);
  if (!isWanted && !isDirectory) return;
  const child = placed(search, id);
  const isAgain = isDirectory && search.cameBy[child] !== 0;
  // A directory has one path, whatever names lead to it.
  if (isAgain && (kind === 'directory' || !isWanted)) return;
  const entry = addEntry(entries, { parent, child, name }, memory);
  if (isDirectory) goTo(search, child, entry + 1);
  const missing = search.missing[child] ?? 0;
  if (missing === 0) return;
  search.missing[child] = missing - 1;
  if (missing === 1) search.missingCount -= 1;
}

/** By the file: its names are found by a search in `order`. */
function told(search: Search): (id: FileId) => FilePaths {
  const { ids, entries, isWanted, options } = search;
  const ofWanted = (entry: number) => isWanted[entries.children[entry] ?? 0] === 1;
  let count = 0;
  for (let entry = 0; entry < entries.count; entry++) if (ofWanted(entry)) count += 1;
  options.memory.take(2 * 4 * count + 4 * (ids.count + 1));
  // Counted by their file: where each one's names begin.
  const starts = integers(ids.count + 1);
  const order = integers(count);
  for (let entry = 0; entry < entries.count; entry++) {
    const child = entries.children[entry] ?? 0;
    if (ofWanted(entry)) starts[child + 1] = (starts[child + 1] ?? 0) + 1;
  }
  for (let place = 0; place < ids.count; place++) {
    starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0);
  }
  const next = starts.slice();
  for (let entry = 0; entry < entries.count; entry++) {
    if (!ofWanted(entry)) continue;
    const child = entries.children[entry] ?? 0;
    const at = next[child] ?? 0;
    order[at] = entry;
    next[child] = at + 1;
  }
  return (id) => {
    const place = ids.find(id.tree, id.number);
    if (place === -1) return { paths: [], moreCount: 0 };
    const cameBy = search.cameBy[place] ?? 0;
    if (cameBy < 0) return { paths: [{ root: -1 - cameBy, text: '/', bytes: null }], moreCount: 0 };
    return pathsBy(search, order.subarray(starts[place] ?? 0, starts[place + 1] ?? 0));
  };
}

function pathsBy(search: Search, names: Int32Array): FilePaths {
  const found: { readonly root: number; readonly path: Buffer }[] = [];
  let length = 0;
  for (const entry of names) {
    const climbed = climb(search, entry);
    if (climbed === null || length + climbed.path.length > MAX_FILE_PATH_BYTES) continue;
    length += climbed.path.length;
    found.push(climbed);
  }
  found.sort((a, b) => a.root - b.root || comparePaths(a.path, b.path));
  const paths = found.map(({ root, path }) => ({ root, ...guestPath(path) }));
  return { paths, moreCount: names.length - paths.length };
}

const SLASH = Buffer.from('/');
const SLASH_BYTE = 0x2f;

/** From a name up to the root; null: the path is too long. */
function climb({ entries, cameBy }: Search, entry: number) {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let at = entry; ; ) {
    const [start, end] = nameRange(entries, at);
    parts.push(entries.names.subarray(start, end), SLASH);
    length += end - start + SLASH.length;
    if (length > MAX_PATH_BYTES || parts.length > 2 * MAX_PATH_DEPTH) return null;
    const by = cameBy[entries.parents[at] ?? 0] ?? 0;
    if (by < 0) return { root: -1 - by, path: Buffer.concat(parts.reverse()) };
    at = by - 1;
  }
}

/** Name by name: a slash ends one, and so comes before all other bytes. */
export function comparePaths(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const [x = 0, y = 0] = [a[i], b[i]];
    if (x !== y) return (x === SLASH_BYTE ? 0 : x) - (y === SLASH_BYTE ? 0 : y);
  }
  return a.length - b.length;
}
