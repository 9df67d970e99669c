// A mount in memory, up to the moment at which df can ask: it frees orphans, then it puts the files that were fsynced after the
// checkpoint into place. A read-only mount does so too.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_fill_super; fs/f2fs/recovery.c: f2fs_recover_fsync_data.
import { FormatError, type VirtDfError } from '../../errors.js';
import { estimate } from '../doubts.js';
import type { MountWork } from './mount.js';
import { openNodeTable } from './node-table.js';
import { freeOrphans } from './orphans.js';
import type { Recovery } from './recovery-state.js';
import { rollForward } from './roll-forward.js';
import { openSegmentTable } from './segment-table.js';
import { readSummaries } from './summaries.js';
import type { Volume } from './volume.js';

interface Doubtful {
  /** The things that were met and whose effect is not known, a sentence for each kind. */
  readonly unfollowed: ReadonlySet<string>;
  /** Why files that were fsynced are left out; null if they are not. The kernel gives them up as well, unless it is a LIMIT. */
  readonly damage: FormatError | null;
}

interface Counters {
  readonly validBlockCount: number;
  readonly validNodeCount: number;
}

type Work = Pick<MountWork, 'hasOrphans' | 'hasChain'>;

/** The counters after the mount. @throws FormatError where the mount would fail. */
export async function recover(volume: Volume, work: Work): Promise<Counters & Doubtful> {
  const { recovery, withoutChain, damage } = await replay(volume, work);
  const counters = damage === null ? countersOf(recovery) : withoutChain;
  return { ...counters, unfollowed: recovery.unfollowed, damage };
}

interface RecoveredState {
  readonly recovery: Recovery;
  /** The bitmaps of the segments that had blocks of orphans, once these were freed and nothing else was done. */
  readonly afterOrphans: ReadonlyMap<number, Uint8Array>;
}

/** All of the filesystem after the mount. @throws FormatError where the mount would fail. */
export async function recoveredState(
  volume: Volume,
  work: Work,
): Promise<Doubtful & RecoveredState> {
  const { recovery, afterOrphans, damage } = await replay(volume, work);
  const { unfollowed } = recovery;
  if (damage === null) return { recovery, afterOrphans, unfollowed, damage };
  // That recovery holds half of the chain, and the kernel mounts without any of it.
  const again = await replay(volume, { ...work, hasChain: false });
  return { recovery: again.recovery, afterOrphans, unfollowed, damage };
}

/** The doubts that come of a recovery. */
export function reasons({ unfollowed, damage }: Doubtful): readonly VirtDfError[] {
  const estimates = [...unfollowed].map((what) => estimate(`f2fs: ${what}`));
  return damage === null ? estimates : [damage, ...estimates];
}

/** Where there is damage the recovery holds half of the chain, and only the counters from before the chain are of use. */
async function replay(volume: Volume, { hasOrphans, hasChain }: Work) {
  const recovery = await openRecovery(volume);
  if (hasOrphans) await freeOrphans(recovery);
  const afterOrphans = recovery.segmentTable.changed();
  const withoutChain = countersOf(recovery);
  let damage: FormatError | null = null;
  if (hasChain === true) {
    try {
      await rollForward(recovery);
    } catch (error) {
      // The kernel mounts again and leaves out all of it.
      if (!(error instanceof FormatError)) throw error;
      damage = error;
    }
  }
  return { recovery, afterOrphans, withoutChain, damage };
}

/** The filesystem of the checkpoint, to which nothing was done yet. */
export async function openRecovery(volume: Volume): Promise<Recovery> {
  const summaries = await readSummaries(volume);
  return {
    volume,
    nodeTable: await openNodeTable(volume, summaries),
    segmentTable: await openSegmentTable(volume, summaries),
    blockCount: volume.checkpoint.validBlockCount,
    nodeCount: volume.checkpoint.validNodeCount,
    inodes: new Map(),
    nodes: new Map(),
    tables: new Map(),
    tableCount: 0,
    readCount: 0,
    addressCount: 0,
    unfollowed: new Set(),
  };
}

function countersOf({ blockCount, nodeCount }: Recovery): Counters {
  return { validBlockCount: blockCount, validNodeCount: nodeCount };
}
