// The recovery of a log that was not unmounted, in memory: the filesystem as a mount would find it afterwards. A file that was
// made and fsynced before a crash is in the log alone; here its inode, its name in the directory's block and the free space
// of its group are what they are once a kernel has mounted it.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover, xlog_do_recover, xlog_recover_finish.
import { NO_CHANGES } from '../../bytes/changes.js';
import { type OverlaySource, overlay } from '../../bytes/overlay.js';
import type { ByteSource } from '../../bytes/source.js';
import { VirtDfError } from '../../errors.js';
import { estimate, inUse, orDoubt } from '../doubts.js';
import { type Context, openContext } from './context.js';
import type { LogPlace } from './geometry.js';
import type { GroupContext } from './group-headers.js';
import { foreignLog, LOG_UNKNOWN, logOwner, logState } from './log.js';
import { findSpan } from './log-head.js';
import { replayLog } from './log-replay.js';
import { logRing } from './log-ring.js';
import { replayedSource } from './overlay.js';
import type { Kept } from './recovery-memory.js';
import type { ReplayedLog } from './replay-state.js';
import { finish, type Unfinished } from './unfinished.js';

interface Recovered {
  /** The filesystem after the replay. */
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
 * @throws SourceError
 */
export async function finishRecovery(
  context: GroupContext,
  replay: ReplayedLog,
): Promise<Unfinished | VirtDfError> {
  return orDoubt(() => finish(context, replay));
}

/** The device of a filesystem in the state in which a mount has it once the log is replayed. */
interface RecoveredVolume {
  /**
   * Byte for byte the device as the kernel writes it when it replays the log, the log itself aside. The steps of a mount behind
   * that are not in it: promises of transactions that were not ended (blocks to be freed, references to be counted), blocks that
   * were set aside for writes to shared ones, and inodes without a name are still there.
   */
  readonly source: OverlaySource;
  /** Why the source is not that state: empty where it is. */
  readonly doubts: readonly VirtDfError[];
}

/**
 * All of the filesystem after the replay of its log, for whoever reads files. Where the log cannot be replayed the source is
 * the disk as it is, and the reason a doubt.
 * @throws FormatError, UnsupportedError where there is no XFS that is read; SourceError.
 */
export async function recoveredVolume(source: ByteSource): Promise<RecoveredVolume> {
  const context = await openContext(source);
  const { log, blockSizeBytes } = context.geometry;
  const disk = overlay(source, NO_CHANGES);
  if (log === null) return { source: disk, doubts: [inUse(LOG_UNKNOWN)] };
  const state = await logState(source, log, blockSizeBytes, logOwner(context));
  if (state === 'foreign') return { source: disk, doubts: [foreignLog()] };
  if (state !== 'dirty') return { source: disk, doubts: [] };
  const recovered = await recover(context, log, 'all');
  if (recovered instanceof VirtDfError) return { source: disk, doubts: [recovered] };
  const promiseCount = recovered.replay?.intents.size ?? 0;
  return { source: recovered.source, doubts: promiseCount === 0 ? [] : [unkept(promiseCount)] };
}

function unkept(promiseCount: number): VirtDfError {
  const [unended, them] =
    promiseCount === 1
      ? ['a transaction was not ended', 'it']
      : [`${promiseCount} transactions were not ended`, 'them'];
  return estimate(`xfs: ${unended}; the files are read as they are before a mount ends ${them}`);
}
