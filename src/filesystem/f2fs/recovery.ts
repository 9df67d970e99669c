// A mount in memory, up to the moment at which df can ask: it frees orphans, then it puts the files that were fsynced after the
// checkpoint into place. A read-only mount does so too.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_fill_super; fs/f2fs/recovery.c: f2fs_recover_fsync_data.
import { FormatError } from '../../errors.js';
import { openNodeTable } from './node-table.js';
import { freeOrphans } from './orphans.js';
import type { Recovery } from './recovery-state.js';
import { rollForward } from './roll-forward.js';
import { openSegmentTable } from './segment-table.js';
import { readSummaries } from './summaries.js';
import type { Volume } from './volume.js';

/** The counters after the mount. */
interface Recovered {
  readonly validBlockCount: number;
  readonly validNodeCount: number;
  /** The things that were met and whose effect is not known, a sentence for each kind. */
  readonly unfollowed: ReadonlySet<string>;
  /** Why files that were fsynced are not in them; null if they are. The kernel gives them up as well, unless it is a LIMIT. */
  readonly damage: FormatError | null;
}

/** @throws FormatError where the mount would fail. */
export async function recover(
  volume: Volume,
  { hasOrphans, hasChain }: { readonly hasOrphans: boolean; readonly hasChain: boolean },
): Promise<Recovered> {
  const recovery = await openRecovery(volume);
  if (hasOrphans) await freeOrphans(recovery);
  const before = countersOf(recovery);
  if (!hasChain) return { ...before, damage: null };
  try {
    await rollForward(recovery);
  } catch (error) {
    // It mounts again and leaves out all of it.
    if (error instanceof FormatError) return { ...before, damage: error };
    throw error;
  }
  return { ...countersOf(recovery), damage: null };
}

async function openRecovery(volume: Volume): Promise<Recovery> {
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

function countersOf({ blockCount, nodeCount, unfollowed }: Recovery) {
  return { validBlockCount: blockCount, validNodeCount: nodeCount, unfollowed };
}
