// What a mount of a checkpoint begins with: does it free orphans, and does it take over files that were fsynced behind the checkpoint?
// Example: while checkpoints are switched off, blocks that are written are given up by the next mount, so no file is taken over.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_fill_super.
import { FormatError, type VirtDfError } from '../../errors.js';
import { inUse } from '../doubts.js';
import { hasChain } from './chain.js';
import type { Volume } from './volume.js';

/** CP_ORPHAN_PRESENT_FLAG */
const ORPHANS = 0x2n;
/** CP_ERROR_FLAG */
const ERROR = 0x8n;
/** CP_DISABLED_FLAG */
const WITHOUT_CHECKPOINTS = 0x1000n;

export interface MountWork {
  readonly hasOrphans: boolean;
  /** Whether nodes were fsynced behind the checkpoint that are taken over; null where that is on another device. */
  readonly hasChain: boolean | null;
  /** Linux does not mount it before a check, and which numbers the check will leave is not known. */
  readonly needsCheck: boolean;
  /** Why that may not be all that a mount does. */
  readonly doubts: readonly VirtDfError[];
}

export async function mountWork(volume: Volume): Promise<MountWork> {
  const { checkpoint, superblock } = volume;
  const { isReadOnly } = superblock.features;
  if (checkpoint.has(ERROR)) {
    const doubts = [new FormatError('INVALID', HAS_ERROR)];
    return { hasOrphans: false, hasChain: false, needsCheck: true, doubts };
  }
  const hasOrphans = checkpoint.has(ORPHANS) && !isReadOnly;
  const isGivenUp = checkpoint.has(WITHOUT_CHECKPOINTS) || isReadOnly;
  const isRolled = isGivenUp ? false : await hasChain(volume);
  const doubts = isRolled === null ? [inUse(ELSEWHERE)] : [];
  return { hasOrphans, hasChain: isRolled, needsCheck: false, doubts };
}

const HAS_ERROR =
  'f2fs: the checkpoint has the error flag, and Linux wants a check before it mounts';
const ELSEWHERE =
  'f2fs: what was written behind the checkpoint would be on another device, which is not read';
