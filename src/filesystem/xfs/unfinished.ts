// Counts what a mount gives back after the log was replayed: it keeps the promises of transactions that were not ended (to
// free the rest of a deleted file), gives back blocks that were set aside for writes to shared ones, and deletes the inodes
// that have no name any more (a file that was deleted while a program had it open).
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish, xlog_recover_process_intents,
// xlog_recover_process_iunlinks; xfs_inode.c: xfs_inactive, xfs_ifree.
import {
  type GuestXfsAgf,
  type GuestXfsAgi,
  parseXfsAgf,
  parseXfsAgi,
} from '../../../generated/filesystem/xfs.js';
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import { type BlockRange, fileExtents } from './file-extents.js';
import type { GroupContext } from './group-headers.js';
import { treePlace } from './group-tree.js';
import { touchedChunks } from './inode-chunks.js';
import type { PromisedPiece } from './log-intent-item.js';
import { type Reason, type Reasons, reasons } from './reasons.js';
import type { ReplayedLog } from './replay-state.js';
import { type GroupBlocks, prepared, type ReferenceChange, unreferenced } from './shared-blocks.js';
import { hasRoom, haveReservedTreesRoom, haveTreesRoom } from './tree-room.js';
import { addPromises, type Plan, type Work, workOf } from './unfinished-plan.js';
import { hasUnnamed, type UnnamedInode, unnamedInodes } from './unnamed-inodes.js';

/** At most so much is read of deleted files to see where their blocks are, and which of them other files share. */
const MAX_EXTENTS = 100_000;
const MAX_FILE_TREE_BLOCKS = 4096;
const REFCOUNT_RECORD_BYTES = 12;
const TOO_LARGE = 'deleted files have more extents than virt-df reads';

/** The numbers that a mount adds to the counters. */
export interface Unfinished {
  readonly freedBlockCount: number;
  readonly freedInodeCount: number;
  /** Inodes of chunks that have none in use any more. */
  readonly removedInodeCount: number;
  /** Of transactions that were not ended. */
  readonly promiseCount: number;
  /** Which blocks and inodes they are, of groups that have any. */
  readonly places: ReadonlyMap<number, UnfinishedGroup>;
  /** By inode the pieces that are put into its map, or taken out, in this order. */
  readonly pieces: ReadonlyMap<bigint, readonly PromisedPiece[]>;
  /** Why the numbers may not be the kernel's to the block; none where they are. */
  readonly doubts: readonly VirtDfError[];
  /**
   * The same of a writable mount, for which it does not matter how large the trees of shared blocks and of free inodes
   * are: the blocks that they lack of their reservation are kept back.
   */
  readonly doubtsForGuest: readonly VirtDfError[];
  /** Why the files are not as the mount has them, which moves no number. */
  readonly doubtsOfFiles: readonly VirtDfError[];
}

/** What a mount does in one group; numbers are those within the group. */
export interface UnfinishedGroup extends Omit<Work, 'freed' | 'otherBlocks' | 'otherExtents'> {
  readonly deletedInodes: readonly number[];
  /** Blocks of which references were promised to go, or that deleted files shared, and that no file has any more. */
  readonly unreferenced: readonly GroupBlocks[];
  /** The first inodes of chunks that have none in use any more. */
  readonly removedChunks: readonly number[];
}

/** @param context after the replay. */
export async function finish(context: GroupContext, replay: ReplayedLog): Promise<Unfinished> {
  const left = { extents: MAX_EXTENTS, blocks: MAX_FILE_TREE_BLOCKS };
  const [doubts, doubtsOfReserved] = [reasons(), reasons()];
  const [doubtsOfFiles, pieces] = [reasons(), new Map<bigint, PromisedPiece[]>()];
  const plan: Plan = { context, works: new Map(), left, doubts, doubtsOfFiles, pieces };
  addPromises(plan, replay);
  const deleted: number[][] = [];
  for (let group = 0; group < context.geometry.groupCount; group++) {
    const { agi } = await readHeads(context, group);
    if (!replay.hasInodes && hasUnnamed(agi)) doubts.add(memoryLimit('deleted inodes', group));
    const inodes = replay.hasInodes ? await unnamedInodes(context, group, agi) : [];
    for (const inode of inodes) await addInode(plan, group, inode);
    deleted.push(inodes.map(({ number }) => number));
  }
  let [freedBlockCount, freedInodeCount, removedInodeCount] = [0, 0, 0];
  const places = new Map<number, UnfinishedGroup>();
  for (const [group, numbers] of deleted.entries()) {
    const done = replay.hasTrees
      ? await finishGroup(plan, group, numbers, doubtsOfReserved)
      : withoutTrees(plan, group, numbers);
    freedBlockCount += done.freedBlockCount;
    freedInodeCount += numbers.length;
    removedInodeCount += done.removedInodeCount;
    if (numbers.length > 0 || plan.works.has(group)) {
      const { unreferenced, removedChunks } = done;
      const work = workOf(plan, group);
      places.set(group, { ...work, deletedInodes: numbers, unreferenced, removedChunks });
    }
  }
  return {
    freedBlockCount,
    freedInodeCount,
    removedInodeCount,
    promiseCount: replay.intents.size,
    places,
    pieces,
    doubtsOfFiles: doubtsOfFiles.all(),
    doubts: [...doubts.all(), ...doubtsOfReserved.all()],
    doubtsForGuest: doubts.all(),
  };
}

