// A search for the names of files: directories are read from the roots on, level by level and in the order of their numbers,
// and nothing is kept but the names of directories and of the files that are wanted.
import { FormatError } from '../../errors.js';
import type {
  DirectoryEntry,
  FileId,
  FileNode,
  FileReader,
  FileWalk,
} from '../../filesystem/files.js';
import { MAX_PATH_DEPTH } from '../../limits.js';
import { bytes, floats, growColumns, integers, type Memory, naturals } from './columns.js';
import { type IdTable, idTable } from './id-table.js';
import { addEntry, type Entries, noEntries } from './names.js';

/** A file whose paths are wanted. */
export type WantedFile = Pick<FileNode, 'id' | 'kind' | 'linkCount' | 'system'>;

export interface PathOptions extends FileWalk {
  readonly memory: Memory;
  /** Told of each directory that is read from its first name on; default: nobody is. */
  onDirectory?(): void;
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
  /** Of a directory: how many of its names were read so far. */
  readCounts: Uint32Array;
  /** Of a directory: how many files are expected to have their names in it, and were not come to. */
  awaited: Uint32Array;
  /** Of a file that is awaited: the directory's place, counted from 1. */
  awaitedIn: Uint32Array;
  /** Of a directory: whether it is guessed to have files that are wanted. */
  isGuessed: Uint8Array;
  /** Of a file that is wanted: whether all its names are known, so that none is to be added. */
  isSettled: Uint8Array;
}

const KNOWN = [
  'trees',
  'numbers',
  'missing',
  'isWanted',
  'cameBy',
  'readCounts',
  'awaited',
  'awaitedIn',
  'isGuessed',
  'isSettled',
] as const satisfies readonly (keyof Known)[];

export interface Search extends Known {
  readonly ids: IdTable;
  readonly entries: Entries;
  readonly options: PathOptions;
  /** Of the files that are wanted, how many have names that are still to be found. */
  missingCount: number;
  /** Directories that are to be read next, by their places. */
  next: Int32Array;
  nextCount: number;
}

/** At the roots. */
export function newSearch(reader: FileReader, options: PathOptions): Search {
  const search: Search = {
    ids: idTable(options.memory),
    entries: noEntries(),
    options,
    trees: floats(0),
    numbers: floats(0),
    missing: naturals(0),
    isWanted: bytes(0),
    cameBy: integers(0),
    readCounts: naturals(0),
    awaited: naturals(0),
    awaitedIn: naturals(0),
    isGuessed: bytes(0),
    isSettled: bytes(0),
    missingCount: 0,
    next: integers(0),
    nextCount: 0,
  };
  for (const [index, root] of reader.roots.entries()) {
    goTo(search, placed(search, root), -1 - index);
  }
  return search;
}

export function placed(search: Search, { tree, number }: FileId): number {
  const {
    ids,
    options: { memory },
  } = search;
  const before = ids.count;
  const place = ids.placeOf(tree, number);
  if (place < before) return place;
  if (place >= search.trees.length) {
    growColumns(search, KNOWN, place, memory);
  }
  search.trees[place] = tree;
  search.numbers[place] = number;
  return place;
}

/** @returns whether there are names of it to be found. */
export function want(search: Search, { id, kind, linkCount, system }: WantedFile): boolean {
  const place = placed(search, id);
  if (search.isWanted[place] === 1) return false;
  search.isWanted[place] = 1;
  if (search.cameBy[place] !== 0 || system !== null || linkCount === 0) return false;
  search.missing[place] = kind === 'directory' ? 1 : linkCount;
  search.missingCount += 1;
  return true;
}

/** A name of the file is expected in the directory. */
export function expect(search: Search, place: number, directory: number): void {
  search.awaitedIn[place] = directory + 1;
  search.awaited[directory] = (search.awaited[directory] ?? 0) + 1;
}

function arrived(search: Search, place: number): void {
  const directory = (search.awaitedIn[place] ?? 0) - 1;
  if (directory < 0) return;
  search.awaitedIn[place] = 0;
  search.awaited[directory] = (search.awaited[directory] ?? 0) - 1;
}

