// The recovery of a log that was not unmounted, in memory: the filesystem as a mount would find it afterwards.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover, xlog_do_recover, xlog_recover_finish.

import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
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
 * What the mount does after the replay; null if that cannot be known, for what `recover` says.
 * @param context of the filesystem after the replay.
 * @throws SourceError
 */
export async function finishRecovery(
  context: GroupContext,
  disk: ByteSource,
  replay: Replay,
): Promise<Unfinished | null> {
  return unlessDamaged(() => finish(context, disk, replay));
}

/**
 * Replays the log; null if it cannot be: the kernel would not mount the filesystem, or virt-df keeps no more of it.
 * @throws SourceError
 */
export async function recover(context: GroupContext, uuid: Uint8Array): Promise<Recovered | null> {
  const { source, features, geometry, metadataUuid } = context;
  if (geometry.log === null) return null;
  const ring = logRing(source, geometry.log, geometry.blockSizeBytes);
  const owner: LogOwner = {
    hasLogV2: features.hasLogV2,
    hasChecksums: features.version === 5,
    uuid,
  };
  return unlessDamaged(async () => {
    const span = await findSpan(ring, owner);
    if (span === null) return { source, replay: null };
    const replay = await replayLog(ring, span, owner, geometry);
    const { version } = features;
    return { source: overlaySource(source, replay, { version, metadataUuid }), replay };
  });
}

async function unlessDamaged<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    // The numbers on the disk are of use even then, if they are called stale.
    if (error instanceof FormatError || error instanceof UnsupportedError) return null;
    throw error;
  }
}
