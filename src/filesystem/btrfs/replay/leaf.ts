// How leaves of a tree make room for an item, and how a leaf that is nearly empty goes: its neighbours take its items.
// References: Linux 6.18 fs/btrfs/ctree.c: split_leaf, push_for_double_split, copy_for_split, btrfs_del_items,
// btrfs_del_leaf.
import type { Key } from '../tree.js';
import { addRoot, removeChild } from './inner.js';
import {
  childOf,
  type EditNode,
  type EditTree,
  fixLowKeys,
  freeBytes,
  newNode,
  nodeOf,
  type Path,
  usedBytes,
} from './node.js';
import { pushLeft, pushRight } from './push.js';

const ALL = Number.MAX_SAFE_INTEGER;

/** Makes room for `dataBytes` (with an item's head, unless an item grows) at the path's slot. */
export async function splitLeaf(
  tree: EditTree,
  path: Path,
  key: Key,
  dataBytes: number,
  grows: boolean,
): Promise<void> {
  if (await pushForRoom(tree, path, dataBytes)) return;
  if (path.nodes[1] === undefined) await addRoot(tree, path, 0);
  let triedPush = false;
  for (;;) {
    const leaf = nodeOf(path, 0);
    const slot = path.slots[0] ?? 0;
    const { middle, parts } = splitPlan(tree, leaf, slot, dataBytes, grows);
    if (parts === 2 && !triedPush) {
      triedPush = true;
      tree.tightCount++;
      await pushForDoubleSplit(tree, path, dataBytes);
      if (freeBytes(tree, nodeOf(path, 0)) >= dataBytes) return;
      continue;
    }
    if (parts === 0) return await addEmptyLeaf(tree, path, key, middle <= slot);
    await moveBehind(tree, path, middle);
    if (parts !== 2) return;
  }
}

async function pushForRoom(tree: EditTree, path: Path, dataBytes: number): Promise<boolean> {
  if (path.nodes[1] === undefined) return false;
  const leaf = nodeOf(path, 0);
  const slot = path.slots[0] ?? 0;
  const room = freeBytes(tree, leaf);
  const right = slot < leaf.items.length ? dataBytes - room : dataBytes;
  const push = { mayEmpty: false };
  const toRight = { ...push, leastBytes: right, neededBytes: right, limitSlot: 0 };
  if (!(await pushRight(tree, path, toRight))) {
    const left = slot > 0 ? dataBytes - room : dataBytes;
    const toLeft = { ...push, leastBytes: left, neededBytes: left, limitSlot: ALL };
    await pushLeft(tree, path, toLeft);
  }
  return freeBytes(tree, nodeOf(path, 0)) >= dataBytes;
}

/** Where a leaf is cut: `parts` is 1, 2 if it must be cut once more, 0 if the item gets a leaf of its own. */
function splitPlan(
  tree: EditTree,
  { items }: EditNode,
  slot: number,
  dataBytes: number,
  grows: boolean,
): { middle: number; parts: 0 | 1 | 2 } {
  const count = items.length;
  const half = Math.floor((count + 1) / 2);
  const isTight = (from: number, to: number) =>
    usedBytes(items, from, to) + dataBytes > tree.leafBytes;
  if (half <= slot) {
    if (count > 1 && !isTight(half, count)) return { middle: half, parts: 1 };
    if (slot >= count) return { middle: half, parts: 0 };
  } else {
    if (!isTight(0, half)) return { middle: half, parts: 1 };
    if (slot === 0) return grows ? { middle: 1, parts: 1 } : { middle: half, parts: 0 };
  }
  return { middle: slot, parts: slot !== count && isTight(slot, count) ? 2 : 1 };
}

async function pushForDoubleSplit(tree: EditTree, path: Path, dataBytes: number): Promise<void> {
  const first = nodeOf(path, 0);
  const slot = path.slots[0] ?? 0;
  const room = freeBytes(tree, first);
  await pushRight(tree, path, {
    leastBytes: 1,
    neededBytes: slot < first.items.length ? dataBytes - room : dataBytes,
    mayEmpty: false,
    limitSlot: slot,
  });
  const leaf = nodeOf(path, 0);
  const now = path.slots[0] ?? 0;
  if (now === 0 || now === leaf.items.length || freeBytes(tree, leaf) >= dataBytes) return;
  await pushLeft(tree, path, {
    leastBytes: 1,
    neededBytes: dataBytes - freeBytes(tree, leaf),
    mayEmpty: false,
    limitSlot: now,
  });
}

async function addEmptyLeaf(
  tree: EditTree,
  path: Path,
  key: Key,
  isBehind: boolean,
): Promise<void> {
  const leaf = await newNode(tree, 0);
  const at = (path.slots[1] ?? 0) + (isBehind ? 1 : 0);
  nodeOf(path, 1).children.splice(at, 0, childOf(leaf, key));
  path.nodes[0] = leaf;
  path.slots[0] = 0;
  path.slots[1] = at;
  if (at === 0) fixLowKeys(path, 1);
}

/** The items from `middle` on get a leaf of their own, behind. */
async function moveBehind(tree: EditTree, path: Path, middle: number): Promise<void> {
  const leaf = nodeOf(path, 0);
  const right = await newNode(tree, 0);
  right.items = leaf.items.splice(middle);
  const [head] = right.items;
  if (head === undefined) return;
  const at = (path.slots[1] ?? 0) + 1;
  nodeOf(path, 1).children.splice(at, 0, childOf(right, head));
  const slot = path.slots[0] ?? 0;
  if (middle > slot) return;
  path.nodes[0] = right;
  path.slots[0] = slot - middle;
  path.slots[1] = at;
}

/** After items were deleted: an empty leaf goes, and one that is less than a third full if its neighbours take all. */
export async function dropLeafIfSparse(tree: EditTree, path: Path): Promise<void> {
  const leaf = nodeOf(path, 0);
  const at = path.slots[1] ?? 0;
  if (path.nodes[1] === undefined) return;
  if (leaf.items.length === 0) return removeChild(tree, path, 1, at, leaf);
  if (usedBytes(leaf.items) >= Math.floor(tree.leafBytes / 3)) return;
  await pushLeft(tree, path, {
    leastBytes: 0,
    neededBytes: usedBytes(leaf.items, 0, 1),
    mayEmpty: true,
    limitSlot: ALL,
  });
  if (path.nodes[0] === leaf && leaf.items.length > 0) {
    const neededBytes = usedBytes(leaf.items);
    await pushRight(tree, path, { leastBytes: 0, neededBytes, mayEmpty: true, limitSlot: 0 });
  }
  if (leaf.items.length > 0) return;
  path.slots[1] = at;
  removeChild(tree, path, 1, at, leaf);
}
