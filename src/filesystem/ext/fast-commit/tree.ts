// The extent tree of an inode as a recovery changes it: its shape decides how many blocks it takes itself.
// References: Linux 6.18 fs/ext4/extents.c: ext4_find_extent, ext4_ext_insert_extent, ext4_ext_create_new_leaf,
// ext4_ext_split, ext4_ext_grow_indepth, ext4_ext_try_to_merge, ext4_split_extent_at.
import { FormatError } from '../../../errors.js';
import { areMergeable, type Extent, endOf, merged } from './extent.js';
import type { Space } from './space.js';

/** In the inode. */
export const ROOT_ENTRIES = 4;
const END_OF_FILE = 2 ** 32;

/** A branch of the tree below an index node. */
export interface Branch {
  fileBlock: number;
  readonly node: Node;
}

export interface Node {
  /** Where it lies; null in the inode. */
  block: number | null;
  depth: number;
  /** Of a leaf. */
  extents: Extent[];
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

type Path = readonly [Step, ...Step[]];

export function emptyNode(): Node {
  return { block: null, depth: 0, extents: [], branches: [] };
}

/** The way to the extent that begins at `fileBlock` or is the last before it, or to the first. */
export function findExtent({ root }: Tree, fileBlock: number): Path {
  const path: [Step, ...Step[]] = [{ node: root, index: 0 }];
  for (;;) {
    const step = path[path.length - 1] ?? path[0];
    const { node } = step;
    const entries: readonly { readonly fileBlock: number }[] =
      node.depth === 0 ? node.extents : node.branches;
    step.index = entries.length === 0 ? -1 : Math.max(0, lastUpTo(entries, fileBlock));
    const branch = node.depth === 0 ? undefined : node.branches[step.index];
    if (branch === undefined) {
      if (node.depth > 0) throw new FormatError('INVALID', 'ext: an index of extents is empty');
      return path;
    }
    path.push({ node: branch.node, index: 0 });
  }
}

function lastUpTo(entries: readonly { readonly fileBlock: number }[], fileBlock: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((entries[middle]?.fileBlock ?? 0) <= fileBlock) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function leafOf(path: Path): Step {
  return path[path.length - 1] ?? path[0];
}

export function extentAt(path: Path): Extent | undefined {
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

/** Adds an extent where the file has a hole; `isMerging`: and joins it with its neighbours. */
export async function insertExtent(
  tree: Tree,
  space: Space,
  added: Extent,
  isMerging: boolean,
): Promise<void> {
  let path = findExtent(tree, added.fileBlock);
  if (isMerging && (await joinNeighbour(tree, space, path, added))) return;
  if (isFull(tree, leafOf(path).node)) {
    path = nextLeafWithRoom(tree, path, added) ?? (await makeRoom(tree, space, path, added));
  }
  const leaf = leafOf(path);
  const near = leaf.node.extents[leaf.index];
  if (near !== undefined && added.fileBlock > near.fileBlock) leaf.index++;
  leaf.index = Math.max(0, leaf.index);
  leaf.node.extents.splice(leaf.index, 0, added);
  const freed = isMerging ? tryToMerge(tree, path) : null;
  if (freed !== null) await space.mark(freed, 1, false);
  correctIndexes(path);
}

/** The kernel looks at the extent on the other side first if the one that it found is not next to the new one. */
async function joinNeighbour(
  tree: Tree,
  space: Space,
  path: Path,
  added: Extent,
): Promise<boolean> {
  const leaf = leafOf(path);
  const { extents } = leaf.node;
  const found = extents[leaf.index];
  if (found === undefined) return false;
  let at = leaf.index;
  const isBefore = at < extents.length - 1 && endOf(found) < added.fileBlock;
  if (isBefore) at++;
  else if (at > 0 && endOf(added) < found.fileBlock) at--;
  const neighbour = extents[at];
  if (neighbour === undefined) return false;
  if (!isBefore && areMergeable(neighbour, added)) extents[at] = merged(neighbour, added);
  else if (areMergeable(added, neighbour)) extents[at] = merged(added, neighbour);
  else return false;
  // The way still leads to the extent that was found, and so do the corrections.
  const freed = tryToMerge(tree, path, at);
  if (freed !== null) await space.mark(freed, 1, false);
  correctIndexes(path);
  return true;
}

function isFull({ nodeEntries }: Tree, node: Node): boolean {
  const count = node.depth === 0 ? node.extents.length : node.branches.length;
  return count >= (node.block === null ? ROOT_ENTRIES : nodeEntries);
}

function nextLeafWithRoom(tree: Tree, path: Path, added: Extent): Path | null {
  const last = leafOf(path).node.extents.at(-1);
  if (last === undefined || added.fileBlock <= last.fileBlock) return null;
  for (let level = path.length - 2; level >= 0; level--) {
    const step = path[level];
    const next = step?.node.branches[step.index + 1];
    if (next === undefined) continue;
    const there = findExtent(tree, next.fileBlock);
    return isFull(tree, leafOf(there).node) ? null : there;
  }
  return null;
}

async function makeRoom(tree: Tree, space: Space, path: Path, added: Extent): Promise<Path> {
  let current = path;
  for (;;) {
    let level = current.length - 1;
    while (level > 0 && isFull(tree, current[level]?.node ?? tree.root)) level--;
    const isRoomy = !isFull(tree, current[level]?.node ?? tree.root);
    if (isRoomy) await split(tree, space, current, level, added);
    else await growInDepth(tree, space);
    current = findExtent(tree, added.fileBlock);
    if (isRoomy || !isFull(tree, leafOf(current).node)) return current;
  }
}

/** Moves what lies behind the way into new nodes, a leaf and indexes above it, which hang in the node at `level`. */
async function split(
  tree: Tree,
  space: Space,
  path: Path,
  level: number,
  added: Extent,
): Promise<void> {
  const leaf = leafOf(path);
  const border = leaf.node.extents[leaf.index + 1]?.fileBlock ?? added.fileBlock;
  const goal = goalOf(tree, path, added.fileBlock);
  const blocks: number[] = [];
  for (let i = level + 1; i < path.length; i++) blocks.push(await space.allocate(goal));
  let below: Node | null = null;
  for (let i = path.length - 1; i > level; i--) {
    const step = path[i];
    if (step === undefined) continue;
    const { node, index } = step;
    const half: Node = { ...emptyNode(), block: blocks.pop() ?? null, depth: node.depth };
    if (below === null) half.extents = node.extents.splice(index + 1);
    else half.branches = [{ fileBlock: border, node: below }, ...node.branches.splice(index + 1)];
    below = half;
  }
  const parent = path[level];
  if (parent === undefined || below === null) return;
  const near = parent.node.branches[parent.index]?.fileBlock ?? 0;
  const at = border > near ? parent.index + 1 : parent.index;
  parent.node.branches.splice(at, 0, { fileBlock: border, node: below });
}

async function growInDepth(tree: Tree, space: Space): Promise<void> {
  const { root } = tree;
  const first = root.branches[0];
  const goal = first?.node.block ?? tree.goal;
  const block = await space.allocate(first === undefined ? goal : goal - 1);
  const node: Node = { ...root, block };
  const fileBlock = first?.fileBlock ?? root.extents[0]?.fileBlock ?? 0;
  root.extents = [];
  root.branches = [{ fileBlock, node }];
  root.depth++;
}

/** Near what the file has there already. */
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

function mergeRight(extents: Extent[], index: number): boolean {
  let isDone = false;
  for (;;) {
    const [first, second] = [extents[index], extents[index + 1]];
    if (first === undefined || second === undefined || !areMergeable(first, second)) return isDone;
    extents.splice(index, 2, merged(first, second));
    isDone = true;
  }
}

/** What lies above a leaf says where it begins. */
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

/** Cuts the extent that holds `fileBlock` in two there, as long as it does not begin there. */
export async function splitExtent(tree: Tree, space: Space, fileBlock: number): Promise<void> {
  const { node, index } = leafOf(findExtent(tree, fileBlock));
  const extent = node.extents[index];
  if (extent === undefined || fileBlock <= extent.fileBlock || fileBlock >= endOf(extent)) return;
  const before = fileBlock - extent.fileBlock;
  node.extents[index] = { ...extent, count: before };
  const behind = { fileBlock, block: extent.block + before, count: extent.count - before };
  await insertExtent(tree, space, { ...extent, ...behind }, false);
}
