// The trees that the root tree names.
// References: Linux 6.18 fs/btrfs/disk-io.c: btrfs_read_roots; include/uapi/linux/btrfs_tree.h.
import { parseBtrfsRoot } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { big, int } from '../../validation/guest.js';
import type { TreeRoot } from './superblock.js';
import { eachItem, firstKey, lastKey, type TreeReader } from './tree.js';

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
  /** What its nodes take. */
  readonly usedBytes: number;
}

/** The root of a tree; of several items, the first. @throws FormatError INVALID when there is none. */
export async function readRoot(
  reader: TreeReader,
  rootTree: TreeRoot,
  tree: bigint,
): Promise<Root> {
  const name = NAMES.get(tree) ?? `tree ${BigInt.asIntN(64, tree)}`;
  const items: Uint8Array[] = [];
  await eachItem(
    reader,
    rootTree,
    firstKey(tree, ROOT_ITEM),
    lastKey(tree, ROOT_ITEM),
    ({ data }) => items.push(data),
  );
  const [data] = items;
  if (data === undefined) throw new FormatError('INVALID', `btrfs: ${name} is missing`);
  const item = parseBtrfsRoot(data);
  const { generation } = reader.superblock;
  return {
    name,
    address: int(item.address, `btrfs: address of ${name}`, 0, Number.MAX_SAFE_INTEGER),
    level: int(item.level, `btrfs: level of ${name}`, 0, MAX_LEVEL),
    generation: big(item.generation, `btrfs: generation of ${name}`, 0n, generation + 1n),
    usedBytes: int(item.numUsedBytes, `btrfs: size of ${name}`, 0, Number.MAX_SAFE_INTEGER),
  };
}
