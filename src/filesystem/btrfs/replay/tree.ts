// A tree of btrfs that is changed in memory as the kernel would change it, to know how many nodes it then has.
// References: Linux 6.18 fs/btrfs/ctree.c: btrfs_search_slot.
// Nodes are read when a search first comes to them. Nothing is ever written.
import { countBefore } from '../../../bytes/search.js';
import { FormatError } from '../../../errors.js';
import type { TreeRoot } from '../superblock.js';
import {
  compareKeys,
  HEAD_BYTES,
  ITEM_BYTES,
  type Item,
  type Key,
  POINTER_BYTES,
  readRootNode,
  type TreeReader,
} from '../tree.js';
import { balanceNode, splitNode } from './inner.js';
import { splitLeaf } from './leaf.js';
import {
  childAt,
  cow,
  type EditNode,
  type EditTree,
  freeBytes,
  nodeOf,
  type Path,
  type Sharing,
  toEdit,
  usedBytes,
} from './node.js';

const NOTHING_SHARED: Sharing = {
  isShared: () => Promise.resolve(false),
  onLeafCopied() {},
};

export async function editTree(
  reader: TreeReader,
  root: TreeRoot,
  { blocks, budget }: Pick<EditTree, 'blocks' | 'budget'>,
  sharing = NOTHING_SHARED,
): Promise<EditTree> {
  const { nodeBytes } = reader.superblock;
  const node = await readRootNode(reader, root);
  return {
    reader,
    leafBytes: nodeBytes - HEAD_BYTES,
    maxChildren: Math.floor((nodeBytes - HEAD_BYTES) / POINTER_BYTES),
    sharing,
    blocks,
    budget,
    root: toEdit(node, root, null),
    origin: root.address,
    reshapedCount: 0,
    tightCount: 0,
    leastFreeBytes: nodeBytes,
  };
}

/**
 * The way to the key: `insertBytes` of room is made for an item and its head, a negative number says that something
 * will be deleted. `change` writes the way anew.
 */
export async function search(
  tree: EditTree,
  key: Key,
  insertBytes = 0,
  change = insertBytes !== 0,
): Promise<Path> {
  for (;;) {
    tree.budget.step();
    const pause = tree.budget.breathe();
    if (pause !== null) await pause;
    const path = await descend(tree, key, insertBytes, change);
    if (path !== null) return path;
  }
}

async function descend(
  tree: EditTree,
  key: Key,
  insertBytes: number,
  change: boolean,
): Promise<Path | null> {
  const path: Path = { nodes: [], slots: [], isFound: false };
  let node = tree.root;
  const top = node.level;
  for (let level = top; level >= 0; level--) {
    if (change) await cow(tree, node);
    path.nodes[level] = node;
    if (level === 0) break;
    path.slots[level] = childSlot(node, key);
    if (insertBytes > 0 && node.children.length >= tree.maxChildren - 3) {
      await splitNode(tree, path, level);
    } else if (insertBytes < 0 && node.children.length < Math.floor(tree.maxChildren / 2)) {
      if (!(await balanceNode(tree, path, level))) return null;
    }
    node = await childAt(tree, nodeOf(path, level), path.slots[level] ?? 0);
  }
  const { slot, isFound } = itemSlot(nodeOf(path, 0), key);
  path.slots[0] = slot;
  path.isFound = isFound;
  const needed = isFound ? insertBytes - ITEM_BYTES : insertBytes;
  const before = isFound ? usedBytes(nodeOf(path, 0).items, slot, slot + 1) : 0;
  if (needed + before > tree.leafBytes) {
    throw new FormatError('INVALID', `btrfs: an item of ${needed} more bytes fits into no node`);
  }
  if (insertBytes > 0 && freeBytes(tree, nodeOf(path, 0)) < needed) {
    await splitLeaf(tree, path, key, needed, isFound);
  }
  return path;
}

function childSlot({ children }: EditNode, key: Key): number {
  const count = countBefore(children.length, (i) => {
    const child = children[i];
    return child !== undefined && compareKeys(child.key, key) <= 0;
  });
  return Math.max(0, count - 1);
}

/** The number of the first item whose key is not below. */
export function lowerBound(items: readonly Item[], key: Key): number {
  return countBefore(items.length, (i) => {
    const item = items[i];
    return item !== undefined && compareKeys(item, key) < 0;
  });
}

function itemSlot({ items }: EditNode, key: Key): { slot: number; isFound: boolean } {
  const low = lowerBound(items, key);
  const item = items[low];
  return { slot: low, isFound: item !== undefined && compareKeys(item, key) === 0 };
}
