// What a mount still does behind the replay of the log, as it concerns single blocks: files that it deletes, blocks that it
// frees since a transaction promised it, blocks that were set aside for writes to shared ones.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish.
import type { GroupBlocks } from './shared-blocks.js';

/** All lists are ascending and disjoint. */
export interface PendingGroup {
  /** Blocks of deleted files that share blocks, to which no other file refers. */
  readonly unreferenced: readonly GroupBlocks[];
  /** Blocks that are neither free nor in a file, because a transaction did not come to free them. */
  readonly promised: readonly GroupBlocks[];
  /** The first inodes, within the group, of chunks that have none in use any more. */
  readonly removedChunks: ReadonlySet<number>;
}

export interface Pending {
  /** The numbers of files that are deleted. */
  readonly deleted: ReadonlySet<number>;
  readonly groups: ReadonlyMap<number, PendingGroup>;
  /** The log was replayed: blocks that were set aside for writes to shared ones are given back. */
  readonly isAfterReplay: boolean;
}
