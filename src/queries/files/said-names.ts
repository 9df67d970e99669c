// Names of files that the files' own records tell, with the place in a directory where each was found: nothing is searched for. Example:
// an inode of btrfs refers to index 7 of directory 300, where its name stands; so does directory 300, and so on up to the root.
import { FormatError } from '../../errors.js';
import type { DirectoryEntry, FileId, FileNode, FileReader } from '../../filesystem/files.js';
import { MAX_PATH_DEPTH } from '../../limits.js';
import { addName, placed, type Search } from './path-search.js';

/** A name, by the directory's place. */
interface SaidName {
  readonly parent: number;
  readonly entry: DirectoryEntry;
}

/** Adds all names of a file, and one of each directory above it. @returns whether all are known now. */
export async function addSaidNames(
  search: Search,
  reader: FileReader,
  file: FileId,
): Promise<boolean> {
  const place = placed(search, file);
  const said = new Map<number, readonly SaidName[]>();
  const pending = [file];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const at = placed(search, id);
    if (search.cameBy[at] !== 0 || said.has(at)) continue;
    // A path of more names is none.
    const names = said.size > MAX_PATH_DEPTH ? null : await (await nodeOf(reader, id))?.names?.();
    if (!names || names.length === 0) return false;
    said.set(
      at,
      names.map(({ directory, entry }) => ({ parent: placed(search, directory), entry })),
    );
    for (const { directory } of names) pending.push(directory);
  }
  const own = said.get(place) ?? [];
  if (own.length < (search.missing[place] ?? 0)) return false;
  if (!own.every(({ parent }) => reach(search, said, parent))) return false;
  for (const { parent, entry } of own) addName(search, parent, entry);
  search.isSettled[place] = 1;
  return true;
}

/** Adds the names of a directory and of those above it, from a root on. @returns whether there is one. */
function reach(
  search: Search,
  said: ReadonlyMap<number, readonly SaidName[]>,
  directory: number,
): boolean {
  const down: SaidName[] = [];
  for (let at = directory; search.cameBy[at] === 0; ) {
    const [name] = said.get(at) ?? [];
    // It lies below itself.
    if (name === undefined || down.length > said.size) return false;
    down.push(name);
    at = name.parent;
  }
  for (const { parent, entry } of down.reverse()) addName(search, parent, entry);
  return true;
}

/** Damage is told by whoever has to read it. */
export async function nodeOf(reader: FileReader, id: FileId): Promise<FileNode | null> {
  try {
    return await reader.file(id);
  } catch (error) {
    if (!(error instanceof FormatError) || error.code === 'LIMIT') throw error;
    return null;
  }
}
