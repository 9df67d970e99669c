// What a mount still does after the log was replayed: it keeps the promises that a transaction made, gives back what was
// prepared for writes to shared blocks, and deletes the inodes that have no name any more.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish, xlog_recover_process_intents,
// xlog_recover_process_iunlinks; xfs_inode.c: xfs_inactive, xfs_ifree.
import {
  type GuestXfsAgf,
  type GuestXfsAgi,
  parseXfsAgf,
  parseXfsAgi,
} from '../../../generated/filesystem/xfs.js';
import { type BlockRange, blockRange, type ExtentsLeft, fileExtents } from './file-extents.js';
import { treePlace } from './group-tree.js';
import type { GroupContext } from './groups.js';
import { touchedChunks } from './inode-chunks.js';
import type { Replay } from './replay-state.js';
import { type Extent, prepared, type ReferenceChange, unreferenced } from './shared-blocks.js';
import { hasRoom, haveReservedTreesRoom, haveTreesRoom } from './tree-room.js';
import { hasUnnamed, type UnnamedInode, unnamedInodes } from './unnamed-inodes.js';

/** What is read of deleted files to see where their blocks are, and which of them other files share. */
const MAX_EXTENTS = 100_000;
const MAX_FILE_TREE_BLOCKS = 4096;
const REFCOUNT_RECORD_BYTES = 12;

/** What a mount adds to the counters. */
export interface Unfinished {
  readonly freedBlockCount: number;
  readonly freedInodeCount: number;
  /** Inodes of chunks that have none in use any more. */
  readonly removedInodeCount: number;
  /** Whether the numbers are the kernel's to the block. */
  readonly isExact: boolean;
  /**
   * The same of a writable mount, for which it does not matter how large the trees of shared blocks and of free inodes
   * are: what they lack of their reservation is kept back.
   */
  readonly isExactForGuest: boolean;
}

/** What is to be done in one group. */
interface Work {
  readonly freed: Extent[];
  readonly references: ReferenceChange[];
  /** Blocks that are set aside for writes to shared ones, or that no longer are. */
  preparedBlocks: number;
  /** Blocks that are freed somewhere, and at most so many extents that they are. */
  otherBlocks: number;
  otherExtents: number;
  isExact: boolean;
}

/** The groups with something to do, and the inodes without a name of each. */
interface Plan {
  readonly context: GroupContext;
  readonly works: Map<number, Work>;
  readonly left: ExtentsLeft;
}

function workOf({ works }: Plan, group: number): Work {
  const known = works.get(group);
  if (known !== undefined) return known;
  const work: Work = {
    freed: [],
    references: [],
    preparedBlocks: 0,
    otherBlocks: 0,
    otherExtents: 0,
    isExact: true,
  };
  works.set(group, work);
  return work;
}

/** @param context after the replay. */
export async function finish(context: GroupContext, replay: Replay): Promise<Unfinished> {
  const left = { extents: MAX_EXTENTS, blocks: MAX_FILE_TREE_BLOCKS };
  const plan: Plan = { context, works: new Map(), left };
  let isExactForGuest = addPromises(plan, replay);
  const deleted: number[][] = [];
  for (let group = 0; group < context.geometry.groupCount; group++) {
    const { agi } = await readHeads(context, group);
    if (!replay.hasInodes) isExactForGuest &&= !hasUnnamed(agi);
    const inodes = replay.hasInodes ? await unnamedInodes(context, group, agi) : [];
    for (const inode of inodes) await addInode(plan, group, inode);
    deleted.push(inodes.map(({ number }) => number));
  }
  let isExact = isExactForGuest;
  let [freedBlockCount, freedInodeCount, removedInodeCount] = [0, 0, 0];
  for (const [group, numbers] of deleted.entries()) {
    const done = replay.hasTrees
      ? await finishGroup(plan, group, numbers)
      : withoutTrees(plan, group, numbers);
    freedBlockCount += done.freedBlockCount;
    freedInodeCount += numbers.length;
    removedInodeCount += done.removedInodeCount;
    isExact &&= done.isExact;
    isExactForGuest &&= done.isExactForGuest;
  }
  return { freedBlockCount, freedInodeCount, removedInodeCount, isExact, isExactForGuest };
}

/** Whether it is known what all of them come to. */
function addPromises(plan: Plan, { intents }: Replay): boolean {
  const { geometry } = plan.context;
  let isKnown = true;
  for (const promised of intents.values()) {
    if (promised === null) isKnown = false;
    for (const { firstBlock, blockCount, action } of promised ?? []) {
      const { group, block, count } = blockRange(geometry, firstBlock, blockCount);
      const work = workOf(plan, group);
      if (action === 'free') work.freed.push({ block, count });
      else if (action === 'prepare') work.preparedBlocks += count;
      else if (action === 'forget') work.preparedBlocks -= count;
      else work.references.push({ block, count, change: action === 'increase' ? 1 : -1 });
    }
  }
  return isKnown;
}

