// The trees that the root tree names.
// References: Linux 6.18 fs/btrfs/disk-io.c: btrfs_read_roots; include/uapi/linux/btrfs_tree.h.
import { parseBtrfsRoot } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { big, equals, int, unknownFlags, uuidText } from '../../validation/guest.js';
import type { TreeRoot } from './superblock.js';
import { refused } from './superblock-rules.js';
import {
  eachItem,
  firstKey,
  type Item,
  isSubvolume,
  type Key,
  lastKey,
  readKey,
  TOP,
  type TreeReader,
} from './tree.js';

export const ROOT_TREE = 1n;
export const EXTENT_TREE = 2n;
export const DEVICE_TREE = 4n;
/** What holds the data that a balance moves. */
export const MOVED_DATA = 2n ** 64n - 9n;
export const CHECKSUM_TREE = 7n;
export const FREE_SPACE_TREE = 10n;
export const BLOCK_GROUP_TREE = 11n;
export const ROOT_ITEM = 132;
const MAX_LEVEL = 7;
const ROOT_BYTES = [439, 239];
/** Read-only, and deleted but for its items. */
const KNOWN_FLAGS = 1n | (1n << 48n);

const NAMES: ReadonlyMap<bigint, string> = new Map([
  [EXTENT_TREE, 'the extent tree'],
  [DEVICE_TREE, 'the device tree'],
  [TOP, 'the top subvolume'],
  [MOVED_DATA, 'the tree of moved data'],
  [CHECKSUM_TREE, 'the checksum tree'],
  [FREE_SPACE_TREE, 'the free space tree'],
  [BLOCK_GROUP_TREE, 'the block group tree'],
]);

/** Trees whose nodes are all their own; those of a subvolume are a subvolume's. */
const OWNERS: ReadonlySet<bigint> = new Set([
  EXTENT_TREE,
  DEVICE_TREE,
  CHECKSUM_TREE,
  FREE_SPACE_TREE,
  BLOCK_GROUP_TREE,
]);

export interface Root extends TreeRoot {
  /** All its nodes together. */
  readonly usedBytes: number;
  /** The generation of the last snapshot of it: a node of this generation or an older one may be in the snapshot too. */
  readonly lastSnapshot: bigint;
  /** It was made with all that was in another subvolume. */
  readonly isSnapshot: boolean;
  /** Nothing refers to it any more. */
  readonly isDeleted: boolean;
  /** What lies before this key is deleted already; null unless the deletion was begun. */
  readonly deletedTo: Key | null;
  /** The offset of the item's key: of a log, the number of the subvolume. */
  readonly offset: bigint;
}

/** The root of a tree; of several items, the first. @throws FormatError INVALID when there is none. */
export async function readRoot(
  reader: TreeReader,
  rootTree: TreeRoot,
  tree: bigint,
): Promise<Root> {
  const name = nameOfTree(tree);
  const [root] = await readRoots(reader, rootTree, tree, () => name);
  if (root === undefined) throw new FormatError('INVALID', `btrfs: ${name} is missing`);
  return { ...root, owner: OWNERS.has(tree) || isSubvolume(tree) ? tree : null };
}

/** In words, for messages. */
function nameOfTree(tree: bigint): string {
  return NAMES.get(tree) ?? `tree ${BigInt.asIntN(64, tree)}`;
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

/** A root from its item. @throws FormatError INVALID, OUT_OF_BOUNDS */
export function rootOf(
  { superblock }: Pick<TreeReader, 'superblock'>,
  { data, offset }: Pick<Item, 'data' | 'offset'>,
  name: string,
): Root {
  const item = parseBtrfsRoot(data);
  const newest = superblock.generation + 1n;
  const generation = (value: GuestInteger, what: string) =>
    big(value, `btrfs: ${what} of ${name}`, 0n, newest);
  const { secondGeneration } = item;
  if (secondGeneration !== undefined) generation(secondGeneration, 'second generation');
  int(item.dropLevel, `btrfs: level of deletion of ${name}`, 0, MAX_LEVEL);
  const flags = unknownFlags(item.flags, KNOWN_FLAGS);
  if (flags !== null) throw refused(`${name} has unknown flags ${flags}`);
  if (!ROOT_BYTES.includes(data.length)) {
    throw refused(`the root of ${name} is an item of ${data.length} bytes`);
  }
  const address = int(item.address, `btrfs: address of ${name}`, 0, Number.MAX_SAFE_INTEGER);
  if (address % superblock.sectorBytes !== 0) {
    throw refused(`${name} is at ${address}, which is no multiple of ${superblock.sectorBytes}`);
  }
  return {
    name,
    isSnapshot: item.parentUuid !== undefined && uuidText(item.parentUuid) !== null,
    isDeleted: equals(item.numReferences, 0),
    deletedTo: equals(item.dropObject, 0)
      ? null
      : readKey({ object: item.dropObject, type: item.dropType, offset: item.dropOffset }),
    owner: null,
    address,
    level: int(item.level, `btrfs: level of ${name}`, 0, MAX_LEVEL),
    generation: generation(item.generation, 'generation'),
    lastSnapshot: generation(item.lastSnapshot, 'last snapshot'),
    offset,
    usedBytes: int(item.numUsedBytes, `btrfs: size of ${name}`, 0, Number.MAX_SAFE_INTEGER),
  };
}
