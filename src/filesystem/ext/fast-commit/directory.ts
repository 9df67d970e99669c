// Directories as a recovery changes them. What counts is whether a name fits, or takes another block.
// References: Linux 6.18 fs/ext4/namei.c: ext4_add_entry, ext4_dx_add_entry, make_indexed_dir, do_split,
// __ext4_find_entry, ext4_dx_find_entry, ext4_append, ext4_init_new_dir.
import { FormatError } from '../../../errors.js';
import { appendBlock, type Editor, mapAt } from './content.js';
import {
  addEntry,
  type Entry,
  entryBytes,
  insertAt,
  packed,
  readEntries,
  removeEntry,
} from './entries.js';
import type { File, Files } from './files.js';
import { type HashKind, nameHash } from './name-hash.js';
import {
  entryFor,
  halvesOf,
  type IndexNode,
  type IndexRoot,
  nodeLimit,
  readIndexNode,
  readIndexRoot,
  rootLimit,
} from './name-index.js';

const TAIL_BYTES = 12;
const SELF = '.';
const PARENT = '..';

/** What of the superblock decides how directories look. */
export interface DirectoryKind {
  readonly hasIndexes: boolean;
  readonly hasChecksum: boolean;
  /** Nodes over each other. */
  readonly maxLevels: number;
  /** How new indexes hash. */
  readonly hash: HashKind;
}

/** `unknown`: the directory is of a kind that is not followed here, and stays as it is. */
export type Outcome = 'done' | 'exists' | 'missing' | 'unknown';

export interface Directories {
  link(directory: File, name: string, inode: number): Promise<Outcome>;
  /** The inode of a name; null if there is none. */
  find(
    directory: File,
    name: string,
  ): Promise<{ inode: number; remove(): void } | null | 'unknown'>;
  /** Gives a new directory its first block. */
  begin(directory: File, parent: number): Promise<void>;
}

interface Frame {
  readonly node: IndexNode;
  at: number;
}

