// The tree of shared blocks of a group: which blocks become free when a file that shared them goes, and which were set aside
// for writes to shared ones. A block of which two files have a reference stays in use when one of them is deleted.
// References: Linux 6.18 fs/xfs/libxfs/xfs_refcount.c: xfs_refcount_adjust_extents, xfs_refcount_recover_cow_leftovers.
import { xfsRefcountRecordRecords } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { int, u32 } from '../../validation/guest.js';
import type { GroupContext } from './group-headers.js';
import { leavesFrom, type TreeBlock, type TreePlace } from './group-tree.js';

const U32_MAX = 0xffffffff;
const FIRST_PREPARED_BLOCK = 2 ** 31;
/** Blocks of the tree of shared blocks that are read for one group: leaves have 340 records in blocks of 4 KiB. */
const MAX_LEAVES = 4096;

/** Blocks of a group that more or fewer files refer to than the tree says. */
export interface ReferenceChange {
  readonly block: number;
  readonly count: number;
  readonly change: 1 | -1;
}

/** Blocks of a group that follow each other. */
export interface GroupBlocks {
  readonly block: number;
  readonly count: number;
}

export interface SharedBlocks extends GroupBlocks {
  readonly references: number;
}

/**
 * The blocks to which no file refers any more after the changes. A block that is not in the tree has one reference.
 * @throws FormatError LIMIT for too large a tree, and the errors of reading it.
 */
export async function unreferenced(
  context: GroupContext,
  tree: TreePlace,
  changes: readonly ReferenceChange[],
): Promise<readonly GroupBlocks[]> {
  const freed: GroupBlocks[] = [];
  const leaves = sharedReader(context, tree, fewLeaves(tree));
  for (const { block, count, more } of summedChanges(changes)) {
    if (more > 0) continue;
    const end = block + count;
    let at = block;
    for (const shared of await leaves.overlapping(block, end)) {
      if (shared.block > at) freed.push({ block: at, count: shared.block - at });
      const stop = Math.min(end, shared.block + shared.count);
      const start = Math.max(at, shared.block);
      if (shared.references + more <= 0) freed.push({ block: start, count: stop - start });
      at = stop;
    }
    if (at < end) freed.push({ block: at, count: end - at });
  }
  return freed;
}

/** As many as df reads. */
function fewLeaves({ group }: TreePlace): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count <= MAX_LEAVES) return;
    const message = `xfs: the tree of shared blocks of group ${group} has more blocks than virt-df reads`;
    throw new FormatError('LIMIT', message);
  };
}

/** Blocks of a group to which so many more files refer than the tree says; fewer if the number is negative. */
export interface SummedChange extends GroupBlocks {
  readonly more: number;
}

/** The parts of the group to which more or fewer files refer, in order. */
export function summedChanges(changes: readonly ReferenceChange[]): readonly SummedChange[] {
  const edges = changes.flatMap(({ block, count, change }) => [
    { at: block, change },
    { at: block + count, change: -change },
  ]);
  edges.sort((a, b) => a.at - b.at);
  const found: SummedChange[] = [];
  let sum = 0;
  let from = 0;
  for (const { at, change } of edges) {
    if (sum !== 0 && at > from) found.push({ block: from, count: at - from, more: sum });
    from = at;
    sum += change;
  }
  return found;
}

/** The shared blocks of a group that lie within a range. @throws the errors of reading the tree. */
interface SharedReader {
  overlapping(start: number, end: number): Promise<readonly SharedBlocks[]>;
}

/**
 * Reads the leaves of the tree from left to right, each once where extents are asked for in order.
 * @param spend called before a block of the tree is read. @throws FormatError LIMIT.
 */
export function sharedReader(
  context: GroupContext,
  tree: TreePlace,
  spend: () => void,
): SharedReader {
  let leaves = leavesFrom(context, tree, 0, spend);
  let held: readonly SharedBlocks[] = [];
  const next = async (): Promise<boolean> => {
    const { value, done } = await leaves.next();
    if (done === true) return false;
    held = sharedOf(context, value);
    return true;
  };
  return {
    async overlapping(start: number, end: number): Promise<readonly SharedBlocks[]> {
      const [first, last] = [held[0]?.block, held.at(-1)?.block];
      const isHeld = first !== undefined && last !== undefined && first <= start && start <= last;
      if (!isHeld) {
        leaves = leavesFrom(context, tree, start, spend);
        await next();
      }
      const found: SharedBlocks[] = [];
      for (;;) {
        for (const extent of held) {
          if (extent.block < end && extent.block + extent.count > start) found.push(extent);
        }
        const behind = held.at(-1)?.block ?? 0;
        if (behind >= end || !(await next())) return found;
        if ((held[0]?.block ?? 0) <= behind) return found;
      }
    },
  };
}

/** The records of blocks that are shared, without those that were set aside, which are the last ones. */
function sharedOf(
  { geometry }: GroupContext,
  { body, recordCount }: TreeBlock,
): readonly SharedBlocks[] {
  const records = xfsRefcountRecordRecords(body);
  const found: SharedBlocks[] = [];
  for (let i = 0; i < Math.min(recordCount, records.length); i++) {
    const record = records.at(i);
    const block = u32(record.firstBlock);
    if (block >= FIRST_PREPARED_BLOCK) break;
    const count = int(record.numBlocks, 'xfs: rc_blockcount', 1, geometry.blocksPerGroup);
    found.push({
      block,
      count,
      references: int(record.numReferences, 'xfs: rc_refcount', 1, U32_MAX),
    });
  }
  return found;
}

/**
 * The blocks that were set aside for writes to shared ones: the last records of the tree.
 * @throws FormatError LIMIT for too large a tree, and the errors of reading it.
 */
export async function prepared(
  context: GroupContext,
  tree: TreePlace,
): Promise<readonly GroupBlocks[]> {
  const found: GroupBlocks[] = [];
  for await (const leaf of leavesFrom(context, tree, FIRST_PREPARED_BLOCK)) {
    const records = xfsRefcountRecordRecords(leaf.body);
    for (let i = 0; i < Math.min(leaf.recordCount, records.length); i++) {
      const record = records.at(i);
      const block = u32(record.firstBlock) - FIRST_PREPARED_BLOCK;
      if (block < 0) continue;
      const count = int(record.numBlocks, 'xfs: rc_blockcount', 0, context.geometry.blocksPerGroup);
      found.push({ block, count });
    }
  }
  return found;
}