/** All of a file's blocks, those of its tree and of its attributes included; shared ones may stay in use. */
async function addInode(plan: Plan, group: number, { number, core, fork }: UnnamedInode) {
  const own = workOf(plan, group);
  if (core.isRealtime) {
    plan.doubts.add(uncounted(number, group, 'has its content on the realtime device'));
    return;
  }
  const { blockCount, extentCount, attributeExtentCount, isShared } = core;
  const ranges =
    fork === null || extentCount === 0
      ? []
      : await orDoubt(() => fileExtents(plan.context, fork, extentCount, plan.left));
  if (ranges instanceof VirtDfError && ranges.code !== 'LIMIT') throw ranges;
  if (ranges instanceof VirtDfError || (extentCount > 0 && fork === null)) {
    own.otherBlocks += blockCount;
    own.otherExtents += blockCount;
    if (ranges instanceof VirtDfError) plan.doubts.add({ code: 'LIMIT', text: TOO_LARGE, group });
    else if (isShared) plan.doubts.add(uncounted(number, group, 'shares blocks, and lists none'));
    return;
  }
  const inFile = ranges.reduce((sum, { count }) => sum + count, 0);
  if (inFile > blockCount) {
    plan.doubts.add(uncounted(number, group, `has ${inFile} blocks and counts ${blockCount}`));
  }
  own.otherBlocks += Math.max(0, blockCount - inFile);
  own.otherExtents +=
    inFile === blockCount ? 0 : Math.max(attributeExtentCount, blockCount - inFile);
  for (const range of ranges) addRange(plan, range, isShared);
}

function addRange(plan: Plan, { group, block, count }: BlockRange, isShared: boolean): void {
  const work = workOf(plan, group);
  if (isShared) work.ofSharing.push({ block, count });
  else work.freed.push({ block, count });
}

interface Done
  extends Pick<Unfinished, 'freedBlockCount' | 'removedInodeCount'>,
    Pick<UnfinishedGroup, 'unreferenced' | 'removedChunks'> {}

/** @param ofReserved doubts that do not matter to a writable mount. */
async function finishGroup(
  plan: Plan,
  group: number,
  numbers: readonly number[],
  ofReserved: Reasons,
): Promise<Done> {
  const { context, doubts } = plan;
  const work = workOf(plan, group);
  const { agf, agi } = await readHeads(context, group);
  const chunks = await touchedChunks(context, group, agi, numbers);
  const removedBlocks = chunks.reduce((sum, chunk) => sum + chunk.removedBlocks, 0);
  const shared = await finishShared(context, group, agf, work);
  const freed = [...work.promised, ...work.freed, ...shared.prepared, ...shared.unreferenced];
  const extents =
    freed.length + work.otherExtents + chunks.filter((chunk) => chunk.removedBlocks > 0).length;
  if (!(await haveTreesRoom(context, group, agf, agi, extents, chunks.length))) {
    doubts.add(sizeOf('free space and of inodes', group));
  } else if (!shared.hasRoom) {
    ofReserved.add(sizeOf('shared blocks', group));
  } else if (!(await haveReservedTreesRoom(context, group, agi, chunks.length))) {
    ofReserved.add(sizeOf('free inodes', group));
  }
  return {
    freedBlockCount:
      blocksIn(freed) +
      blocksIn(work.prepared) -
      blocksIn(work.forgotten) +
      work.otherBlocks +
      removedBlocks,
    removedInodeCount: chunks.reduce((sum, chunk) => sum + chunk.removedInodes, 0),
    unreferenced: shared.unreferenced,
    removedChunks: chunks.flatMap(({ firstInode, removedInodes }) =>
      removedInodes > 0 ? [firstInode] : [],
    ),
  };
}

function blocksIn(ranges: readonly GroupBlocks[]): number {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

/**
 * Counts a group whose trees were given up, since the log changes more than is kept in memory: the blocks that are freed, but
 * not those that files share, nor those that were set aside for writes to such.
 */
function withoutTrees(plan: Plan, group: number, numbers: readonly number[]): Done {
  const { promised, freed, otherBlocks } = workOf(plan, group);
  const freedBlockCount = blocksIn([...promised, ...freed]) + otherBlocks;
  const isIdle = freedBlockCount === 0 && numbers.length === 0;
  if (!isIdle || plan.context.features.hasReflink) plan.doubts.add(memoryLimit('trees', group));
  return { freedBlockCount, removedInodeCount: 0, unreferenced: [], removedChunks: [] };
}

/** The blocks that become free of those that files share, and of those that were set aside for writes to such. */
async function finishShared(context: GroupContext, group: number, agf: GuestXfsAgf, work: Work) {
  const references: readonly ReferenceChange[] = [
    ...work.promisedReferences,
    ...work.ofSharing.map((range) => ({ ...range, change: -1 as const })),
  ];
  if (!context.features.hasReflink) return { prepared: [], unreferenced: [], hasRoom: true };
  const tree = treePlace(group, agf.refcountRoot, agf.refcountLevel);
  const aside = await prepared(context, tree);
  const free = references.length === 0 ? [] : await unreferenced(context, tree, references);
  const touched = aside.length + references.length;
  return {
    prepared: aside,
    unreferenced: free,
    hasRoom: await hasRoom(context, tree, 2 * touched, REFCOUNT_RECORD_BYTES),
  };
}

function sizeOf(trees: string, group: number): Reason {
  const text = `a mount frees blocks after the replay, and the trees of ${trees} may grow or shrink by that`;
  return { code: 'ESTIMATE', text, group };
}

/** @param unread the part of the group that is left out: `deleted inodes`. */
function memoryLimit(unread: string, group: number): Reason {
  const text = `the log changes more than virt-df keeps in memory, so ${unread} are not read`;
  return { code: 'LIMIT', text, group };
}

function uncounted(inode: number, group: number, why: string): Reason {
  const text = `deleted inode ${inode} ${why}, so the number of blocks that its deletion frees is not known`;
  return { code: 'ESTIMATE', text, group };
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