/** All of a file's blocks, those of its tree and of its attributes included; shared ones may stay in use. */
async function addInode(plan: Plan, group: number, { core, fork }: UnnamedInode): Promise<void> {
  const own = workOf(plan, group);
  if (core.isRealtime) {
    own.isExact = false;
    return;
  }
  const { blockCount, extentCount, attributeExtentCount, isShared } = core;
  const ranges =
    fork === null || extentCount === 0
      ? []
      : await fileExtents(plan.context, fork, extentCount, plan.left);
  if (ranges === null || (extentCount > 0 && fork === null)) {
    own.otherBlocks += blockCount;
    own.otherExtents += blockCount;
    if (isShared) own.isExact = false;
    return;
  }
  const inFile = ranges.reduce((sum, { count }) => sum + count, 0);
  if (inFile > blockCount) own.isExact = false;
  own.otherBlocks += Math.max(0, blockCount - inFile);
  own.otherExtents +=
    inFile === blockCount ? 0 : Math.max(attributeExtentCount, blockCount - inFile);
  for (const range of ranges) addRange(plan, range, isShared);
}

function addRange(plan: Plan, { group, block, count }: BlockRange, isShared: boolean): void {
  const work = workOf(plan, group);
  if (isShared) work.references.push({ block, count, change: -1 });
  else work.freed.push({ block, count });
}

async function finishGroup(
  plan: Plan,
  group: number,
  numbers: readonly number[],
): Promise<Omit<Unfinished, 'freedInodeCount'>> {
  const { context } = plan;
  const work = workOf(plan, group);
  const { agf, agi } = await readHeads(context, group);
  const chunks = await touchedChunks(context, group, agi, numbers);
  const removedBlocks = chunks.reduce((sum, chunk) => sum + chunk.removedBlocks, 0);
  const shared = await finishShared(context, group, agf, work);
  const freed = [...work.freed, ...shared.freed];
  const extents =
    freed.length + work.otherExtents + chunks.filter((chunk) => chunk.removedBlocks > 0).length;
  const isExactForGuest =
    work.isExact && (await haveTreesRoom(context, group, agf, agi, extents, chunks.length));
  return {
    freedBlockCount:
      freed.reduce((sum, { count }) => sum + count, 0) +
      work.preparedBlocks +
      work.otherBlocks +
      removedBlocks,
    removedInodeCount: chunks.reduce((sum, chunk) => sum + chunk.removedInodes, 0),
    isExact:
      isExactForGuest &&
      shared.isExact &&
      (await haveReservedTreesRoom(context, group, agi, chunks.length)),
    isExactForGuest,
  };
}

/** What can be said if the groups' trees are not known: what was shared, and what was set aside, is not. */
function withoutTrees(plan: Plan, group: number, numbers: readonly number[]) {
  const { freed, otherBlocks } = workOf(plan, group);
  const freedBlockCount = freed.reduce((sum, { count }) => sum + count, 0) + otherBlocks;
  const isIdle = freedBlockCount === 0 && numbers.length === 0;
  const isExact = isIdle && !plan.context.features.hasReflink;
  return { freedBlockCount, removedInodeCount: 0, isExact, isExactForGuest: isExact };
}

/** What becomes free of blocks that files share, or that writes to such were prepared with. */
async function finishShared(context: GroupContext, group: number, agf: GuestXfsAgf, work: Work) {
  const { references } = work;
  if (!context.features.hasReflink) return { freed: [], isExact: true };
  const tree = treePlace(group, agf.refcountRoot, agf.refcountLevel);
  const aside = await prepared(context, tree);
  const free = references.length === 0 ? [] : await unreferenced(context, tree, references);
  const touched = aside.length + references.length;
  return {
    freed: [...aside, ...free],
    isExact: await hasRoom(context, tree, 2 * touched, REFCOUNT_RECORD_BYTES),
  };
}

interface Heads {
  readonly agf: GuestXfsAgf;
  readonly agi: GuestXfsAgi;
}

async function readHeads({ source, geometry }: GroupContext, group: number): Promise<Heads> {
  const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const start = group * blocksPerGroup * blockSizeBytes + sectorSizeBytes;
  const bytes = await source.read(start, 2 * sectorSizeBytes);
  return { agf: parseXfsAgf(bytes), agi: parseXfsAgi(bytes.subarray(sectorSizeBytes)) };
}
