// How the index of a directory grows: full blocks of names and full nodes are split, and the tree gets higher.
// References: Linux 6.18 fs/ext4/namei.c: ext4_dx_add_entry, do_split, make_indexed_dir.
import { FormatError } from '../../../errors.js';
import { append, type DirectoryBlocks, leafAt, putLeaf, putNode } from './directory-blocks.js';
import { type Entry, packed } from './entries.js';
import type { File } from './files.js';
import { halvesOf, type IndexNode, type IndexRoot, nodeLimit, rootLimit } from './name-index.js';

/** A node on the way down the index, and the entry that is taken there. */
export interface Frame {
  readonly node: IndexNode;
  at: number;
}

/** Splits a full block of names. @returns the names among which the new one goes. */
export async function splitLeaf(
  blocks: DirectoryBlocks,
  directory: File,
  block: number,
  frame: Frame,
  hashOf: (name: string) => number,
  hash: number,
): Promise<Entry[]> {
  const { blockSizeBytes, entriesBytes } = blocks;
  const full = await leafAt(blocks, directory, block);
  const added = await append(blocks, directory);
  const halves = halvesOf(full, hashOf, blockSizeBytes);
  if (halves === null) throw new FormatError('INVALID', 'ext: a directory cannot be split');
  const lower = packed(halves.lower, entriesBytes);
  const upper = packed(halves.upper, entriesBytes);
  putLeaf(blocks, directory, block, lower);
  putLeaf(blocks, directory, added, upper);
  frame.node.entries.splice(frame.at + 1, 0, { hash: halves.hash, block: added });
  return hash >= halves.hash - (halves.hash % 2) ? upper : lower;
}

/** Makes room in the index. @returns whether the way down has to be looked for anew. */
export async function growIndex(
  blocks: DirectoryBlocks,
  directory: File,
  root: IndexRoot,
  frames: Frame[],
): Promise<'split' | 'again' | 'full'> {
  const lowest = frames.length - 1;
  if (!isFull(frames[lowest])) return 'split';
  let level = lowest;
  while (level > 0 && isFull(frames[level - 1])) level--;
  if (level === 0 && frames.length === blocks.kind.maxLevels) return 'full';
  const frame = frames[level];
  const above = frames[level - 1];
  if (frame === undefined) return 'full';
  const block = await append(blocks, directory);
  if (above === undefined) {
    addLevel(blocks, directory, root, block);
    return 'again';
  }
  frames[level] = splitNode(blocks, directory, block, above, frame);
  return level < lowest ? 'again' : 'split';
}

function isFull(frame: Frame | undefined): boolean {
  return frame !== undefined && frame.node.entries.length >= frame.node.limit;
}

/** All that the root has goes into a node below it. */
function addLevel(blocks: DirectoryBlocks, directory: File, root: IndexRoot, block: number): void {
  const limit = nodeLimit(blocks.blockSizeBytes, blocks.kind.hasChecksum);
  putNode(blocks, directory, block, { limit, entries: root.entries });
  root.entries = [{ hash: 0, block }];
  root.levels++;
}

/** The upper half of a node goes into a new one beside it. @returns the half on the way. */
function splitNode(
  blocks: DirectoryBlocks,
  directory: File,
  block: number,
  above: Frame,
  frame: Frame,
): Frame {
  const { entries } = frame.node;
  const half = Math.floor(entries.length / 2);
  const moved = entries.splice(half);
  const limit = nodeLimit(blocks.blockSizeBytes, blocks.kind.hasChecksum);
  const node = { limit, entries: moved };
  putNode(blocks, directory, block, node);
  above.node.entries.splice(above.at + 1, 0, { hash: moved[0]?.hash ?? 0, block });
  return frame.at >= half ? { node, at: frame.at - half } : frame;
}

/** A directory of one block becomes one with an index, over that block's names but for `.` and `..`. */
export async function firstIndex(
  blocks: DirectoryBlocks,
  directory: File,
): Promise<{ root: IndexRoot; block: number }> {
  const { kind, blockSizeBytes } = blocks;
  const entries = await leafAt(blocks, directory, 0);
  const names = entries.slice(2);
  const block = await append(blocks, directory);
  const taken = entries.slice(0, 2).reduce((sum, { room }) => sum + room, 0);
  const last = names.at(-1);
  if (last !== undefined) last.room += taken;
  putLeaf(blocks, directory, block, names);
  const limit = rootLimit(blockSizeBytes, kind.hasChecksum);
  const hashVersion = kind.hash.version;
  const root: IndexRoot = { hashVersion, levels: 0, limit, entries: [{ hash: 0, block }] };
  blocks.roots.set(directory.number, root);
  return { root, block };
}
