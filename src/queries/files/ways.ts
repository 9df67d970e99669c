// Where names of files probably are: nothing rests on it but the order in which directories are read. A directory says itself
// which one it lies in, and so do files of some formats. Of others, allocators put the inode near its directory's (ext: into
// the same group, XFS: the same allocation group), and copies of trees make a directory just before what it has.
// References: Linux 6.18 fs/ext4/ialloc.c: find_group_other, find_group_orlov; fs/xfs/libxfs/xfs_ialloc.c: xfs_dialloc.
import { countBefore } from '../../bytes/search.js';
import type { FileId, FileReader, VolumeRange } from '../../filesystem/files.js';
import { KIB } from '../../limits.js';
import { descend, expect, idAt, placed, type Search, type WantedFile } from './path-search.js';
import { addSaidNames, nodeOf } from './said-names.js';

interface Round {
  /** How much of the records before a file's own is looked at. */
  readonly windowBytes: number;
  /** How many directories before the file are tried, and a part of it behind. */
  readonly reach: number;
}

/** What does not find the file costs little: a next round looks further. */
const ROUNDS: readonly Round[] = [
  { windowBytes: 0, reach: 4 },
  { windowBytes: 16 * KIB, reach: 4 },
  { windowBytes: 64 * KIB, reach: 16 },
  { windowBytes: 512 * KIB, reach: 128 },
];
/** As much behind it, and as many directories, are a part of that. */
const BEHIND = 1 / 4;
const WINDOW_BYTES = 16 * KIB;
/** Of so many files the ways are looked for; for more, all directories are read in the order of the disk. */
export const MAX_SEARCHED = 4096;
/** Memory of an identity that is kept, and of its place in a list. */
const ID_BYTES = 64;

export async function searchOnWays(
  search: Search,
  reader: FileReader,
  wanted: readonly WantedFile[],
): Promise<void> {
  if (wanted.length > MAX_SEARCHED) return;
  search.options.memory.take(ID_BYTES * wanted.length);
  const lost: number[] = [];
  for (const { id } of wanted) {
    if (await addSaidNames(search, reader, id)) continue;
    if (!(await addWay(search, reader, id))) lost.push(placed(search, id));
  }
  await descend(search, reader, false);
  for (const round of ROUNDS) {
    const left = lost.filter((place) => (search.missing[place] ?? 0) > 0);
    if (left.length === 0) return;
    await guess(search, reader, left, round);
    await descend(search, reader, false);
  }
}

/** Expects the file where it says that it is, and each directory above it. @returns whether it said so. */
async function addWay(search: Search, reader: FileReader, file: FileId): Promise<boolean> {
  let hasSaid = false;
  const pending = [file];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const place = placed(search, id);
    const isKnown = search.cameBy[place] !== 0 || search.awaitedIn[place] !== 0;
    const parents = isKnown ? [] : ((await (await nodeOf(reader, id))?.parents?.()) ?? []);
    const [parent, ...others] = parents;
    if (id === file) hasSaid = isKnown || parent !== undefined;
    if (parent === undefined) continue;
    expect(search, place, placed(search, parent));
    // Of a file with several names the other directories are read to their ends.
    for (const one of others) search.isGuessed[placed(search, one)] = 1;
    for (const one of parents) pending.push(one);
  }
  return hasSaid;
}

/** Tries the directories near each file, the nearest first. */
async function guess(
  search: Search,
  reader: FileReader,
  lost: readonly number[],
  round: Round,
): Promise<void> {
  const ids = lost.map((place) => idAt(search, place));
  const directories = await directoriesNear(reader, ids, round);
  const located = new Set<number>();
  const tried = new Set<number>();
  for (const [index, place] of lost.entries()) {
    for (const number of nearest(directories, ids[index]?.number ?? 0, round)) {
      if (located.has(place)) break;
      if (tried.has(number)) continue;
      tried.add(number);
      const found = await wantedIn(search, reader, { tree: 0, number });
      if (found.length === 0) continue;
      for (const one of found) located.add(one);
      search.isGuessed[placed(search, { tree: 0, number })] = 1;
      await addWay(search, reader, { tree: 0, number });
    }
  }
}

/** Of the files whose names are missing, those that a directory has. */
async function wantedIn(
  { ids, missing }: Search,
  reader: FileReader,
  directory: FileId,
): Promise<readonly number[]> {
  const node = await nodeOf(reader, directory);
  const found: number[] = [];
  if (node === null || node.linkCount === 0) return found;
  for await (const page of node.entries()) {
    for (const { id } of page) {
      const place = ids.find(id.tree, id.number);
      if (place !== -1 && (missing[place] ?? 0) > 0) found.push(place);
    }
  }
  return found;
}

/** The directories whose records lie near those of the files, ascending; none where records have no place. */
async function directoriesNear(
  reader: FileReader,
  files: readonly FileId[],
  { windowBytes }: Round,
): Promise<readonly number[]> {
  if (reader.filesIn === undefined) return [];
  const windows = new Set<number>();
  for (const id of files) {
    const record = (await nodeOf(reader, id))?.record ?? null;
    if (record === null) continue;
    const [start, end] = [
      record.offsetBytes - windowBytes,
      record.offsetBytes + windowBytes * BEHIND,
    ];
    for (const window of windowsOf(Math.max(0, start), end)) windows.add(window);
  }
  const isWanted = ({ offsetBytes, lengthBytes }: VolumeRange) =>
    windowsOf(offsetBytes, offsetBytes + lengthBytes - 1).some((window) => windows.has(window));
  const found: number[] = [];
  for await (const nodes of reader.filesIn(isWanted)) {
    for (const { kind, system, id } of nodes) {
      if (kind === 'directory' && system === null && id.tree === 0) found.push(id.number);
    }
  }
  return found.sort((a, b) => a - b);
}

function windowsOf(startBytes: number, lastBytes: number): readonly number[] {
  const first = Math.floor(startBytes / WINDOW_BYTES);
  const count = Math.floor(lastBytes / WINDOW_BYTES) - first + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Those before a file, the last one first, then those behind it. */
function nearest(
  directories: readonly number[],
  file: number,
  { reach }: Round,
): readonly number[] {
  const behind = countBefore(directories.length, (index) => (directories[index] ?? 0) < file);
  return [
    ...directories.slice(Math.max(0, behind - reach), behind).reverse(),
    ...directories.slice(behind, behind + reach * BEHIND),
  ];
}
