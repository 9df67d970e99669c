// How an extent tree takes another extent: where it has room, or by new nodes.
// References: Linux 6.18 fs/ext4/extents.c: ext4_ext_insert_extent, ext4_ext_create_new_leaf, ext4_ext_split,
// ext4_ext_grow_indepth, ext4_split_extent_at.
import type { ExtentRun } from '../extent-node.js';
import { areMergeable, endOf, merged } from './extent.js';
import type { Space } from './space.js';
import {
  correctIndexes,
  emptyNode,
  findExtent,
  goalOf,
  leafOf,
  type Node,
  type Path,
  ROOT_ENTRIES,
  type Tree,
  tryToMerge,
} from './tree.js';

/** Adds an extent where the file has a hole; `isMerging`: and joins it with its neighbours. */
export async function insertExtent(
  tree: Tree,
  space: Space,
  added: ExtentRun,
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
  added: ExtentRun,
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

function nextLeafWithRoom(tree: Tree, path: Path, added: ExtentRun): Path | null {
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

async function makeRoom(tree: Tree, space: Space, path: Path, added: ExtentRun): Promise<Path> {
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

/** Moves the entries behind the way into new nodes, a leaf and indexes above it, which hang in the node at `level`. */
async function split(
  tree: Tree,
  space: Space,
  path: Path,
  level: number,
  added: ExtentRun,
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
