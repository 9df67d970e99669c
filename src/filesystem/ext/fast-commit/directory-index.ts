// Names of a directory with an index: they are looked for, and go, where their hash says.
// References: Linux 6.18 fs/ext4/namei.c: dx_probe, ext4_dx_find_entry, ext4_dx_add_entry, make_indexed_dir.
import { FormatError } from '../../../errors.js';
import {
  type DirectoryBlocks,
  type FoundName,
  leafAt,
  nodeAt,
  type Outcome,
  searchLeaf,
} from './directory-blocks.js';
import { addEntry, insertAt, type Name } from './entries.js';
import type { File } from './files.js';
import { type Frame, firstIndex, growIndex, splitLeaf } from './index-growth.js';
import { nameHash } from './name-hash.js';
import { entryFor, type IndexRoot } from './name-index.js';

/** How the index hashes names. */
function hasher({ kind }: DirectoryBlocks, root: IndexRoot): (name: string) => number {
  const hashKind = { ...kind.hash, version: root.hashVersion };
  return (name) => nameHash(hashKind, Buffer.from(name, 'latin1'));
}

/** The way down the index; null if it is none. */
async function probe(
  blocks: DirectoryBlocks,
  directory: File,
  root: IndexRoot,
  hash: number,
): Promise<Frame[] | null> {
  if (root.levels >= blocks.kind.maxLevels) return null;
  const frames: Frame[] = [{ node: root, at: entryFor(root, hash) }];
  for (let level = 0; level < root.levels; level++) {
    const above = frames[level];
    const block = above?.node.entries[above.at]?.block ?? 0;
    const node = await nodeAt(blocks, directory, block);
    if (node === null) return null;
    frames.push({ node, at: entryFor(node, hash) });
  }
  return frames;
}

/** @throws FormatError INVALID if the index cannot grow any more. */
export async function linkByIndex(
  blocks: DirectoryBlocks,
  directory: File,
  root: IndexRoot,
  added: Name,
): Promise<Outcome> {
  const hashOf = hasher(blocks, root);
  const hash = hashOf(added.name);
  for (;;) {
    const frames = await probe(blocks, directory, root, hash);
    const frame = frames?.at(-1);
    const block = frame?.node.entries[frame.at]?.block;
    if (frames === null || block === undefined) return 'unknown';
    const outcome = addEntry(await leafAt(blocks, directory, block), added);
    if (outcome !== 'full') return outcome;
    const grown = await growIndex(blocks, directory, root, frames);
    if (grown === 'full') throw noRoom();
    if (grown === 'again') continue;
    const last = frames.at(-1) ?? frame;
    if (last === undefined) return 'unknown';
    const entries = await splitLeaf(blocks, directory, block, last, hashOf, hash);
    insertAt(entries, entries.length - 1, added);
    return 'done';
  }
}

/** A directory of one block that is full becomes one with an index. */
export async function makeIndex(
  blocks: DirectoryBlocks,
  directory: File,
  added: Name,
): Promise<Outcome> {
  const { root, block } = await firstIndex(blocks, directory);
  const hashOf = hasher(blocks, root);
  const frame = { node: root, at: 0 };
  const half = await splitLeaf(blocks, directory, block, frame, hashOf, hashOf(added.name));
  insertAt(half, half.length - 1, added);
  return 'done';
}

export async function findByIndex(
  blocks: DirectoryBlocks,
  directory: File,
  root: IndexRoot,
  name: string,
): Promise<FoundName | null | 'unknown'> {
  const hash = hasher(blocks, root)(name);
  const frames = await probe(blocks, directory, root, hash);
  const frame = frames?.at(-1);
  if (frame === undefined) return 'unknown';
  const { entries } = frame.node;
  for (let at = frame.at; at < entries.length; at++) {
    const entry = entries[at];
    // A block goes on with the hash that the one before it ends with.
    if (entry === undefined || (at > frame.at && entry.hash !== hash + 1)) return null;
    const found = await searchLeaf(blocks, directory, entry.block, name);
    if (found !== null) return found;
  }
  return null;
}

function noRoom(): FormatError {
  return new FormatError('INVALID', 'ext: a directory is full; the kernel gives up');
}
