// The files whose inodes a leaf has.
import type { FileId, FileNode } from '../files.js';
import { tell } from '../told.js';
import { standIn, strayChild } from './file-entries.js';
import { fileNode } from './file-node.js';
import type { FileTree } from './file-trees.js';
import { compareKeys, firstKey, type Item, type Leaf } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';
import type { WalkedNode } from './walk.js';

export const INODE_ITEM = 1;
const FIRST = firstKey(0n, 0);

/** In the order of their numbers; damage is told. */
export function filesOfLeaf(
  volume: BtrfsVolume,
  tree: FileTree,
  leaf: WalkedNode<Leaf>,
): readonly FileNode[] {
  const from = tree.root.deletedTo ?? FIRST;
  const files: FileNode[] = [];
  for (const item of leaf.node.items) {
    if (compareKeys(item, from) < 0) continue;
    const node = nodeOrTell(volume, tree, leaf, item);
    if (node !== null) files.push(node);
  }
  return files;
}

/** null: the item is no inode's. */
function nodeOrTell(
  volume: BtrfsVolume,
  tree: FileTree,
  leaf: WalkedNode<Leaf>,
  item: Item,
): FileNode | null {
  try {
    if (item.type === INODE_ITEM) return fileNode(volume, tree, leaf, item);
    const child = volume.trees.isOwn(tree.number) ? null : strayChild(volume, tree.number, item);
    return child === null ? null : standIn(tree.number, child);
  } catch (error) {
    tell(volume, idOf(tree, item), error);
    return null;
  }
}

/** null: its number cannot be that of a file. */
function idOf({ number }: FileTree, { object }: Item): FileId | null {
  const inode = Number(BigInt.asIntN(64, object));
  return Number.isSafeInteger(inode) ? fileId(number, inode) : null;
}
