// A tree within one allocation group: of inodes, of free space, of shared blocks, the reverse map.
// References: Linux 6.18 fs/xfs/libxfs/xfs_btree.c: xfs_btree_lookup; xfs_format.h: struct xfs_btree_block,
// union xfs_btree_ptr, struct xfs_rmap_key.
import {
  parseXfsBtreeBlock,
  XfsBtreeBlockFields,
  xfsBtreeHeadRecords,
  xfsBtreePointerRecords,
} from '../../../generated/filesystem/xfs.js';
import { lastAtMost } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { int, u16, u32 } from '../../validation/guest.js';
import { type Tree, treeBlocks, treeLeaves } from '../btree.js';
import { checkSector } from './checksum.js';
import type { GroupContext } from './group-headers.js';

const HEAD_BYTES = 56;
const HEAD_BYTES_V4 = 16;
const WORD_BYTES = 4;
const U32_MAX = 0xffffffff;
const MAX_LEVELS = 9;
/** Leaves of 340 records at least, in blocks of 4 KiB, and the blocks that point to them. */
const MAX_BLOCKS = 8192;

/** Where a tree of a group begins. */
export interface TreePlace {
  readonly group: number;
  readonly root: number;
  readonly levels: number;
  /** Bytes of a key in its inner blocks. Each begins with the number that it is searched by. */
  readonly keyBytes: number;
}

/** @param keyBytes 4 of the trees of inodes and of shared blocks. */
export function treePlace(
  group: number,
  root: GuestInteger,
  levels: GuestInteger,
  keyBytes: number = WORD_BYTES,
): TreePlace {
  return {
    group,
    keyBytes,
    root: int(root, `xfs: root of a tree of group ${group}`, 1, U32_MAX),
    levels: int(levels, `xfs: levels of a tree of group ${group}`, 1, MAX_LEVELS),
  };
}

export interface TreeBlock {
  readonly recordCount: number;
  /** Behind the head. */
  readonly body: Uint8Array;
}

/** The bytes of a block that records may fill. */
export function treeRoomBytes({ features, geometry }: GroupContext): number {
  return geometry.blockSizeBytes - (features.version === 5 ? HEAD_BYTES : HEAD_BYTES_V4);
}

/** @throws FormatError BAD_CHECKSUM, OUT_OF_BOUNDS, INVALID. */
export async function readTreeBlock(
  context: GroupContext,
  group: number,
  block: number,
  level: number,
): Promise<TreeBlock> {
  const { blockSizeBytes, blocksPerGroup } = context.geometry;
  const what = `tree block ${block} of group ${group}`;
  if (block <= 0 || block >= blocksPerGroup) {
    throw new FormatError('OUT_OF_BOUNDS', `xfs: ${what} lies outside of the group`);
  }
  const start = (group * blocksPerGroup + block) * blockSizeBytes;
  const bytes = await context.source.read(start, blockSizeBytes);
  if (context.features.version === 5) {
    const { checksum: stored, uuid } = parseXfsBtreeBlock(bytes);
    checkSector(context, bytes, { what, offset: XfsBtreeBlockFields.checksum.at, stored, uuid });
  }
  const head = xfsBtreeHeadRecords(bytes).at(0);
  int(head.level, `xfs: ${what}: bb_level`, level, level);
  return {
    recordCount: u16(head.numRecords),
    body: bytes.subarray(blockSizeBytes - treeRoomBytes(context)),
  };
}

/** Called before a block of a tree is read. @throws FormatError LIMIT. */
type Spend = () => void;

/** As many blocks as df reads of a group's trees. */
function fewBlocks(group: number): Spend {
  let blocks = 0;
  return () => {
    blocks += 1;
    if (blocks <= MAX_BLOCKS) return;
    throw new FormatError(
      'LIMIT',
      `xfs: a tree of group ${group} has more than the ${MAX_BLOCKS} blocks that virt-df reads`,
    );
  };
}

