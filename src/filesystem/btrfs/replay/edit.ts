// The steps of a replay on the items of a tree: it finds, adds, changes and deletes them.
// References: Linux 6.18 fs/btrfs/ctree.c: btrfs_insert_empty_items, btrfs_extend_item, btrfs_truncate_item,
// btrfs_del_items, btrfs_next_leaf, btrfs_previous_item.
import { ITEM_BYTES, type Item, type Key } from '../tree.js';
import { dropLeafIfSparse } from './leaf.js';
import {
  childAt,
  type EditTree,
  fixLowKeys,
  freeBytes,
  nodeOf,
  type Path,
  usedBytes,
} from './node.js';
import { search } from './tree.js';

export function itemOf(path: Path): Item | null {
  return path.nodes[0]?.items[path.slots[0] ?? 0] ?? null;
}

export async function find(tree: EditTree, key: Key): Promise<Item | null> {
  const path = await search(tree, key);
  return path.isFound ? itemOf(path) : null;
}

/** The first item at or behind the key; null if there is none. */
export async function findNext(tree: EditTree, key: Key): Promise<Item | null> {
  const path = await search(tree, key);
  const item = itemOf(path);
  if (item !== null) return item;
  for (let level = 1; level < path.nodes.length; level++) {
    const node = nodeOf(path, level);
    const slot = (path.slots[level] ?? 0) + 1;
    if (slot >= node.children.length) continue;
    let next = await childAt(tree, node, slot);
    while (next.level > 0) next = await childAt(tree, next, 0);
    return next.items[0] ?? null;
  }
  return null;
}

/** The last item before the key; null if there is none. */
export async function findBefore(tree: EditTree, key: Key): Promise<Item | null> {
  const path = await search(tree, key);
  const slot = path.slots[0] ?? 0;
  if (slot > 0) return nodeOf(path, 0).items[slot - 1] ?? null;
  for (let level = 1; level < path.nodes.length; level++) {
    const node = nodeOf(path, level);
    const at = (path.slots[level] ?? 0) - 1;
    if (at < 0) continue;
    let before = await childAt(tree, node, at);
    while (before.level > 0) before = await childAt(tree, before, before.children.length - 1);
    return before.items[before.items.length - 1] ?? null;
  }
  return null;
}

/** Adds an item. @returns false, and changes nothing but the nodes' places, if the key is there already. */
export async function insert(tree: EditTree, item: Item): Promise<boolean> {
  return insertAll(tree, [item]);
}

/** Adds items that lie side by side, in one step. */
export async function insertAll(tree: EditTree, items: readonly Item[]): Promise<boolean> {
  const [first] = items;
  if (first === undefined) return true;
  const path = await search(tree, first, usedBytes(items));
  if (path.isFound) return false;
  const slot = path.slots[0] ?? 0;
  const leaf = nodeOf(path, 0);
  leaf.items.splice(slot, 0, ...items);
  tree.leastFreeBytes = Math.min(tree.leastFreeBytes, freeBytes(tree, leaf));
  if (slot === 0) fixLowKeys(path, 0);
  return true;
}

/** Puts an item in the place of one with its key, whatever its size, or adds it; room is made for `roomBytes`. */
export async function overwrite(
  tree: EditTree,
  item: Item,
  roomBytes = item.data.length,
): Promise<void> {
  const path = await search(tree, item, roomBytes + ITEM_BYTES);
  const slot = path.slots[0] ?? 0;
  const leaf = nodeOf(path, 0);
  leaf.items.splice(slot, path.isFound ? 1 : 0, item);
  if (slot === 0 && !path.isFound) fixLowKeys(path, 0);
}

/** Another content, of no more bytes than before, of an item that is there. */
export async function shrink(tree: EditTree, item: Item): Promise<void> {
  const path = await search(tree, item, 0, true);
  if (path.isFound) nodeOf(path, 0).items[path.slots[0] ?? 0] = item;
}

/** Another content, of as many bytes, of an item if it is there; the way to it is written anew either way. */
export async function changeItem(
  tree: EditTree,
  key: Key,
  change: (item: Item) => Item,
): Promise<void> {
  const path = await search(tree, key, 0, true);
  const item = itemOf(path);
  if (path.isFound && item !== null) nodeOf(path, 0).items[path.slots[0] ?? 0] = change(item);
}

/** Writes the way to a key anew, as a change of an item's content does. */
export async function touch(tree: EditTree, key: Key): Promise<void> {
  await search(tree, key, 0, true);
}

export async function remove(tree: EditTree, key: Key): Promise<boolean> {
  const path = await search(tree, key, -1);
  if (!path.isFound) return false;
  await removeAt(tree, path, path.slots[0] ?? 0, 1);
  return true;
}

/** Takes items of the path's leaf away. */
export async function removeAt(
  tree: EditTree,
  path: Path,
  slot: number,
  count: number,
): Promise<void> {
  nodeOf(path, 0).items.splice(slot, count);
  if (slot === 0) fixLowKeys(path, 0);
  await dropLeafIfSparse(tree, path);
}
