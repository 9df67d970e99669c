// The blocks of directories as a recovery changes them, in memory: names and the nodes of indexes, each read once.
// References: Linux 6.18 fs/ext4/namei.c: __ext4_read_dirblock, dx_probe, search_dirblock, ext4_append.
import { FormatError } from '../../../errors.js';
import { appendBlock, type Editor, mapAt } from './content.js';
import { type Entry, readEntries, removeEntry } from './entries.js';
import type { File, Files } from './files.js';
import type { HashKind } from './name-hash.js';
import { type IndexNode, type IndexRoot, readIndexNode, readIndexRoot } from './name-index.js';

const TAIL_BYTES = 12;

/** The superblock's words that decide how directories look. */
export interface DirectoryKind {
  /** A name says what kind of file it is of. */
  readonly hasFileTypes: boolean;
  readonly hasIndexes: boolean;
  readonly hasChecksum: boolean;
  /** Nodes over each other. */
  readonly maxLevels: number;
  /** How new indexes hash. */
  readonly hash: HashKind;
}

/** `unknown`: the directory is of a kind that is not followed here, and stays as it is. */
export type Outcome = 'done' | 'exists' | 'unknown';

/** A name that is there. */
export interface FoundName {
  readonly inode: number;
  remove(): void;
}

/** The blocks of directories that were read or made so far. */
export interface DirectoryBlocks {
  readonly editor: Editor;
  readonly files: Files;
  readonly kind: DirectoryKind;
  readonly blockSizeBytes: number;
  /** The room for names in a block. */
  readonly entriesBytes: number;
  /** Blocks of names and of the index, by directory and its block. */
  readonly leaves: Map<string, Entry[]>;
  readonly nodes: Map<string, IndexNode>;
  /** By the directory's inode; null: it has no index that is followed. */
  readonly roots: Map<number, IndexRoot | null>;
  /** Directories that say that they have an index, and have none that is known here. */
  readonly unindexed: Set<number>;
  /** Blocks that directories were given, whose content on the disk is of something else. */
  readonly added: Set<string>;
}

export function directoryBlocks(
  editor: Editor,
  files: Files,
  kind: DirectoryKind,
): DirectoryBlocks {
  const { blockSizeBytes } = editor.geometry;
  const entriesBytes = blockSizeBytes - (kind.hasChecksum ? TAIL_BYTES : 0);
  return {
    editor,
    files,
    kind,
    blockSizeBytes,
    entriesBytes,
    leaves: new Map(),
    nodes: new Map(),
    roots: new Map(),
    unindexed: new Set(),
    added: new Set(),
  };
}

function keyOf({ number }: File, block: number): string {
  return `${number}:${block}`;
}

async function readBlock(
  { editor, files, blockSizeBytes }: DirectoryBlocks,
  directory: File,
  block: number,
): Promise<Uint8Array> {
  const found = mapAt(await files.tree(directory), block, 1);
  if (found.block === null) throw new FormatError('INVALID', 'ext: a directory has a hole');
  editor.cache.spend(blockSizeBytes);
  return editor.cache.overlay.read(found.block * blockSizeBytes, blockSizeBytes);
}

/** The names in a block of the directory, which may be changed. */
export async function leafAt(
  blocks: DirectoryBlocks,
  directory: File,
  block: number,
): Promise<Entry[]> {
  const { editor, entriesBytes, leaves } = blocks;
  const key = keyOf(directory, block);
  const known = leaves.get(key);
  editor.cache.work(known?.length ?? entriesBytes);
  if (known !== undefined) return known;
  const bytes = await readBlock(blocks, directory, block);
  const entries = readEntries(bytes.subarray(0, entriesBytes));
  leaves.set(key, entries);
  return entries;
}

export function putLeaf(
  { leaves }: DirectoryBlocks,
  directory: File,
  block: number,
  entries: Entry[],
): void {
  leaves.set(keyOf(directory, block), entries);
}

/** A name in a block of the directory; null if it is not there. */
export async function searchLeaf(
  blocks: DirectoryBlocks,
  directory: File,
  block: number,
  name: string,
): Promise<FoundName | null> {
  const entries = await leafAt(blocks, directory, block);
  const at = entries.findIndex((entry) => entry.inode !== 0 && entry.name === name);
  const entry = entries[at];
  return entry === undefined
    ? null
    : { inode: entry.inode, remove: () => removeEntry(entries, at) };
}

/** The top of the directory's index; null if there is none that is followed. */
export async function rootOf(blocks: DirectoryBlocks, directory: File): Promise<IndexRoot | null> {
  const { kind, roots, unindexed } = blocks;
  const known = roots.get(directory.number);
  if (known !== undefined) return known;
  const isIndexed = kind.hasIndexes && directory.inode.hasIndex;
  const root = isIndexed
    ? readIndexRoot(await readBlock(blocks, directory, 0), kind.hasChecksum)
    : null;
  if (isIndexed && root === null) unindexed.add(directory.number);
  roots.set(directory.number, root);
  return root;
}

/** A node of the index below its root; null if it is none. */
export async function nodeAt(
  blocks: DirectoryBlocks,
  directory: File,
  block: number,
): Promise<IndexNode | null> {
  const key = keyOf(directory, block);
  const known = blocks.nodes.get(key);
  if (known !== undefined) return known;
  const bytes = await readBlock(blocks, directory, block);
  const node = readIndexNode(bytes, blocks.kind.hasChecksum);
  if (node !== null) blocks.nodes.set(key, node);
  return node;
}

export function putNode(
  { nodes }: DirectoryBlocks,
  directory: File,
  block: number,
  node: IndexNode,
): void {
  nodes.set(keyOf(directory, block), node);
}

/** Gives the directory another block. @returns its number there. */
export async function append(blocks: DirectoryBlocks, directory: File): Promise<number> {
  const { editor, files } = blocks;
  const block = blockCountOf(blocks, directory);
  await appendBlock(editor, await files.tree(directory), block);
  blocks.added.add(keyOf(directory, block));
  // The kernel does not count the block in the inode while it applies fast commits.
  directory.sizeBytes += blocks.blockSizeBytes;
  return block;
}

export function blockCountOf({ blockSizeBytes }: DirectoryBlocks, { sizeBytes }: File): number {
  return Math.floor(sizeBytes / blockSizeBytes);
}