export function directoriesOf(editor: Editor, files: Files, kind: DirectoryKind): Directories {
  const { cache, geometry } = editor;
  const { blockSizeBytes } = geometry;
  const entriesBytes = blockSizeBytes - (kind.hasChecksum ? TAIL_BYTES : 0);
  /** Blocks of names and of the index, by directory and its block. */
  const leaves = new Map<string, Entry[]>();
  const nodes = new Map<string, IndexNode>();
  const roots = new Map<number, IndexRoot | null>();
  const unindexed = new Set<number>();

  const read = async (directory: File, block: number): Promise<Uint8Array> => {
    const found = mapAt(await files.tree(directory), block, 1);
    if (found.block === null) throw new FormatError('INVALID', 'ext: a directory has a hole');
    cache.spend(blockSizeBytes);
    return cache.overlay.read(found.block * blockSizeBytes, blockSizeBytes);
  };

  const keyOf = ({ number }: File, block: number) => `${number}:${block}`;

  const leaf = async (directory: File, block: number): Promise<Entry[]> => {
    const key = keyOf(directory, block);
    const known = leaves.get(key);
    cache.work(known?.length ?? entriesBytes);
    if (known !== undefined) return known;
    const entries = readEntries((await read(directory, block)).subarray(0, entriesBytes));
    leaves.set(key, entries);
    return entries;
  };

  const rootOf = async (directory: File): Promise<IndexRoot | null> => {
    const known = roots.get(directory.number);
    if (known !== undefined) return known;
    const isIndexed = kind.hasIndexes && directory.inode.hasIndex;
    const root = isIndexed ? readIndexRoot(await read(directory, 0), kind.hasChecksum) : null;
    if (isIndexed && root === null) unindexed.add(directory.number);
    roots.set(directory.number, root);
    return root;
  };

  const nodeAt = async (directory: File, block: number): Promise<IndexNode | null> => {
    const key = keyOf(directory, block);
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const node = readIndexNode(await read(directory, block), kind.hasChecksum);
    if (node !== null) nodes.set(key, node);
    return node;
  };

  const append = async (directory: File): Promise<number> => {
    const block = Math.floor(directory.sizeBytes / blockSizeBytes);
    await appendBlock(editor, await files.tree(directory), block);
    // The kernel does not count the block in the inode while it applies fast commits.
    directory.sizeBytes += blockSizeBytes;
    return block;
  };

  const hasher = (root: IndexRoot) => {
    const hashKind = { ...kind.hash, version: root.hashVersion };
    return (name: string) => nameHash(hashKind, Buffer.from(name, 'latin1'));
  };

  /** The way down the index; null if it is none. */
  const probe = async (directory: File, root: IndexRoot, hash: number): Promise<Frame[] | null> => {
    if (root.levels >= kind.maxLevels) return null;
    const frames: Frame[] = [{ node: root, at: entryFor(root, hash) }];
    for (let level = 0; level < root.levels; level++) {
      const above = frames[level];
      const node = await nodeAt(directory, above?.node.entries[above.at]?.block ?? 0);
      if (node === null) return null;
      frames.push({ node, at: entryFor(node, hash) });
    }
    return frames;
  };

  /** Splits a full block of names. @returns the names among which the new one goes. */
  const splitLeaf = async (
    directory: File,
    block: number,
    frame: Frame,
    hashOf: (name: string) => number,
    hash: number,
  ): Promise<Entry[]> => {
    const full = await leaf(directory, block);
    const added = await append(directory);
    const halves = halvesOf(full, hashOf, blockSizeBytes);
    if (halves === null) throw new FormatError('INVALID', 'ext: a directory cannot be split');
    const lower = packed(halves.lower, entriesBytes);
    const upper = packed(halves.upper, entriesBytes);
    leaves.set(keyOf(directory, block), lower);
    leaves.set(keyOf(directory, added), upper);
    frame.node.entries.splice(frame.at + 1, 0, { hash: halves.hash, block: added });
    return hash >= halves.hash - (halves.hash % 2) ? upper : lower;
  };

  /** Makes room in the index. @returns whether the way down has to be looked for anew. */
  const growIndex = async (
    directory: File,
    root: IndexRoot,
    frames: Frame[],
  ): Promise<'split' | 'again' | 'full'> => {
    let level = frames.length - 1;
    const isFull = (frame: Frame | undefined) =>
      frame !== undefined && frame.node.entries.length >= frame.node.limit;
    if (!isFull(frames[level])) return 'split';
    const lowest = level;
    while (level > 0 && isFull(frames[level - 1])) level--;
    const isNewLevel = level === 0;
    if (isNewLevel && frames.length === kind.maxLevels) return 'full';
    const frame = frames[level];
    const above = frames[level - 1];
    if (frame === undefined) return 'full';
    const block = await append(directory);
    const limit = nodeLimit(blockSizeBytes, kind.hasChecksum);
    const key = keyOf(directory, block);
    const { entries } = frame.node;
    if (isNewLevel || above === undefined) {
      nodes.set(key, { limit, entries });
      root.entries = [{ hash: 0, block }];
      root.levels++;
      return 'again';
    }
    const half = Math.floor(entries.length / 2);
    const moved = entries.splice(half);
    const hash = moved[0]?.hash ?? 0;
    const node = { limit, entries: moved };
    nodes.set(key, node);
    above.node.entries.splice(above.at + 1, 0, { hash, block });
    if (frame.at >= half) frames[level] = { node, at: frame.at - half };
    return level < lowest ? 'again' : 'split';
  };

  const linkByIndex = async (
    directory: File,
    root: IndexRoot,
    added: Pick<Entry, 'inode' | 'name'>,
  ): Promise<Outcome> => {
    const hashOf = hasher(root);
    const hash = hashOf(added.name);
    for (;;) {
      const frames = await probe(directory, root, hash);
      const frame = frames?.at(-1);
      const block = frame?.node.entries[frame.at]?.block;
      if (frames === null || block === undefined) return 'unknown';
      const outcome = addEntry(await leaf(directory, block), added);
      if (outcome !== 'full') return outcome;
      const grown = await growIndex(directory, root, frames);
      if (grown === 'full') throw noRoom();
      if (grown === 'again') continue;
      const last = frames.at(-1) ?? frame;
      if (last === undefined) return 'unknown';
      const entries = await splitLeaf(directory, block, last, hashOf, hash);
      insertAt(entries, entries.length - 1, added);
      return 'done';
    }
  };

  /** A directory of one block that is full becomes one with an index. */
  const makeIndex = async (
    directory: File,
    added: Pick<Entry, 'inode' | 'name'>,
  ): Promise<Outcome> => {
    const entries = await leaf(directory, 0);
    const names = entries.slice(2);
    const block = await append(directory);
    const taken = entries.slice(0, 2).reduce((sum, { room }) => sum + room, 0);
    const last = names.at(-1);
    if (last !== undefined) last.room += taken;
    leaves.set(keyOf(directory, block), names);
    const limit = rootLimit(blockSizeBytes, kind.hasChecksum);
    const root: IndexRoot = {
      hashVersion: kind.hash.version,
      levels: 0,
      limit,
      entries: [{ hash: 0, block }],
    };
    roots.set(directory.number, root);
    const hashOf = hasher(root);
    const half = await splitLeaf(
      directory,
      block,
      { node: root, at: 0 },
      hashOf,
      hashOf(added.name),
    );
    insertAt(half, half.length - 1, added);
    return 'done';
  };

  const linkInOrder = async (
    directory: File,
    added: Pick<Entry, 'inode' | 'name'>,
  ): Promise<Outcome> => {
    const blockCount = Math.floor(directory.sizeBytes / blockSizeBytes);
    for (let block = 0; block < blockCount; block++) {
      const outcome = addEntry(await leaf(directory, block), added);
      if (outcome !== 'full') return outcome;
      if (blockCount === 1 && kind.hasIndexes) return makeIndex(directory, added);
    }
    const block = await append(directory);
    leaves.set(keyOf(directory, block), [{ ...added, room: entriesBytes }]);
    return 'done';
  };

  const searchLeaf = async (directory: File, block: number, name: string) => {
    const entries = await leaf(directory, block);
    const at = entries.findIndex((entry) => entry.inode !== 0 && entry.name === name);
    const entry = entries[at];
    return entry === undefined
      ? null
      : { inode: entry.inode, remove: () => removeEntry(entries, at) };
  };

  const findByIndex = async (directory: File, root: IndexRoot, name: string) => {
    const hash = hasher(root)(name);
    const frames = await probe(directory, root, hash);
    const frame = frames?.at(-1);
    if (frame === undefined) return 'unknown';
    const { entries } = frame.node;
    for (let at = frame.at; at < entries.length; at++) {
      const entry = entries[at];
      // A block goes on with the hash that the one before it ends with.
      if (entry === undefined || (at > frame.at && entry.hash !== hash + 1)) return null;
      const found = await searchLeaf(directory, entry.block, name);
      if (found !== null) return found;
    }
    return null;
  };

  const isFollowed = ({ number, inode }: File): boolean =>
    inode.hasExtents && !inode.isInline && !inode.isTranslated && !unindexed.has(number);

  return {
    async link(directory, name, inode) {
      const root = isFollowed(directory) ? await rootOf(directory) : null;
      if (!isFollowed(directory)) return 'unknown';
      const added = { inode, name };
      return root === null ? linkInOrder(directory, added) : linkByIndex(directory, root, added);
    },
    async find(directory, name) {
      const root = isFollowed(directory) ? await rootOf(directory) : null;
      if (!isFollowed(directory)) return 'unknown';
      if (root !== null && name !== SELF && name !== PARENT) {
        return findByIndex(directory, root, name);
      }
      const blockCount = Math.floor(directory.sizeBytes / blockSizeBytes);
      for (let block = 0; block < blockCount; block++) {
        const found = await searchLeaf(directory, block, name);
        if (found !== null) return found;
      }
      return null;
    },
    async begin(directory, parent) {
      directory.sizeBytes = 0;
      roots.set(directory.number, null);
      const block = await append(directory);
      const self = entryBytes(SELF);
      leaves.set(keyOf(directory, block), [
        { inode: directory.number, name: SELF, room: self },
        { inode: parent, name: PARENT, room: entriesBytes - self },
      ]);
    },
  };
}

function noRoom(): FormatError {
  return new FormatError('INVALID', 'ext: a directory is full; the kernel gives up');
}
