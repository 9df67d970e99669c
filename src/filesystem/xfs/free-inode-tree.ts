// Counts the blocks of a group's tree of free inodes, where the AGI does not record them (before the feature
// inobtcount of Linux 5.10).
// References: Linux 6.1 fs/xfs/libxfs/xfs_ialloc_btree.c: xfs_inobt_count_blocks.
import {
  parseXfsBtreeBlock,
  XfsBtreeBlockFields,
  xfsBtreePointerRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { type Tree, treeBlocks } from '../btree.js';
import { checkSector } from './checksum.js';
import type { Geometry } from './geometry.js';
import type { GroupContext } from './group-headers.js';
import type { Group } from './groups.js';

const HEAD_BYTES = 56;
const KEY_BYTES = 4;
const POINTER_BYTES = 4;
const MAGIC = 'FIB3';

/** Inner blocks of all groups together: they lead to two million leaves in blocks of 4 KiB, and each is a read. */
const MAX_INNER_BLOCKS = 8192;
/** Leaves of more than a hundred million records, of 64 inodes each. */
const MAX_BLOCKS = 2 ** 20;

/** A group and its filesystem, as far as the trees need them. */
type TreeGroup = Pick<Group, 'number' | 'blockCount' | 'freeInodeRoot' | 'freeInodeLevels'>;
interface TreeContext extends Pick<GroupContext, 'source' | 'metadataUuid'> {
  readonly features: Pick<GroupContext['features'], 'version'>;
  readonly geometry: Pick<Geometry, 'blockSizeBytes' | 'blocksPerGroup'>;
}

/**
 * The number of blocks of each group's tree. Inner blocks are read; leaves are counted by the pointers to them.
 * @throws FormatError BAD_MAGIC, BAD_CHECKSUM, OUT_OF_BOUNDS, LOOP; LIMIT for more blocks than virt-df reads.
 */
export async function freeInodeTreeBlockCounts(
  context: TreeContext,
  groups: readonly TreeGroup[],
): Promise<readonly number[]> {
  const counts: number[] = [];
  const cost: Cost = { innerBlockCount: 0, blockCount: 0 };
  for (const group of groups) counts.push(await blockCountOf(context, group, cost));
  return counts;
}

/** The blocks of all trees that were read and counted so far. */
interface Cost {
  innerBlockCount: number;
  blockCount: number;
}

async function blockCountOf(context: TreeContext, group: TreeGroup, cost: Cost): Promise<number> {
  const { freeInodeRoot, freeInodeLevels } = group;
  if (freeInodeLevels === 0) return 0;
  const tree: Tree<number, readonly number[]> = {
    format: 'xfs',
    name: `the tree of free inodes of group ${group.number}`,
    top: [freeInodeRoot],
    topLevel: freeInodeLevels - 1,
    read: (block, level) => children(context, group, block, level),
    children: (pointers) => pointers,
  };
  let count = 0;
  const spendOne = (level: number) => {
    count += 1;
    spend(cost, level);
  };
  for await (const _ of treeBlocks(tree, { lowestLevel: 1, spend: spendOne }));
  return count;
}

/** @throws FormatError LIMIT */
function spend(cost: Cost, level: number): void {
  if (level > 0) cost.innerBlockCount += 1;
  cost.blockCount += 1;
  if (cost.innerBlockCount <= MAX_INNER_BLOCKS && cost.blockCount <= MAX_BLOCKS) return;
  throw new FormatError(
    'LIMIT',
    `xfs: the trees of free inodes have more than ${MAX_INNER_BLOCKS} inner blocks or ${MAX_BLOCKS} blocks, ` +
      'which virt-df does not count; --view mount does without them',
    { data: { ...cost } },
  );
}

/** The blocks that an inner block points to. */
async function children(
  context: TreeContext,
  group: TreeGroup,
  block: number,
  height: number,
): Promise<readonly number[]> {
  const { blockSizeBytes, blocksPerGroup } = context.geometry;
  const what = `block ${block} of the tree of free inodes of group ${group.number}`;
  const start = (group.number * blocksPerGroup + block) * blockSizeBytes;
  const bytes = await context.source.read(start, blockSizeBytes);
  const head = parseXfsBtreeBlock(bytes);
  if (!equals(head.magic, MAGIC)) {
    throw new FormatError('BAD_MAGIC', `xfs: ${what} does not begin with ${MAGIC}`);
  }
  checkSector(context, bytes, {
    what,
    offset: XfsBtreeBlockFields.checksum.at,
    stored: head.checksum,
    uuid: head.uuid,
  });
  const room = Math.floor((blockSizeBytes - HEAD_BYTES) / (KEY_BYTES + POINTER_BYTES));
  int(head.level, `xfs: ${what}: bb_level`, height, height);
  const count = int(head.numRecords, `xfs: ${what}: bb_numrecs`, 1, room);
  // All keys come first, as many as there is room for; then the pointers.
  const pointers = xfsBtreePointerRecords(bytes.subarray(HEAD_BYTES + room * KEY_BYTES));
  return Array.from({ length: count }, (_, i) =>
    int(pointers.at(i).block, `xfs: ${what}: pointer`, 1, group.blockCount - 1),
  );
}
