// The state of an XFS in which a mount has it: its log is replayed in memory if it awaits that.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover.
import { VirtDfError } from '../../errors.js';
import { type Context, openContext } from './context.js';
import { foreignLog, type LogState, logOwner, logState } from './log.js';
import type { Kept } from './recovery-memory.js';
import type { Unfinished } from './unfinished.js';

export interface AfterLog {
  /** Of the filesystem after the replay, or as it is on the disk where the log cannot be replayed. */
  readonly context: Context;
  /** null: the log is on another device. */
  readonly state: LogState | null;
  /** What the mount does behind the replay, or why there was none; null: no log awaits one. */
  readonly recovered: Unfinished | VirtDfError | null;
}

/**
 * @param isLive the guest runs: files that were deleted while they were open stay.
 * @throws FormatError where no kernel mounts it; SourceError.
 */
export async function afterLog(context: Context, kept: Kept, isLive = false): Promise<AfterLog> {
  const { source, geometry } = context;
  const { blockSizeBytes, log } = geometry;
  const state = log && (await logState(source, log, blockSizeBytes, logOwner(context)));
  if (state === 'foreign') return { context, state: 'dirty', recovered: foreignLog() };
  if (log === null || state !== 'dirty') return { context, state, recovered: null };
  const { recover, finishRecovery } = await import('./recovery.js');
  const recovered = await recover(context, log, kept);
  if (recovered instanceof VirtDfError) return { context, state, recovered };
  const { replay } = recovered;
  if (replay === null) return { context, state: 'clean', recovered: null };
  const after = await openContext(recovered.source);
  return { context: after, state, recovered: await finishRecovery(after, replay, isLive) };
}
