// How a leaf gives items to its neighbours, so that there is room in it or so that it becomes empty.
// References: Linux 6.18 fs/btrfs/ctree.c: push_leaf_left, __push_leaf_left, push_leaf_right, __push_leaf_right.
import { ITEM_BYTES } from '../tree.js';
import {
  childAt,
  cow,
  type EditNode,
  type EditTree,
  fixLowKeys,
  freeBytes,
  nodeOf,
  type Path,
  usedBytes,
} from './node.js';

interface Push {
  /** Bytes that must be left over in the neighbour if the place of the new item moves into it. */
  readonly leastBytes: number;
  /** Nothing is moved to a neighbour that has less free room. */
  readonly neededBytes: number;
  /** The leaf may become empty. */
  readonly mayEmpty: boolean;
  /** The first slot that may go right, the last one that may go left. */
  readonly limitSlot: number;
}

/** To the neighbour behind. @returns whether anything was done. */
export async function pushRight(tree: EditTree, path: Path, push: Push): Promise<boolean> {
  const parent = path.nodes[1];
  const at = path.slots[1] ?? 0;
  if (parent === undefined || at >= parent.children.length - 1) return false;
  const left = nodeOf(path, 0);
  const right = await childAt(tree, parent, at + 1);
  const room = freeBytes(tree, right);
  if (room < push.neededBytes) return false;
  await cow(tree, right);
  const count = left.items.length;
  if (count === 0) return false;
  if (path.slots[0] === count && !push.mayEmpty) {
    path.nodes[0] = right;
    path.slots[0] = 0;
    path.slots[1] = at + 1;
    return true;
  }
  const moved = countRight(tree, left, path.slots[0] ?? 0, room, push);
  if (moved === 0) return false;
  right.items.unshift(...left.items.splice(count - moved));
  const child = parent.children[at + 1];
  const [head] = right.items;
  if (child !== undefined && head !== undefined) child.key = head;
  const slot = path.slots[0] ?? 0;
  if (slot >= left.items.length) {
    path.slots[0] = slot - left.items.length;
    path.nodes[0] = right;
    path.slots[1] = at + 1;
  }
  return true;
}

function countRight(
  tree: EditTree,
  { items }: EditNode,
  slot: number,
  room: number,
  { leastBytes, mayEmpty, limitSlot }: Push,
): number {
  const least = mayEmpty ? 0 : Math.max(1, limitSlot);
  const free = tree.leafBytes - usedBytes(items);
  let space = slot >= items.length ? leastBytes : 0;
  let moved = 0;
  for (let i = items.length - 1; i >= least; i--) {
    if (!mayEmpty && moved > 0) {
      if (slot > i) break;
      if (slot === i && free + space * 2 > room) break;
    }
    if (slot === i) space += leastBytes;
    const bytes = ITEM_BYTES + (items[i]?.data.length ?? 0);
    if (bytes + space > room) break;
    moved++;
    space += bytes;
  }
  return moved;
}

/** To the neighbour before. @returns whether anything was done. */
export async function pushLeft(tree: EditTree, path: Path, push: Push): Promise<boolean> {
  const parent = path.nodes[1];
  const at = path.slots[1] ?? 0;
  if (parent === undefined || at === 0) return false;
  const right = nodeOf(path, 0);
  if (right.items.length === 0) return false;
  const left = await childAt(tree, parent, at - 1);
  const room = freeBytes(tree, left);
  if (room < push.neededBytes) return false;
  await cow(tree, left);
  const slot = path.slots[0] ?? 0;
  const moved = countLeft(tree, right, slot, room, push);
  if (moved === 0) return false;
  const before = left.items.length;
  left.items.push(...right.items.splice(0, moved));
  if (right.items.length > 0) fixLowKeys(path, 0);
  if (slot < moved) {
    path.slots[0] = slot + before;
    path.nodes[0] = left;
    path.slots[1] = at - 1;
  } else path.slots[0] = slot - moved;
  return true;
}

function countLeft(
  tree: EditTree,
  { items }: EditNode,
  slot: number,
  room: number,
  { leastBytes, mayEmpty, limitSlot }: Push,
): number {
  const end = Math.min(mayEmpty ? items.length : items.length - 1, limitSlot);
  const free = tree.leafBytes - usedBytes(items);
  let space = 0;
  let moved = 0;
  for (let i = 0; i < end; i++) {
    if (!mayEmpty && moved > 0) {
      if (slot < i) break;
      if (slot === i && free + space * 2 > room) break;
    }
    if (slot === i) space += leastBytes;
    const bytes = ITEM_BYTES + (items[i]?.data.length ?? 0);
    if (bytes + space > room) break;
    moved++;
    space += bytes;
  }
  return moved;
}
