// The filesystem as its files are read: after the replay of its log, with what a mount does behind it.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish; xfs_mount.c: xfs_mountfs.
import { VirtDfError } from '../../errors.js';
import type { FileWalk } from '../files.js';
import { type AfterLog, afterLog } from './after-log.js';
import { joined, select } from './block-ranges.js';
import type { Context } from './context.js';
import { groupUnit } from './group-limits.js';
import type { Pending, PendingGroup } from './pending.js';
import { statfs } from './statfs.js';
import type { UnfinishedGroup } from './unfinished.js';

interface RecoveredFiles {
  readonly context: Context;
  readonly pending: Pending;
  keptBackBytes(): Promise<number>;
}

/** @throws FormatError where no kernel mounts it; SourceError. */
export async function recoveredFiles(
  onDisk: Context,
  { onDoubt }: FileWalk,
): Promise<RecoveredFiles> {
  const after = await afterLog(onDisk, 'all');
  const { context, recovered } = after;
  const isUnread = recovered instanceof VirtDfError;
  const doubts = isUnread ? [recovered] : (recovered?.doubtsForGuest ?? []);
  for (const error of doubts) onDoubt({ id: null, error });
  return {
    context,
    pending: pendingOf(after),
    async keptBackBytes() {
      const { keptBackBlockCount } = await statfs(after, 'guest');
      return keptBackBlockCount * context.geometry.blockSizeBytes;
    },
  };
}

function pendingOf({ context, recovered }: AfterLog): Pending {
  const { geometry } = context;
  const perGroup = groupUnit(geometry) * geometry.inodesPerBlock;
  const deleted = new Set<number>();
  const groups = new Map<number, PendingGroup>();
  if (recovered === null || recovered instanceof VirtDfError) {
    return { deleted, groups, isAfterReplay: false };
  }
  for (const [group, unfinished] of recovered.places) {
    for (const inode of unfinished.deletedInodes) deleted.add(group * perGroup + inode);
    groups.set(group, pendingGroup(unfinished));
  }
  return { deleted, groups, isAfterReplay: true };
}

function pendingGroup(unfinished: UnfinishedGroup): PendingGroup {
  const { promised, promisedLess, ofSharing, removedChunks } = unfinished;
  const unreferenced = joined(unfinished.unreferenced);
  // Those that a deleted file has are given as its own.
  const noFiles = select(select(promisedLess, unreferenced, true), joined(ofSharing), false);
  return {
    unreferenced,
    promised: joined([...promised, ...noFiles]),
    removedChunks: new Set(removedChunks),
  };
}
