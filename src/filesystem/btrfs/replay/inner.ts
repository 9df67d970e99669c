// How nodes above the leaves of a tree are split when they are full and emptied when they are not.
// References: Linux 6.18 fs/btrfs/ctree.c: split_node, push_nodes_for_insert, balance_level, push_node_left,
// balance_node_right, insert_new_root, btrfs_del_ptr.
import {
  childAt,
  childOf,
  cow,
  dropNode,
  type EditNode,
  type EditTree,
  firstKeyOf,
  fixLowKeys,
  newNode,
  nodeOf,
  type Path,
} from './node.js';

/** Children that a node keeps when it gives some to its neighbour. */
const KEPT = 8;

/** A root above the one that there is. */
export async function addRoot(tree: EditTree, path: Path, level: number): Promise<void> {
  const below = nodeOf(path, level);
  const root = await newNode(tree, level + 1);
  root.children = [childOf(below, firstKeyOf(below))];
  tree.root = root;
  path.nodes[level + 1] = root;
  path.slots[level + 1] = 0;
}

/** Makes room in the path's node of a level. */
export async function splitNode(tree: EditTree, path: Path, level: number): Promise<void> {
  if (nodeOf(path, level) === tree.root) await addRoot(tree, path, level);
  else if (await giveToNeighbour(tree, path, level)) {
    if (nodeOf(path, level).children.length < tree.maxChildren - 3) return;
  }
  const node = nodeOf(path, level);
  const middle = Math.floor((node.children.length + 1) / 2);
  const right = await newNode(tree, level);
  right.children = node.children.splice(middle);
  const at = (path.slots[level + 1] ?? 0) + 1;
  const child = childOf(right, firstKeyOf(right));
  nodeOf(path, level + 1).children.splice(at, 0, child);
  const slot = path.slots[level] ?? 0;
  if (slot < middle) return;
  path.nodes[level] = right;
  path.slots[level] = slot - middle;
  path.slots[level + 1] = at;
}

async function giveToNeighbour(tree: EditTree, path: Path, level: number): Promise<boolean> {
  const node = nodeOf(path, level);
  const parent = path.nodes[level + 1];
  const at = path.slots[level + 1] ?? 0;
  if (parent === undefined) return false;
  const slot = path.slots[level] ?? 0;
  if (at > 0) {
    const left = await childAt(tree, parent, at - 1);
    const before = left.children.length;
    if (before < tree.maxChildren - 1) {
      await cow(tree, left);
      if (pushLeft(tree, left, node, false)) {
        setKey(parent, at, node);
        settle(path, level, left, node, slot + before);
        return true;
      }
    }
  }
  if (at + 1 >= parent.children.length) return false;
  const right = await childAt(tree, parent, at + 1);
  if (right.children.length >= tree.maxChildren - 1) return false;
  await cow(tree, right);
  if (!pushRight(tree, right, node)) return false;
  setKey(parent, at + 1, right);
  if (node.children.length <= slot) {
    path.nodes[level] = right;
    path.slots[level] = slot - node.children.length;
    path.slots[level + 1] = at + 1;
  }
  return true;
}

/** The path's slot, counted from the beginning of the left neighbour. */
function settle(path: Path, level: number, left: EditNode, node: EditNode, slot: number): void {
  if (left.children.length > slot) {
    path.nodes[level] = left;
    path.slots[level] = slot;
    path.slots[level + 1] = (path.slots[level + 1] ?? 0) - 1;
    return;
  }
  path.nodes[level] = node;
  path.slots[level] = slot - left.children.length;
}

function setKey(parent: EditNode, slot: number, node: EditNode): void {
  const child = parent.children[slot];
  if (child !== undefined && node.children.length > 0) child.key = firstKeyOf(node);
}

/** Moves children of `from` to the end of `to`, which lies left of it. */
function pushLeft(tree: EditTree, to: EditNode, from: EditNode, mayEmpty: boolean): boolean {
  const count = from.children.length;
  const room = tree.maxChildren - to.children.length;
  if ((!mayEmpty && count <= KEPT) || room <= 0) return false;
  let moved = Math.min(mayEmpty ? count : count - KEPT, room);
  if (mayEmpty && moved < count && count - moved < KEPT) {
    if (moved <= KEPT) return false;
    moved -= KEPT;
  }
  to.children.push(...from.children.splice(0, moved));
  return true;
}

/** Moves children of `from` to the beginning of `to`, which lies right of it, and never all. */
function pushRight(tree: EditTree, to: EditNode, from: EditNode): boolean {
  const count = from.children.length;
  const room = tree.maxChildren - to.children.length;
  const most = Math.floor(count / 2) + 1;
  if (room <= 0 || count < 4 || most >= count) return false;
  to.children.unshift(...from.children.splice(count - Math.min(most, room)));
  return true;
}

/**
 * Before a deletion: a node that is hardly used takes children of its neighbours, or gives its own to them and goes. false:
 * the root went, and the search begins anew.
 */
export async function balanceNode(tree: EditTree, path: Path, level: number): Promise<boolean> {
  const node = nodeOf(path, level);
  const parent = path.nodes[level + 1];
  if (parent === undefined) {
    if (node.children.length !== 1) return true;
    const child = await childAt(tree, node, 0);
    await cow(tree, child);
    tree.root = child;
    dropNode(tree, node);
    return false;
  }
  if (node.children.length > Math.floor(tree.maxChildren / 4)) return true;
  const at = path.slots[level + 1] ?? 0;
  const left = at > 0 ? await childAt(tree, parent, at - 1) : null;
  if (left !== null) await cow(tree, left);
  const right = at + 1 < parent.children.length ? await childAt(tree, parent, at + 1) : null;
  if (right !== null) await cow(tree, right);
  const slot = (path.slots[level] ?? 0) + (left?.children.length ?? 0);
  if (left !== null) pushLeft(tree, left, node, true);
  if (right !== null) {
    pushLeft(tree, node, right, true);
    if (right.children.length === 0) removeChild(tree, path, level + 1, at + 1, right);
    else setKey(parent, at + 1, right);
  }
  if (node.children.length === 1 && left !== null && !pushRight(tree, node, left)) {
    pushLeft(tree, left, node, true);
  }
  if (node.children.length === 0) removeChild(tree, path, level + 1, at, node);
  else setKey(parent, at, node);
  if (left !== null) settle(path, level, left, node, slot);
  return true;
}

/** Takes a child, and its node, out of the path's node of a level. */
export function removeChild(
  tree: EditTree,
  path: Path,
  level: number,
  slot: number,
  child: EditNode,
): void {
  const parent = nodeOf(path, level);
  parent.children.splice(slot, 1);
  dropNode(tree, child);
  if (parent.children.length === 0 && parent === tree.root) {
    // The root stays, as an empty leaf.
    tree.root = { ...parent, level: 0, items: [], children: [] };
    path.nodes.length = 0;
    return;
  }
  if (slot === 0 && parent.children.length > 0) fixLowKeys(path, level);
}
