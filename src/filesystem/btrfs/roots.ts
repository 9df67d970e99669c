// The trees that the root tree names.
// References: Linux 6.18 fs/btrfs/disk-io.c: btrfs_read_roots; include/uapi/linux/btrfs_tree.h.
import { parseBtrfsRoot } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { big, int, u64 } from '../../validation/guest.js';
import type { TreeRoot } from './superblock.js';
import { eachItem, firstKey, type Item, lastKey, type TreeReader } from './tree.js';

export const EXTENT_TREE = 2n;
export const CHECKSUM_TREE = 7n;
export const FREE_SPACE_TREE = 10n;
export const BLOCK_GROUP_TREE = 11n;
const ROOT_ITEM = 132;
const MAX_LEVEL = 7;

const NAMES: ReadonlyMap<bigint, string> = new Map([
  [EXTENT_TREE, 'the extent tree'],
  [CHECKSUM_TREE, 'the checksum tree'],
  [FREE_SPACE_TREE, 'the free space tree'],
  [BLOCK_GROUP_TREE, 'the block group tree'],
]);

export interface Root extends TreeRoot {
  /** All its nodes together. */
  readonly usedBytes: number;
  /** The generation of the last snapshot of it: a node of this generation or an older one may be in the snapshot too. */
  readonly lastSnapshot: bigint;
  /** The offset of the item's key: of a log, the number of the subvolume. */
  readonly offset: bigint;
}

/** The root of a tree; of several items, the first. @throws FormatError INVALID when there is none. */
export async function readRoot(
  reader: TreeReader,
  rootTree: TreeRoot,
  tree: bigint,
): Promise<Root> {
  const name = NAMES.get(tree) ?? `tree ${BigInt.asIntN(64, tree)}`;
  const [root] = await readRoots(reader, rootTree, tree, () => name);
  if (root === undefined) throw new FormatError('INVALID', `btrfs: ${name} is missing`);
  return root;
}

/** All roots of an object: of a log, one for each subvolume, whose number is the offset of the item's key. */
export async function readRoots(
  reader: TreeReader,
  rootTree: TreeRoot,
  tree: bigint,
  nameOf: (offset: bigint) => string,
): Promise<readonly Root[]> {
  const roots: Root[] = [];
  const [from, to] = [firstKey(tree, ROOT_ITEM), lastKey(tree, ROOT_ITEM)];
  await eachItem(reader, rootTree, from, to, ({ data, offset }) => {
    roots.push(rootOf(reader, { data, offset }, nameOf(offset)));
  });
  return roots;
}

function rootOf(
  { superblock }: TreeReader,
  { data, offset }: Pick<Item, 'data' | 'offset'>,
  name: string,
): Root {
  const item = parseBtrfsRoot(data);
  return {
    name,
    address: int(item.address, `btrfs: address of ${name}`, 0, Number.MAX_SAFE_INTEGER),
    level: int(item.level, `btrfs: level of ${name}`, 0, MAX_LEVEL),
    generation: big(
      item.generation,
      `btrfs: generation of ${name}`,
      0n,
      superblock.generation + 1n,
    ),
    lastSnapshot: u64(item.lastSnapshot),
    offset,
    usedBytes: int(item.numUsedBytes, `btrfs: size of ${name}`, 0, Number.MAX_SAFE_INTEGER),
  };
}