/** A directory is read once, however many names lead to it. */
function goTo(search: Search, place: number, cameBy: number): void {
  if (search.cameBy[place] !== 0) return;
  search.cameBy[place] = cameBy;
  readLater(search, place);
}

function readLater(search: Search, place: number): void {
  if (search.nextCount >= search.next.length) {
    growColumns(search, ['next'], search.nextCount, search.options.memory);
  }
  search.next[search.nextCount] = place;
  search.nextCount += 1;
}

/**
 * Reads the directories that were come to, and those that they lead to.
 * @param isAll otherwise only those that have what is awaited, up to the last of that, or are guessed to have more.
 */
export async function descend(search: Search, reader: FileReader, isAll: boolean): Promise<void> {
  const isLeading = (place: number) =>
    isAll || (search.awaited[place] ?? 0) > 0 || search.isGuessed[place] === 1;
  // A path of more names is none.
  for (let depth = 0; depth < MAX_PATH_DEPTH && search.missingCount > 0; depth++) {
    const level = taken(search, isLeading);
    if (level.length === 0) return;
    for (const place of level) {
      await readDirectory(search, reader, place, isLeading);
      if (search.missingCount === 0) break;
    }
    search.options.memory.drop(level.byteLength);
  }
}

/** Those that are to be read next, in the order of their numbers, which is mostly that of the disk; the others stay. */
function taken(search: Search, isLeading: (place: number) => boolean): Int32Array {
  const { trees, numbers, next, options } = search;
  const all = next.subarray(0, search.nextCount);
  const level = all.filter(isLeading);
  options.memory.take(level.byteLength);
  let left = 0;
  for (const place of all) {
    if (!isLeading(place)) next[left++] = place;
  }
  search.nextCount = left;
  const at = (column: Float64Array, place: number) => column[place] ?? 0;
  return level.sort((a, b) => at(trees, a) - at(trees, b) || at(numbers, a) - at(numbers, b));
}

async function readDirectory(
  search: Search,
  reader: FileReader,
  place: number,
  isLeading: (place: number) => boolean,
): Promise<void> {
  const node = await fileOf(reader, idAt(search, place), search.options);
  if (node?.kind !== 'directory') return;
  const doneCount = search.readCounts[place] ?? 0;
  if (doneCount === 0) search.options.onDirectory?.();
  let count = 0;
  for await (const page of node.entries()) {
    for (const entry of page) if (count++ >= doneCount) addName(search, place, entry);
    search.readCounts[place] = Math.max(doneCount, count);
    if (search.missingCount === 0) return;
    if (isLeading(place)) continue;
    readLater(search, place);
    return;
  }
}

export function idAt({ trees, numbers }: Search, place: number): FileId {
  return { tree: trees[place] ?? 0, number: numbers[place] ?? 0 };
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

export function addName(search: Search, parent: number, { id, kind, name }: DirectoryEntry): void {
  const {
    ids,
    entries,
    options: { memory },
  } = search;
  const known = ids.find(id.tree, id.number);
  const isWanted = known !== -1 && search.isWanted[known] === 1;
  // Where the entry does not say what it leads to, the file itself is asked.
  const isDirectory = kind === 'directory' || kind === null;
  if (!isWanted && !isDirectory) return;
  if (isWanted && search.isSettled[known] === 1) return;
  const child = placed(search, id);
  const isAgain = isDirectory && search.cameBy[child] !== 0;
  // A directory has one path, whatever names lead to it.
  if (isAgain && (kind === 'directory' || !isWanted)) return;
  const entry = addEntry(entries, { parent, child, name }, memory);
  arrived(search, child);
  if (isDirectory) goTo(search, child, entry + 1);
  const missing = search.missing[child] ?? 0;
  if (missing === 0) return;
  search.missing[child] = missing - 1;
  if (missing === 1) search.missingCount -= 1;
}
