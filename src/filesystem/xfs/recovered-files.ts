// The filesystem as its files are read: after the replay of its log, with what a mount does behind it.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish; xfs_mount.c: xfs_mountfs.
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import type { FileWalk } from '../files.js';
import type { View } from '../filesystem.js';
import { type AfterLog, afterLog } from './after-log.js';
import { joined, select } from './block-ranges.js';
import type { Context } from './context.js';
import { blockRange } from './file-extents.js';
import type { Geometry } from './geometry.js';
import { groupUnit } from './group-limits.js';
import type { PromisedPiece } from './log-intent-item.js';
import type { Pending, PendingGroup, PendingPiece } from './pending.js';
import { summedChanges } from './shared-blocks.js';
import { statfs } from './statfs.js';
import type { UnfinishedGroup } from './unfinished.js';

interface RecoveredFiles {
  readonly context: Context;
  readonly pending: Pending;
  keptBackBytes(view: View): Promise<number>;
}

/** @throws FormatError where no kernel mounts it; SourceError. */
export async function recoveredFiles(
  onDisk: Context,
  { onDoubt, isLive = false }: FileWalk,
): Promise<RecoveredFiles> {
  const own = isLive ? 'live' : 'guest';
  const after = await afterLog(onDisk, 'all', isLive);
  const { context, recovered } = after;
  const counted = await orDoubt(() => statfs(after, own));
  const isUncounted = counted instanceof VirtDfError;
  const ofFiles = recovered instanceof VirtDfError ? [] : (recovered?.doubtsOfFiles ?? []);
  const doubts = isUncounted ? [counted] : counted.usage.doubts;
  for (const error of [...doubts, ...ofFiles]) onDoubt({ id: null, error });
  return {
    context,
    pending: pendingOf(after, isLive),
    async keptBackBytes(view) {
      if (isUncounted) throw counted;
      const { keptBackBlockCount } = view === own ? counted : await statfs(after, view);
      return keptBackBlockCount * context.geometry.blockSizeBytes;
    },
  };
}

function pendingOf({ context, recovered }: AfterLog, isLive: boolean): Pending {
  const { geometry } = context;
  const perGroup = groupUnit(geometry) * geometry.inodesPerBlock;
  const deleted = new Set<number>();
  const groups = new Map<number, PendingGroup>();
  const pieces = new Map<number, readonly PendingPiece[]>();
  if (recovered === null || recovered instanceof VirtDfError) {
    return { deleted, groups, pieces, isAfterReplay: false, isUnfinished: recovered !== null };
  }
  for (const [group, unfinished] of recovered.places) {
    for (const inode of unfinished.deletedInodes) deleted.add(group * perGroup + inode);
    groups.set(group, pendingGroup(unfinished));
  }
  for (const [inode, promised] of recovered.pieces) {
    pieces.set(
      Number(inode),
      promised.flatMap((one) => pendingPiece(geometry, one)),
    );
  }
  const isUnfinished = recovered.promiseCount > 0;
  return { deleted, groups, pieces, isAfterReplay: !isLive, isUnfinished };
}

function pendingGroup(unfinished: UnfinishedGroup): PendingGroup {
  const { promised, promisedReferences, prepared, ofSharing, removedChunks } = unfinished;
  const unreferenced = joined(unfinished.unreferenced);
  const promisedLess = promisedReferences.filter(({ change }) => change < 0);
  // Those that a deleted file has are given as its own.
  const noFiles = select(select(promisedLess, unreferenced, true), joined(ofSharing), false);
  return {
    unreferenced,
    promised: joined([...promised, ...prepared, ...noFiles]),
    forgotten: joined(unfinished.forgotten),
    references: summedChanges(promisedReferences),
    removedChunks: new Set(removedChunks),
  };
}

function pendingPiece(
  geometry: Geometry,
  { action, firstBlock, blockCount, fileBlock, isUnwritten }: PromisedPiece,
): readonly PendingPiece[] {
  if (action === 'remap') return [];
  const range = blockRange(geometry, firstBlock, blockCount);
  return [{ action, run: { ...range, fileBlock: Number(fileBlock), isUnwritten } }];
}
