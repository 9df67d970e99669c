// Directories as a recovery changes them. A name that does not fit into any block takes another one, which df counts.
// References: Linux 6.18 fs/ext4/namei.c: ext4_add_entry, __ext4_find_entry, ext4_init_new_dir.
import { parseExtInode } from '../../../../generated/filesystem/ext.js';
import { typeOf } from '../inode.js';
import type { Editor } from './content.js';
import {
  append,
  blockCountOf,
  type DirectoryBlocks,
  type DirectoryKind,
  directoryBlocks,
  type FoundName,
  leafAt,
  type Outcome,
  putLeaf,
  rootOf,
  searchLeaf,
} from './directory-blocks.js';
import { findByIndex, linkByIndex, makeIndex } from './directory-index.js';
import { addEntry, entryBytes, type Name } from './entries.js';
import type { File, Files } from './files.js';
import { flushDirectories } from './flush-directories.js';
import type { IndexRoot } from './name-index.js';

const SELF = '.';
const PARENT = '..';

export interface Directories {
  link(directory: File, name: string, file: File): Promise<Outcome>;
  /** The inode of a name; null if there is none. */
  find(directory: File, name: string): Promise<FoundName | null | 'unknown'>;
  /** Gives a new directory its first block. */
  begin(directory: File, parent: number): Promise<void>;
  /** Writes names and indexes into the blocks. */
  flush(): Promise<void>;
}

export function directoriesOf(editor: Editor, files: Files, kind: DirectoryKind): Directories {
  const blocks = directoryBlocks(editor, files, kind);
  return {
    async link(directory, name, file) {
      const root = await followedRoot(blocks, directory);
      if (root === 'unknown') return root;
      const added = { inode: file.number, name, fileType: fileType(kind, file) };
      if (root === null) return linkInOrder(blocks, directory, added);
      return linkByIndex(blocks, directory, root, added);
    },
    async find(directory, name) {
      const root = await followedRoot(blocks, directory);
      if (root === 'unknown') return root;
      // The index leaves out the two names that the directory's first block begins with.
      const isInOrder = root === null || name === SELF || name === PARENT;
      if (isInOrder) return findInOrder(blocks, directory, name);
      return findByIndex(blocks, directory, root, name);
    },
    begin: (directory, parent) => begin(blocks, directory, parent),
    flush: () => flushDirectories(blocks),
  };
}

/** The directory's index; null if it has none. */
async function followedRoot(
  blocks: DirectoryBlocks,
  directory: File,
): Promise<IndexRoot | null | 'unknown'> {
  const { hasExtents, isInline, isTranslated } = directory.inode;
  if (!hasExtents || isInline || isTranslated) return 'unknown';
  const root = await rootOf(blocks, directory);
  return blocks.unindexed.has(directory.number) ? 'unknown' : root;
}

async function linkInOrder(
  blocks: DirectoryBlocks,
  directory: File,
  added: Name,
): Promise<Outcome> {
  const blockCount = blockCountOf(blocks, directory);
  for (let block = 0; block < blockCount; block++) {
    const outcome = addEntry(await leafAt(blocks, directory, block), added);
    if (outcome !== 'full') return outcome;
    if (blockCount === 1 && blocks.kind.hasIndexes) return makeIndex(blocks, directory, added);
  }
  const block = await append(blocks, directory);
  putLeaf(blocks, directory, block, [{ ...added, room: blocks.entriesBytes }]);
  return 'done';
}

async function findInOrder(
  blocks: DirectoryBlocks,
  directory: File,
  name: string,
): Promise<FoundName | null> {
  const blockCount = blockCountOf(blocks, directory);
  for (let block = 0; block < blockCount; block++) {
    const found = await searchLeaf(blocks, directory, block, name);
    if (found !== null) return found;
  }
  return null;
}

async function begin(blocks: DirectoryBlocks, directory: File, parent: number): Promise<void> {
  directory.sizeBytes = 0;
  blocks.roots.set(directory.number, null);
  const block = await append(blocks, directory);
  const self = entryBytes(SELF);
  const type = fileType(blocks.kind, directory);
  putLeaf(blocks, directory, block, [
    { inode: directory.number, name: SELF, fileType: type, room: self },
    { inode: parent, name: PARENT, fileType: type, room: blocks.entriesBytes - self },
  ]);
}

/** EXT4_FT_*, by the upper four bits of the inode's mode; 0 where names do not say. */
const FILE_TYPES: Readonly<Record<number, number>> = { 8: 1, 4: 2, 2: 3, 6: 4, 1: 5, 12: 6, 10: 7 };

function fileType({ hasFileTypes }: DirectoryKind, { head }: File): number {
  const type = typeOf(parseExtInode(head));
  return hasFileTypes ? (FILE_TYPES[type] ?? 0) : 0;
}
