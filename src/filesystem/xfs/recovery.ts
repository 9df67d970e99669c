// The recovery of a log that was not unmounted, in memory: the filesystem as a mount would find it afterwards. A file that was
// made and fsynced before a crash is in the log alone; here its inode, its name in the directory's block and the free space
// of its group are what they are once a kernel has mounted it.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover, xlog_do_recover, xlog_recover_finish.
import { NO_CHANGES } from '../../bytes/changes.js';
import { type OverlaySource, overlay } from '../../bytes/overlay.js';
import type { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import type { Context } from './context.js';
import type { LogPlace } from './geometry.js';
import type { GroupContext } from './group-headers.js';
import { logOwner } from './log.js';
import { findSpan } from './log-head.js';
import { replayLog } from './log-replay.js';
import { logRing } from './log-ring.js';
import { replayedSource } from './overlay.js';
import type { Kept } from './recovery-memory.js';
import type { ReplayedLog } from './replay-state.js';
import { finish, type Unfinished } from './unfinished.js';

interface Recovered {
  /**
   * Of `all`, byte for byte the device as the kernel writes it when it replays the log, the log itself aside. The steps of a
   * mount behind that are not in it: promises of transactions that were not ended (blocks to be freed, references to be
   * counted), blocks that were set aside for writes to shared ones, and inodes without a name are still there.
   */
  readonly source: OverlaySource;
  /** Null if there was nothing to replay: the log ends with an unmount, behind which a write was cut off. */
  readonly replay: ReplayedLog | null;
}

/**
 * Replays the log; the reason if it cannot be: the kernel would not mount the filesystem, or virt-df keeps no more of it.
 * @param kept `counters`: of the source only the headers of groups, their trees and the inodes without a name are recovered.
 * @throws SourceError
 */
export async function recover(
  context: Context,
  log: LogPlace,
  kept: Kept,
): Promise<Recovered | VirtDfError> {
  const { source, geometry } = context;
  const ring = logRing(source, log, geometry.blockSizeBytes);
  const owner = logOwner(context);
  return orDoubt(async () => {
    const span = await findSpan(ring, owner);
    if (span === null) return { source: overlay(source, NO_CHANGES), replay: null };
    const replay = await replayLog(ring, span, owner, geometry, kept);
    return { source: replayedSource(context, replay), replay };
  });
}

/**
 * The blocks and inodes that the mount gives back after the replay; the reason if they cannot be known.
 * @param context of the filesystem after the replay.
 * @param isLive the guest runs, so that only what transactions promised is done.
 * @throws SourceError
 */
export async function finishRecovery(
  context: GroupContext,
  replay: ReplayedLog,
  isLive: boolean,
): Promise<Unfinished | VirtDfError> {
  return orDoubt(() => finish(context, replay, isLive));
}
