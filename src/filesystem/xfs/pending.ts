// What a mount still does behind the replay of the log, as it concerns single blocks: files that it deletes, blocks that it
// frees since a transaction promised it, blocks that were set aside for writes to shared ones.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish.
import type { MappedRun } from './file-extents.js';
import type { GroupBlocks, SummedChange } from './shared-blocks.js';

/** A piece of a file that a mount puts into its map or takes out, since a transaction did not come to do it. */
export interface PendingPiece {
  readonly action: 'map' | 'unmap';
  readonly run: MappedRun;
}

/** All lists are ascending and disjoint. */
export interface PendingGroup {
  /** Blocks of deleted files that share blocks, to which no other file refers. */
  readonly unreferenced: readonly GroupBlocks[];
  /** Blocks that are neither free nor in a file, because a transaction did not come to free them. */
  readonly promised: readonly GroupBlocks[];
  /** Blocks that are no longer set aside for writes to shared ones, because a file has them. */
  readonly forgotten: readonly GroupBlocks[];
  /** Blocks to which more or fewer files refer than the tree of shared blocks says. */
  readonly references: readonly SummedChange[];
  /** The first inodes, within the group, of chunks that have none in use any more. */
  readonly removedChunks: ReadonlySet<number>;
}

export interface Pending {
  /** The numbers of files that are deleted. */
  readonly deleted: ReadonlySet<number>;
  readonly groups: ReadonlyMap<number, PendingGroup>;
  /** By inode the pieces that are put into its map, or taken out, in this order. */
  readonly pieces: ReadonlyMap<number, readonly PendingPiece[]>;
  /** A mount replayed the log: blocks that were set aside for writes to shared ones are given back. */
  readonly isAfterReplay: boolean;
  /** A log was not replayed, or transactions promised what they did not come to do: the reverse map may lack what files have. */
  readonly isUnfinished: boolean;
}