function treeOf(context: GroupContext, place: TreePlace, key: number): Tree<number, TreeBlock> {
  const { group, root, levels, keyBytes } = place;
  return {
    format: 'xfs',
    name: `a tree of group ${group}`,
    top: [root],
    topLevel: levels - 1,
    read: (block, level) => readTreeBlock(context, group, block, level),
    children: (block) => childrenFrom(block, key, keyBytes),
  };
}

/**
 * The leaves of a tree from the one on that has `key`: the rightmost whose records begin at or before it, then those to its
 * right.
 * @throws FormatError LOOP; LIMIT for more blocks than `spend` allows: as many as df reads of a group's trees, if left out.
 */
export function leavesFrom(
  context: GroupContext,
  place: TreePlace,
  key: number,
  spend: Spend = fewBlocks(place.group),
): AsyncGenerator<TreeBlock, void, undefined> {
  return treeLeaves(treeOf(context, place, key), spend);
}

/**
 * The leaves of a tree whose records may overlap, so that its inner blocks tell of each block below the first and the last number
 * in it (the reverse map): those that may have one that is wanted.
 * @throws FormatError as `leavesFrom`.
 */
export function leavesWithin(
  context: GroupContext,
  place: TreePlace,
  isWanted: (first: number, last: number) => boolean,
  spend: Spend,
): AsyncGenerator<TreeBlock, void, undefined> {
  const tree = treeOf(context, place, 0);
  const { blocksPerGroup } = context.geometry;
  const children = (block: TreeBlock) =>
    childrenWithin(block, place.keyBytes, blocksPerGroup - 1, isWanted);
  return treeLeaves({ ...tree, children }, spend);
}

/** The blocks that a tree takes, within its group. Its leaves are not read. @throws FormatError as `leavesFrom`. */
export async function* treeBlockNumbers(
  context: GroupContext,
  place: TreePlace,
  spend: Spend,
): AsyncGenerator<number, void, undefined> {
  yield place.root;
  const tree = treeOf(context, place, 0);
  for await (const { block } of treeBlocks(tree, { lowestLevel: 1, spend })) {
    yield* tree.children(block);
  }
}

/** How many pointers an inner block has, and each with its key. */
function pointersOf({ recordCount, body }: TreeBlock, keyBytes: number) {
  const room = Math.floor(body.length / (keyBytes + WORD_BYTES));
  const pointers = xfsBtreePointerRecords(body.subarray(room * keyBytes));
  return {
    count: Math.min(recordCount, room),
    keys: xfsBtreePointerRecords(body, keyBytes),
    at: (i: number) => int(pointers.at(i).block, 'xfs: pointer', 1, U32_MAX),
  };
}

/** The pointers of an inner block from the one on that leads to a key. */
function* childrenFrom(
  block: TreeBlock,
  key: number,
  keyBytes: number,
): Generator<number, void, undefined> {
  const { count, keys, at } = pointersOf(block, keyBytes);
  const first = Math.max(
    0,
    lastAtMost(key, count, (i) => u32(keys.at(i).block)),
  );
  for (let i = first; i < count; i++) yield at(i);
}

/** A key has the lowest and the highest one below it. */
function* childrenWithin(
  block: TreeBlock,
  keyBytes: number,
  most: number,
  isWanted: (first: number, last: number) => boolean,
): Generator<number, void, undefined> {
  const { count, keys, at } = pointersOf(block, keyBytes);
  const highest = xfsBtreePointerRecords(block.body.subarray(keyBytes / 2), keyBytes);
  for (let i = 0; i < count; i++) {
    const first = int(keys.at(i).block, 'xfs: lowest key', 0, most);
    if (isWanted(first, int(highest.at(i).block, 'xfs: highest key', first, most))) yield at(i);
  }
}

/** @throws FormatError as `leavesFrom`. */
export async function leafOf(
  context: GroupContext,
  tree: TreePlace,
  key: number,
): Promise<TreeBlock> {
  for await (const leaf of leavesFrom(context, tree, key)) return leaf;
  throw new FormatError('INVALID', `xfs: a tree of group ${tree.group} has no leaf`);
}
