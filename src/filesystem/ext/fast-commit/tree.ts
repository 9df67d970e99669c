// The extent tree of an inode as a recovery changes it: its shape decides how many blocks it takes itself.
// References: Linux 6.18 fs/ext4/extents.c: ext4_ext_find_goal, ext4_find_extent, ext4_ext_next_allocated_block,
// ext4_ext_correct_indexes, ext4_ext_try_to_merge.
import { lastAtMost } from '../../../bytes/search.js';
import { FormatError } from '../../../errors.js';
import type { ExtentRun } from '../extent-node.js';
import { areMergeable, merged } from './extent.js';

/** In the inode. */
export const ROOT_ENTRIES = 4;
const END_OF_FILE = 2 ** 32;

/** A branch of the tree below an index node. */
interface Branch {
  fileBlock: number;
  readonly node: Node;
}

export interface Node {
  /** Where it lies; null in the inode. */
  block: number | null;
  depth: number;
  /** Of a leaf. */
  extents: ExtentRun[];
  /** Of an index node. */
  branches: Branch[];
}

export interface Tree {
  readonly root: Node;
  /** Entries of a node that fills a block. */
  readonly nodeEntries: number;
  /** Near which the tree's first node is put. */
  readonly goal: number;
}

/** A way from the root to a leaf. */
interface Step {
  readonly node: Node;
  /** The entry; -1 in an empty leaf. */
  index: number;
}

export type Path = readonly [Step, ...Step[]];

export function emptyNode(): Node {
  return { block: null, depth: 0, extents: [], branches: [] };
}

/** Every extent in the order of the file. */
export function* extentsOf(node: Node): Generator<ExtentRun> {
  for (const { node: below } of node.branches) yield* extentsOf(below);
  yield* node.extents;
}

/** Blocks that the tree itself takes. */
export function* nodesBelow(node: Node): Generator<number> {
  for (const { node: below } of node.branches) {
    if (below.block !== null) yield below.block;
    yield* nodesBelow(below);
  }
}

/** The way to the extent that begins at `fileBlock` or is the last before it, or to the first. */
export function findExtent({ root }: Tree, fileBlock: number): Path {
  const path: [Step, ...Step[]] = [{ node: root, index: 0 }];
  for (;;) {
    const step = path[path.length - 1] ?? path[0];
    const { node } = step;
    const entries: readonly { readonly fileBlock: number }[] =
      node.depth === 0 ? node.extents : node.branches;
    const last = lastAtMost(fileBlock, entries.length, (i) => entries[i]?.fileBlock);
    step.index = entries.length === 0 ? -1 : Math.max(0, last);
    const branch = node.depth === 0 ? undefined : node.branches[step.index];
    if (branch === undefined) {
      if (node.depth > 0) throw new FormatError('INVALID', 'ext: an index of extents is empty');
      return path;
    }
    path.push({ node: branch.node, index: 0 });
  }
}

export function leafOf(path: Path): Step {
  return path[path.length - 1] ?? path[0];
}

export function extentAt(path: Path): ExtentRun | undefined {
  const { node, index } = leafOf(path);
  return node.extents[index];
}

/** Where the next extent of the file begins. */
export function nextAllocated(path: Path): number {
  for (let level = path.length - 1; level >= 0; level--) {
    const step = path[level];
    if (step === undefined) continue;
    const { extents, branches, depth } = step.node;
    const next = (depth === 0 ? extents : branches)[step.index + 1];
    if (next !== undefined) return next.fileBlock;
  }
  return END_OF_FILE;
}

/** A block near those that the file has there already. */
export function goalOf(tree: Tree, path: Path, fileBlock: number): number {
  const extent = extentAt(path);
  if (extent === undefined) return leafOf(path).node.block ?? tree.goal;
  return extent.block + (fileBlock - extent.fileBlock);
}

/**
 * Joins the extent with its neighbours, and puts a single leaf that has become small into the inode.
 * @returns the block of that leaf, which is free now; null if there is none.
 */
export function tryToMerge({ root }: Tree, path: Path, index = leafOf(path).index): number | null {
  const { extents } = leafOf(path).node;
  if (index === 0 || !mergeRight(extents, index - 1)) mergeRight(extents, index);
  const only = root.branches[0]?.node;
  if (root.depth !== 1 || root.branches.length !== 1 || only === undefined) return null;
  if (only.extents.length > ROOT_ENTRIES) return null;
  root.depth = 0;
  root.extents = only.extents;
  root.branches = [];
  return only.block;
}

function mergeRight(extents: ExtentRun[], index: number): boolean {
  let isDone = false;
  for (;;) {
    const [first, second] = [extents[index], extents[index + 1]];
    if (first === undefined || second === undefined || !areMergeable(first, second)) return isDone;
    extents.splice(index, 2, merged(first, second));
    isDone = true;
  }
}

/** Gives the first block of a leaf to the indexes above it. */
export function correctIndexes(path: Path): void {
  const leaf = leafOf(path);
  const [first] = leaf.node.extents;
  if (leaf.index > 0 || first === undefined) return;
  for (let level = path.length - 2; level >= 0; level--) {
    const step = path[level];
    const branch = step?.node.branches[step.index];
    if (branch !== undefined) branch.fileBlock = first.fileBlock;
    if (step === undefined || step.index > 0) return;
  }
}
