// All paths of some files: every name of each. Directories are read from the roots on until as many names were found as the
// files have links, or all were read: first those that probably lead to them (ways.ts).
import type { FileId, FileReader } from '../../filesystem/files.js';
import { MAX_FILE_PATH_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../limits.js';
import { integers } from './columns.js';
import { type GuestPath, guestPath } from './guest-path.js';
import { type Entries, nameRange } from './names.js';
import {
  descend,
  newSearch,
  type PathOptions,
  type Search,
  type WantedFile,
  want,
} from './path-search.js';
import { MAX_SEARCHED, searchOnWays } from './ways.js';

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

/** The names that lead to files, as columns: a path is made when somebody asks for it. */
export interface PathColumns {
  /** By the place of a file: where its names begin in `order`. */
  readonly starts: Int32Array;
  readonly order: Int32Array;
  /** By the place of a directory, as in a search. */
  readonly cameBy: Int32Array;
  readonly entries: Pick<Entries, 'parents' | 'nameEnds' | 'names'>;
}

interface FoundPaths {
  readonly columns: PathColumns;
  /** -1: nothing led to it. */
  placeOf(id: FileId): number;
}

/**
 * @param wanted as the reader gives them: a name of each link is looked for, and one of a directory. Those without a name
 *   (deleted, the filesystem's own) cost nothing.
 * @returns the paths of each of them.
 * @throws SourceError OVER_BUDGET, and what the reader throws.
 */
export async function pathsOf(
  reader: FileReader,
  wanted: Iterable<WantedFile>,
  options: PathOptions,
): Promise<(id: FileId) => FilePaths> {
  const { columns, placeOf } = await pathColumnsOf(reader, wanted, options);
  return (id) => pathsAt(columns, placeOf(id));
}

/** The same as columns, for a caller with millions of files. */
export async function pathColumnsOf(
  reader: FileReader,
  wanted: Iterable<WantedFile>,
  options: PathOptions,
): Promise<FoundPaths> {
  const search = newSearch(reader, options);
  const lost: WantedFile[] = [];
  // Of more files nobody looks for the ways.
  for (const file of wanted) {
    if (want(search, file) && lost.length <= MAX_SEARCHED) lost.push(file);
  }
  await searchOnWays(search, reader, lost);
  await descend(search, reader, true);
  return {
    columns: columnsOf(search),
    placeOf: ({ tree, number }) => search.ids.find(tree, number),
  };
}

/** By the file: its names are found by a search in `order`. */
function columnsOf({ ids, entries, isWanted, cameBy, options }: Search): PathColumns {
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
  const { parents, nameEnds, names } = entries;
  return { starts, order, cameBy, entries: { parents, nameEnds, names } };
}

/** @param place as `FoundPaths` has it. */
export function pathsAt(columns: PathColumns, place: number): FilePaths {
  if (place === -1) return { paths: [], moreCount: 0 };
  const { starts, order, cameBy } = columns;
  const by = cameBy[place] ?? 0;
  if (by < 0) return { paths: [{ root: -1 - by, text: '/', bytes: null }], moreCount: 0 };
  return pathsBy(columns, order.subarray(starts[place] ?? 0, starts[place + 1] ?? 0));
}

function pathsBy(columns: PathColumns, names: Int32Array): FilePaths {
  const found: { readonly root: number; readonly path: Buffer }[] = [];
  let length = 0;
  for (const entry of names) {
    const climbed = climb(columns, entry);
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
function climb({ entries, cameBy }: PathColumns, entry: number) {
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
