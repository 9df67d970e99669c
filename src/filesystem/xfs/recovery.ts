// The recovery of a log that was not unmounted, in memory: the filesystem as a mount would find it afterwards.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover, xlog_do_recover, xlog_recover_finish.

import type { ByteSource } from '../../bytes/source.js';
import type { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import type { LogPlace } from './geometry.js';
import type { GroupContext } from './groups.js';
import { findSpan } from './log-head.js';
import type { LogOwner } from './log-record.js';
import { replayLog } from './log-replay.js';
import { logRing } from './log-ring.js';
import { overlaySource } from './overlay.js';
import type { Replay } from './replay-state.js';
import { finish, type Unfinished } from './unfinished.js';

export interface Recovered {
  /** The filesystem after the replay. */
  readonly source: ByteSource;
  /** Null if there was nothing to replay: the log ends with an unmount, behind which a write was cut off. */
  readonly replay: Replay | null;
}

/**
 * What the mount does after the replay; the reason if that cannot be known, as `recover` has it.
 * @param context of the filesystem after the replay.
 * @throws SourceError
 */
export async function finishRecovery(
  context: GroupContext,
  disk: ByteSource,
  replay: Replay,
): Promise<Unfinished | VirtDfError> {
  return orDoubt(() => finish(context, disk, replay));
}

/**
 * Replays the log; the reason if it cannot be: the kernel would not mount the filesystem, or virt-df keeps no more of it.
 * @throws SourceError
 */
export async function recover(
  context: GroupContext,
  uuid: Uint8Array,
  log: LogPlace,
): Promise<Recovered | VirtDfError> {
  const { source, features, geometry, metadataUuid } = context;
  const ring = logRing(source, log, geometry.blockSizeBytes);
  const owner: LogOwner = {
    hasLogV2: features.hasLogV2,
    hasChecksums: features.version === 5,
    uuid,
  };
  return orDoubt(async () => {
    const span = await findSpan(ring, owner);
    if (span === null) return { source, replay: null };
    const replay = await replayLog(ring, span, owner, geometry);
    const { version } = features;
    return { source: overlaySource(source, replay, { version, metadataUuid }), replay };
  });
}
