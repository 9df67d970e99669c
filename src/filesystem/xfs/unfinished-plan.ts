// What a mount has left to do after the replay of the log: the promises of transactions that were not ended, and what is to be
// freed in each group.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_process_intents; xfs_extfree_item.c, xfs_refcount_item.c,
// xfs_bmap_item.c, xfs_exchmaps_item.c.
import { blockRange, type ExtentsLeft } from './file-extents.js';
import type { GroupContext } from './group-headers.js';
import { isExchange, type PromisedBlocks, type PromisedPiece } from './log-intent-item.js';
import { type Reason, type Reasons, reasons } from './reasons.js';
import type { ReplayedLog } from './replay-state.js';
import type { GroupBlocks, ReferenceChange } from './shared-blocks.js';

/** At most so much is read of deleted files to see where their blocks are, and which of them other files share. */
const MAX_EXTENTS = 100_000;
const MAX_FILE_TREE_BLOCKS = 4096;
const EXCHANGE: Reason = {
  code: 'ESTIMATE',
  text: 'an exchange of what two files have was not ended; they are as they are before a mount ends it',
  group: null,
};
const REMAP: Reason = {
  code: 'ESTIMATE',
  text: "a change of a file's attributes or of its blocks on a realtime device was not ended",
  group: null,
};

/** The work that a mount has left in one group. */
export interface Work {
  /** Blocks that a transaction promised to free. */
  readonly promised: GroupBlocks[];
  /** The changes of references that transactions promised. */
  readonly promisedReferences: ReferenceChange[];
  /** Blocks that they promised to set aside for writes to shared ones, or no longer to. */
  readonly prepared: GroupBlocks[];
  readonly forgotten: GroupBlocks[];
  /** Blocks of deleted files that share some. */
  readonly ofSharing: GroupBlocks[];
  /** Blocks of deleted files that share none. */
  readonly freed: GroupBlocks[];
  /** Blocks that are freed somewhere, and at most so many extents that they are. */
  otherBlocks: number;
  otherExtents: number;
}

/** The groups with something to do, and the inodes without a name of each. */
export interface Plan {
  readonly context: GroupContext;
  /** The guest runs: what is set aside for writes to shared blocks stays so. */
  readonly isLive: boolean;
  readonly works: Map<number, Work>;
  readonly left: ExtentsLeft;
  readonly doubts: Reasons;
  /** Why the files are not as a mount shows them, though its numbers are known. */
  readonly doubtsOfFiles: Reasons;
  /** By inode, in the order in which they were promised. */
  readonly pieces: Map<bigint, PromisedPiece[]>;
}

export function newPlan(context: GroupContext, isLive: boolean): Plan {
  return {
    context,
    isLive,
    works: new Map(),
    left: { extents: MAX_EXTENTS, blocks: MAX_FILE_TREE_BLOCKS },
    doubts: reasons(),
    doubtsOfFiles: reasons(),
    pieces: new Map(),
  };
}

export function workOf({ works }: Plan, group: number): Work {
  const known = works.get(group);
  if (known !== undefined) return known;
  const work: Work = {
    promised: [],
    promisedReferences: [],
    prepared: [],
    forgotten: [],
    ofSharing: [],
    freed: [],
    otherBlocks: 0,
    otherExtents: 0,
  };
  works.set(group, work);
  return work;
}

/** Promises of transactions that were not ended: a file was being truncated, say, and its extents are still to be freed. */
export function addPromises(plan: Plan, { intents }: ReplayedLog): void {
  for (const [intent, promised] of intents) {
    if (promised === null) plan.doubts.add(unknownPromise(intent));
    if (isExchange(intent)) plan.doubtsOfFiles.add(EXCHANGE);
    for (const one of promised ?? []) {
      if ('fileBlock' in one) addPiece(plan, one);
      else addBlocks(plan, one);
    }
  }
}

function addBlocks(plan: Plan, { firstBlock, blockCount, action }: PromisedBlocks): void {
  const { group, block, count } = blockRange(plan.context.geometry, firstBlock, blockCount);
  const work = workOf(plan, group);
  const isKept = action === 'prepare' && plan.isLive;
  if (isKept) return;
  if (action === 'free') work.promised.push({ block, count });
  else if (action === 'prepare') work.prepared.push({ block, count });
  else if (action === 'forget') work.forgotten.push({ block, count });
  else work.promisedReferences.push({ block, count, change: action === 'increase' ? 1 : -1 });
}

function addPiece({ pieces, doubtsOfFiles }: Plan, piece: PromisedPiece): void {
  if (piece.action === 'remap') {
    doubtsOfFiles.add(REMAP);
    return;
  }
  const known = pieces.get(piece.inode);
  if (known === undefined) pieces.set(piece.inode, [piece]);
  else known.push(piece);
}

/** @param intent its type and its identity. */
function unknownPromise(intent: string): Reason {
  const type = Number(intent.split(' ')[0]).toString(16);
  const text = `a transaction was not ended, and virt-df does not know its item of type 0x${type}, by which a mount ends it`;
  return { code: 'ESTIMATE', text, group: null };
}
