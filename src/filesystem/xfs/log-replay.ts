// What a log changes, gathered in one pass over it. A buffer that is cancelled is forgotten with all that was said of
// it before, which is what the kernel's first pass is for.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_do_recovery_pass.
import { FormatError } from '../../errors.js';
import type { Geometry } from './geometry.js';
import { logChecksum } from './log-checksum.js';
import type { LogSpan } from './log-head.js';
import { hasRightChecksum, type LogOwner, loadRecord, recordBuffer, unpack } from './log-record.js';
import { LOG_BLOCK_BYTES, type LogRing, ringReader } from './log-ring.js';
import { transactionReader } from './log-transactions.js';
import { recoveryMemory } from './recovery-memory.js';
import { apply } from './replay-changes.js';
import { type Replay, replayState } from './replay-state.js';

/**
 * Reads the log from its tail to its head, each block once.
 * @throws FormatError for what the kernel would not recover either; LIMIT for what takes too much memory.
 */
export async function replayLog(
  ring: LogRing,
  { tail, head }: LogSpan,
  owner: LogOwner,
  geometry: Geometry,
): Promise<Replay> {
  const memory = recoveryMemory();
  const state = replayState(geometry, memory);
  const transactions = transactionReader(
    memory,
    (committed) => apply(state, committed),
    () => state.unnamed.size > 0,
  );
  const checksum = await logChecksum();
  const buffer = recordBuffer();
  const reader = ringReader(ring);
  let left = (head - tail + ring.blockCount) % ring.blockCount;
  for (let block = tail; left > 0; ) {
    const record = await loadRecord(ring, reader, block, owner);
    left -= record.headBlocks + Math.ceil(record.dataBytes / LOG_BLOCK_BYTES);
    if (left < 0) {
      throw new FormatError(
        'INVALID',
        `xfs: the log's record at block ${block} runs over its head`,
      );
    }
    if (owner.hasChecksums && !hasRightChecksum(record, owner, checksum)) {
      throw new FormatError('BAD_CHECKSUM', `xfs: the log's record at block ${block} is damaged`);
    }
    transactions.feed(unpack(record, buffer), record.lsn, record.operationCount);
    block = record.end;
  }
  return state;
}
