// Reads a log from its tail to its head and gathers its changes. The kernel passes over it twice, first for the buffers that
// are cancelled. Here one pass does: a block of a directory that was freed is cancelled, and the changes of it that were
// gathered so far are forgotten.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_do_recovery_pass, xlog_verify_tail, xlog_recover_process.
import { FormatError } from '../../errors.js';
import { MAX_XFS_COUNTED_BYTES, MAX_XFS_STATE_BYTES } from '../../limits.js';
import type { Geometry } from './geometry.js';
import { type LogChecksum, logChecksum } from './log-checksum.js';
import { type LogSpan, nextRecord } from './log-head.js';
import {
  hasRightChecksum,
  type LoadedRecord,
  type LogOwner,
  loadRecord,
  recordBuffer,
  unpack,
} from './log-record.js';
import { LOG_BLOCK_BYTES, type LogRing, type RingReader, ringReader } from './log-ring.js';
import { transactionReader } from './log-transactions.js';
import { type Kept, recoveryMemory } from './recovery-memory.js';
import { apply } from './replay-changes.js';
import { type ReplayedLog, replayState } from './replay-state.js';

interface LogReading {
  readonly ring: LogRing;
  readonly span: LogSpan;
  readonly owner: LogOwner;
  readonly reader: RingReader;
  readonly checksum: LogChecksum;
}

/**
 * Reads the log from its tail to its head, each block once.
 * @throws FormatError for a log that the kernel would not recover either; LIMIT for one that takes too much memory.
 */
export async function replayLog(
  ring: LogRing,
  span: LogSpan,
  owner: LogOwner,
  geometry: Geometry,
  kept: Kept,
): Promise<ReplayedLog> {
  const reader = ringReader(ring, span.tail, span.head);
  const reading = { ring, span, owner, reader, checksum: await logChecksum() };
  const buffer = recordBuffer();
  let { state, transactions } = begin(geometry, kept);
  if (span.tail === span.head) return state;
  let block = await firstRecord(reading, span.tail);
  for (let left = blocksLeft(reading, block); left > 0; left = blocksLeft(reading, block)) {
    const record = await readGood(reading, block);
    if (record === null) {
      // A record that was written over is behind the tail of the last write that was ended, so it is not needed.
      block = await firstRecord(reading, (block + 1) % ring.blockCount);
      ({ state, transactions } = begin(geometry, kept));
      continue;
    }
    if (record.headBlocks + Math.ceil(record.dataBytes / LOG_BLOCK_BYTES) > left) {
      throw corrupt(block, 'runs over the head of the log');
    }
    unpack(record, buffer);
    transactions.feed(buffer, record);
    if (record.end === span.head) break;
    block = record.end;
  }
  return state;
}

function begin(geometry: Geometry, kept: Kept) {
  const memory = recoveryMemory(kept === 'all' ? MAX_XFS_STATE_BYTES : MAX_XFS_COUNTED_BYTES);
  const state = replayState(geometry, memory, kept);
  const transactions = transactionReader(
    memory,
    kept,
    (committed) => apply(state, committed),
    () => state.inodes.size > 0,
  );
  return { state, transactions };
}

/** The blocks before the head that are not read yet. */
function blocksLeft({ ring, span }: LogReading, block: number): number {
  return (span.head - block + ring.blockCount) % ring.blockCount;
}

async function firstRecord({ ring, span }: LogReading, from: number): Promise<number> {
  const found = await nextRecord(ring, from, span.head);
  if (found === null) throw corrupt(from, 'is none: nothing begins before the head of the log');
  return found;
}

/**
 * A record with the right checksum; null for a damaged one so little behind the head that a write may have hit it.
 * @throws FormatError for any other that is damaged.
 */
async function readGood(reading: LogReading, block: number): Promise<LoadedRecord | null> {
  const { ring, reader, owner, span, checksum } = reading;
  const isTornPlace = ring.blockCount - blocksLeft(reading, block) <= span.tornBlocks;
  try {
    const record = await loadRecord(ring, reader, block, owner);
    if (hasRightChecksum(record, owner, checksum)) return record;
    // Version 4 and mkfs write none.
    if (record.storedChecksum === 0 && !owner.hasChecksums) return record;
    if (record.storedChecksum === 0 || !isTornPlace) {
      throw new FormatError('BAD_CHECKSUM', `xfs: the log's record at block ${block} is damaged`);
    }
    return null;
  } catch (error) {
    if (error instanceof FormatError && error.code !== 'BAD_CHECKSUM' && isTornPlace) return null;
    throw error;
  }
}

function corrupt(block: number, message: string): FormatError {
  return new FormatError('INVALID', `xfs: the log's record at block ${block} ${message}`);
}
