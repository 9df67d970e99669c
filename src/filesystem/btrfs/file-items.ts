// The items of one file, which lie next to each other: from the leaf that has its inode on.
import { countBefore } from '../../bytes/search.js';
import type { FileKind } from '../files.js';
import type { FileTree } from './file-trees.js';
import { compareKeys, firstKey, type Item, type Key, type Leaf, lastKey } from './tree.js';
import type { BtrfsVolume } from './volume-files.js';
import { treeLeaves, type WalkedNode } from './walk.js';

/** One file, in trusted numbers. */
export interface BtrfsFile {
  readonly tree: FileTree;
  /** The number of its inode. */
  readonly object: bigint;
  readonly number: number;
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly linkCount: number;
  /** The leaf that has its inode. */
  readonly leaf: WalkedNode<Leaf>;
}

/** Items of one leaf. */
interface ItemPage {
  readonly leaf: WalkedNode<Leaf>;
  readonly items: readonly Item[];
}

/** Its items of a type, leaf by leaf. @throws FormatError when no copy of a leaf is sound; LIMIT. */
export async function* itemPages(
  { recovered: { pool } }: BtrfsVolume,
  { tree, object, leaf }: BtrfsFile,
  type: number,
): AsyncGenerator<ItemPage, void, undefined> {
  const [from, to] = [firstKey(object, type), lastKey(object, type)];
  const last = leaf.node.items.at(-1);
  let next: Key = from;
  if (last !== undefined && compareKeys(last, from) >= 0) {
    const items = itemsWithin(leaf.node.items, from, to);
    if (items.length > 0) yield { leaf, items };
    if (compareKeys(last, to) >= 0) return;
    if (last.object !== object || last.type !== type) return;
    next = { object, type, offset: last.offset + 1n };
  }
  for await (const other of treeLeaves(pool.reader, tree.root, { from: next, to })) {
    const items = itemsWithin(other.node.items, next, to);
    if (items.length > 0) yield { leaf: other, items };
  }
}

function itemsWithin(items: readonly Item[], from: Key, to: Key): readonly Item[] {
  const bound = (isBefore: (item: Item) => boolean) =>
    countBefore(items.length, (i) => {
      const item = items[i];
      return item !== undefined && isBefore(item);
    });
  const start = bound((item) => compareKeys(item, from) < 0);
  return items.slice(
    start,
    bound((item) => compareKeys(item, to) <= 0),
  );
}
