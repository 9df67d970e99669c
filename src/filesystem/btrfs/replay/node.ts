// The nodes of a tree of btrfs that is changed in memory: how they are read, made, copied and measured.
// References: Linux 6.18 fs/btrfs/ctree.c: btrfs_cow_block, fixup_low_keys.
import { FormatError } from '../../../errors.js';
import type { TreeRoot } from '../superblock.js';
import {
  ITEM_BYTES,
  type Item,
  type Key,
  type Pointer,
  readNode,
  type TreeReader,
} from '../tree.js';
import type { Budget } from './budget.js';

/** One node of the tree in memory: `items` of a leaf, `children` of any other. */
export interface EditNode {
  readonly level: number;
  items: Item[];
  children: Child[];
  readonly generation: bigint;
  /** Where it lies, or will. */
  address: number;
  /** Written anew in this transaction. */
  isFresh: boolean;
  /** Another tree, a snapshot, has it too. */
  isShared: boolean;
}

interface Child {
  key: Key;
  /** null until it is read. */
  node: EditNode | null;
  readonly pointer: Pointer | null;
  /** The first key behind the node's range on disk; null if there is none. */
  readonly endKey: Key | null;
  /** The node has a second parent, in a snapshot. */
  isShared: boolean;
}

export interface EditTree {
  readonly reader: TreeReader;
  readonly leafBytes: number;
  readonly maxChildren: number;
  readonly sharing: Sharing;
  readonly blocks: Blocks;
  readonly budget: Budget;
  root: EditNode;
  /** The address of its first node on the disk. */
  readonly origin: number;
  /** How often a node was added or taken away. */
  reshapedCount: number;
  /** How often items were too large for the room that one more leaf makes. */
  tightCount: number;
  /** The free room of the fullest leaf that an item was put into. */
  leastFreeBytes: number;
}

/** Where nodes come from and go to, of all trees of a filesystem. */
export interface Blocks {
  /** A place for a new node. */
  allocate(level: number): Promise<number>;
  /** The node is no longer there; `isFresh` if it was new in this transaction. */
  release(node: Pick<EditNode, 'address' | 'level' | 'isFresh'>): void;
}

/** The nodes that a tree shares with its snapshots: one that is changed is copied, and the old one stays. */
export interface Sharing {
  /** Whether another tree has the node too. */
  isShared(node: EditNode): Promise<boolean>;
  /** The items of a leaf are now in two leaves. */
  onLeafCopied(items: readonly Item[]): void;
}

export interface Path {
  readonly nodes: EditNode[];
  readonly slots: number[];
  isFound: boolean;
}

/** A node as it is on the disk; `endKey` is the first key behind it. */
export function toEdit(
  node: Awaited<ReturnType<typeof readNode>>,
  { address, generation, level }: Pick<TreeRoot, 'address' | 'generation' | 'level'>,
  endKey: Key | null,
): EditNode {
  const pointers = 'pointers' in node ? node.pointers : [];
  return {
    level,
    items: 'items' in node ? [...node.items] : [],
    children: pointers.map((pointer, i) => ({
      key: pointer,
      node: null,
      pointer,
      endKey: pointers[i + 1] ?? endKey,
      isShared: false,
    })),
    generation,
    address,
    isFresh: false,
    isShared: false,
  };
}

/** The child in a slot, read if it was not yet. @throws FormatError LIMIT and as `readNode`. */
export async function childAt(tree: EditTree, node: EditNode, slot: number): Promise<EditNode> {
  const child = node.children[slot];
  if (child === undefined) throw new FormatError('INVALID', `btrfs: there is no child ${slot}`);
  if (child.node !== null) return child.node;
  const { pointer, endKey } = child;
  if (pointer === null) throw new FormatError('INVALID', 'btrfs: a child without a node');
  tree.budget.load(tree.reader.superblock.nodeBytes);
  const place = {
    address: pointer.address,
    generation: pointer.generation,
    level: node.level - 1,
  };
  const read = await readNode(tree.reader, { ...place, owner: null, firstKey: pointer, endKey });
  child.node = { ...toEdit(read, place, endKey), isShared: child.isShared };
  return child.node;
}

export async function newNode(tree: EditTree, level: number): Promise<EditNode> {
  tree.reshapedCount++;
  return {
    level,
    items: [],
    children: [],
    generation: 0n,
    address: await tree.blocks.allocate(level),
    isFresh: true,
    isShared: false,
  };
}

/** A new node as its parent has it. */
export function childOf(node: EditNode, key: Key): Child {
  return { key, node, pointer: null, endKey: null, isShared: false };
}

export function dropNode(tree: EditTree, node: EditNode): void {
  tree.reshapedCount++;
  tree.blocks.release(node);
}

/** A node that is changed is written elsewhere; one that a snapshot has too stays where it is as well. */
export async function cow(tree: EditTree, node: EditNode): Promise<void> {
  if (node.isFresh) return;
  const { address, level } = node;
  const isShared = node.isShared || (await tree.sharing.isShared(node));
  node.isFresh = true;
  node.address = await tree.blocks.allocate(level);
  if (!isShared) return tree.blocks.release({ address, level, isFresh: false });
  if (level === 0) tree.sharing.onLeafCopied(node.items);
  for (const child of node.children) {
    child.isShared = true;
    if (child.node !== null) child.node.isShared = true;
  }
}

/** A transaction ends: a node that was written in it is copied when it is changed again, like all that were there before. */
export function settle(node: EditNode): void {
  if (!node.isFresh) return;
  node.isFresh = false;
  node.isShared = false;
  for (const child of node.children) {
    if (child.node !== null) settle(child.node);
  }
}

export function usedBytes(items: readonly Item[], from = 0, to = items.length): number {
  let bytes = 0;
  for (let i = from; i < to; i++) bytes += ITEM_BYTES + (items[i]?.data.length ?? 0);
  return bytes;
}

export function freeBytes(tree: EditTree, leaf: EditNode): number {
  return tree.leafBytes - usedBytes(leaf.items);
}

export function firstKeyOf(node: EditNode): Key {
  const key = node.level === 0 ? node.items[0] : node.children[0]?.key;
  if (key === undefined) throw new FormatError('INVALID', 'btrfs: a node without keys');
  return key;
}

/** Gives the new first key of a node to its parents: each of them, up to the first in which it is not the first child. */
export function fixLowKeys(path: Path, level: number): void {
  for (let at = level + 1; at < path.nodes.length; at++) {
    const slot = path.slots[at] ?? 0;
    const child = path.nodes[at]?.children[slot];
    const below = path.nodes[at - 1];
    if (child !== undefined && below !== undefined && hasKeys(below)) child.key = firstKeyOf(below);
    if (slot !== 0) return;
  }
}

function hasKeys({ level, items, children }: EditNode): boolean {
  return (level === 0 ? items : children).length > 0;
}

export function nodeOf(path: Path, level: number): EditNode {
  const node = path.nodes[level];
  if (node === undefined) throw new FormatError('INVALID', `btrfs: no node of level ${level}`);
  return node;
}
