// Counts what a mount gives back after the log was replayed: it keeps the promises of transactions that were not ended (to
// free the rest of a deleted file), gives back blocks that were set aside for writes to shared ones, and deletes the inodes
// that have no name any more (a file that was deleted while a program had it open).
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish, xlog_recover_process_intents,
// xlog_recover_process_iunlinks; xfs_inode.c: xfs_inactive, xfs_ifree.
import type { GuestXfsAgf } from '../../../generated/filesystem/xfs.js';
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import { addInode, blocksIn, openBlockCount, readHeads } from './deleted-files.js';
import type { GroupContext } from './group-headers.js';
import { treePlace } from './group-tree.js';
import { touchedChunks } from './inode-chunks.js';
import type { PromisedPiece } from './log-intent-item.js';
import { type Reason, type Reasons, reasons } from './reasons.js';
import type { ReplayedLog } from './replay-state.js';
import { type GroupBlocks, prepared, type ReferenceChange, unreferenced } from './shared-blocks.js';
import { hasRoom, haveReservedTreesRoom, haveTreesRoom } from './tree-room.js';
import { addPromises, newPlan, type Plan, type Work, workOf } from './unfinished-plan.js';
import { hasUnnamed, unnamedInodes } from './unnamed-inodes.js';

const REFCOUNT_RECORD_BYTES = 12;

/** The numbers that a mount adds to the counters. */
export interface Unfinished {
  readonly freedBlockCount: number;
  readonly freedInodeCount: number;
  /** Inodes of chunks that have none in use any more. */
  readonly removedInodeCount: number;
  /** Blocks of files that were deleted and are still open, of a guest that runs; null: not known. */
  readonly openBlockCount: number | null;
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

/**
 * @param context after the replay.
 * @param isLive the guest runs: it keeps the promises, and nothing else is done.
 */
export async function finish(
  context: GroupContext,
  replay: ReplayedLog,
  isLive: boolean,
): Promise<Unfinished> {
  const doubtsOfReserved = reasons();
  const plan = newPlan(context, isLive);
  const { doubts, doubtsOfFiles, pieces } = plan;
  addPromises(plan, replay);
  const deleted = await deletedInodes(plan, replay);
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
    openBlockCount: isLive ? await openBlocks(context, replay) : 0,
    promiseCount: replay.intents.size,
    places,
    pieces,
    doubtsOfFiles: doubtsOfFiles.all(),
    doubts: [...doubts.all(), ...doubtsOfReserved.all()],
    doubtsForGuest: doubts.all(),
  };
}

/** By group; none of a guest that runs. */
async function deletedInodes(plan: Plan, replay: ReplayedLog): Promise<readonly number[][]> {
  const { context, doubts, isLive } = plan;
  const deleted: number[][] = [];
  for (let group = 0; group < context.geometry.groupCount; group++) {
    const { agi } = await readHeads(context, group);
    if (!replay.hasInodes && hasUnnamed(agi) && !isLive) {
      doubts.add(memoryLimit('deleted inodes', group));
    }
    const inodes = replay.hasInodes && !isLive ? await unnamedInodes(context, group, agi) : [];
    for (const inode of inodes) await addInode(plan, group, inode);
    deleted.push(inodes.map(({ number }) => number));
  }
  return deleted;
}

/** What is damaged in them moves no other number. */
async function openBlocks(context: GroupContext, replay: ReplayedLog): Promise<number | null> {
  const found = await orDoubt(() => openBlockCount(context, replay));
  return found instanceof VirtDfError ? null : found;
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
  const shared = await finishShared(plan, group, agf, work);
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
      (plan.isLive ? 0 : blocksIn(work.forgotten)) +
      work.otherBlocks +
      removedBlocks,
    removedInodeCount: chunks.reduce((sum, chunk) => sum + chunk.removedInodes, 0),
    unreferenced: shared.unreferenced,
    removedChunks: chunks.flatMap(({ firstInode, removedInodes }) =>
      removedInodes > 0 ? [firstInode] : [],
    ),
  };
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
async function finishShared(
  { context, isLive }: Plan,
  group: number,
  agf: GuestXfsAgf,
  work: Work,
) {
  const references: readonly ReferenceChange[] = [
    ...work.promisedReferences,
    ...work.ofSharing.map((range) => ({ ...range, change: -1 as const })),
  ];
  if (!context.features.hasReflink) return { prepared: [], unreferenced: [], hasRoom: true };
  const tree = treePlace(group, agf.refcountRoot, agf.refcountLevel);
  const aside = isLive ? [] : await prepared(context, tree);
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
