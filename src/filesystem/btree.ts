// The one walk of a B-tree on a disk, bounded against trees that only an attacker would write: a block is come to once, each
// step goes down one level, and whoever walks pays for each block before it is read.
// Example: the tree of free inodes of an XFS group has its root in the AGI; a root of level 2 points to inner blocks of
// level 1, and these to leaves of level 0. To count its blocks, `lowestLevel` is 1: the leaves are come to and not read.
import { FormatError } from '../errors.js';

/** How a format reads the blocks of one of its trees. A pointer is whatever says where a block lies. */
export interface Tree<Pointer extends number | bigint, Block> {
  /** For messages: `the tree of free inodes of group 3`, without the format. */
  readonly name: string;
  readonly format: string;
  /** Where the walk begins: the root, or the blocks below a root that lies in another structure (an inode). */
  readonly top: readonly Pointer[];
  /** The level of these blocks; 0 is a leaf. */
  readonly topLevel: number;
  /** @throws FormatError for a block that is damaged or of another level. */
  read(pointer: Pointer, level: number): Promise<Block>;
  /** The blocks below an inner block, from left to right; those that a search passes over are left out. */
  children(block: Block): Iterable<Pointer>;
}

interface TreeWalk {
  /** Blocks below it are only come to, not read; default: the leaves are read. */
  readonly lowestLevel?: number;
  /** Called for each block that is come to, with its level, before it is read. @throws FormatError LIMIT. */
  readonly spend: (level: number) => void;
}

interface WalkedBlock<Block> {
  readonly level: number;
  readonly block: Block;
}

/**
 * The blocks of a tree from left to right, each before those below it.
 * @throws FormatError LOOP, and the errors of `read` and `spend`.
 */
export async function* treeBlocks<Pointer extends number | bigint, Block>(
  tree: Tree<Pointer, Block>,
  { lowestLevel = 0, spend }: TreeWalk,
): AsyncGenerator<WalkedBlock<Block>, void, undefined> {
  const seen = new Set<Pointer>();
  /** The pointers that are left of each level on the way down. */
  const left: Iterator<Pointer>[] = [tree.top[Symbol.iterator]()];
  for (;;) {
    const next = left.at(-1)?.next();
    if (next === undefined) return;
    if (next.done === true) {
      left.pop();
      continue;
    }
    const level = tree.topLevel - left.length + 1;
    spend(level);
    if (seen.has(next.value)) {
      const message = `${tree.format}: ${tree.name} comes to block ${next.value} twice`;
      throw new FormatError('LOOP', message);
    }
    seen.add(next.value);
    if (level < lowestLevel) continue;
    const block = await tree.read(next.value, level);
    yield { level, block };
    if (level > 0) left.push(tree.children(block)[Symbol.iterator]());
  }
}

/** The leaves alone. */
export async function* treeLeaves<Pointer extends number | bigint, Block>(
  tree: Tree<Pointer, Block>,
  spend: TreeWalk['spend'],
): AsyncGenerator<Block, void, undefined> {
  for await (const { level, block } of treeBlocks(tree, { spend })) if (level === 0) yield block;
}
