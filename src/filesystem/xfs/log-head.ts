// Where a log that was not unmounted begins and ends. The numbers of the cycles say it nearly: holes and records without
// their end, which a crash leaves behind, are cut off here.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_find_zeroed, xlog_find_head, xlog_find_verify_cycle,
// xlog_find_verify_log_record, xlog_rseek_logrec_hdr, xlog_verify_head, xlog_check_unmount_rec.
import { xfsLogOperationRecords } from '../../../generated/filesystem/xfs_log.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { hasFlag } from '../../validation/guest.js';
import { logChecksum } from './log-checksum.js';
import {
  hasRightChecksum,
  type LogOwner,
  type LogRecord,
  loadRecord,
  readRecordHead,
} from './log-record.js';
import {
  blockMarks,
  cycleOf,
  LOG_BLOCK_BYTES,
  type LogRing,
  readBlocks,
  ringReader,
} from './log-ring.js';

/** Records that may be on their way to the disk at once, and so may be missing in any order. */
const RECORDS_IN_FLIGHT = 8;
const MAX_RECORD_BLOCKS = (256 * KIB) / LOG_BLOCK_BYTES;
const MAX_V1_RECORD_BLOCKS = (32 * KIB) / LOG_BLOCK_BYTES;
const MAX_HEAD_BLOCKS = 8;
const U32_VALUES = 2n ** 32n;
const UNMOUNT_FLAG = 0x20n;

/** The blocks that must be replayed, from `tail` to before `head`; null: none. */
export interface LogSpan {
  readonly tail: number;
  readonly head: number;
  /** So many blocks behind the head may have been written over when the machine stopped, the tail among them. */
  readonly tornBlocks: number;
}

/**
 * @returns null if the log ends with an unmount after all, or was never written.
 * @throws FormatError INVALID for a log in which nothing can be found, and the errors of `readRecordHead`.
 */
export async function findSpan(ring: LogRing, owner: LogOwner): Promise<LogSpan | null> {
  const found = await findHead(ring, owner);
  if (found === null) return null;
  const heads = await recordsBefore(ring, found, RECORDS_IN_FLIGHT + 1);
  const last = await readLast(ring, heads[0], owner);
  if (await isUnmounted(ring, last, found)) return null;
  const atTail = heads.indexOf(span(ring, last, found).tail);
  const count = Math.min(RECORDS_IN_FLIGHT, atTail < 0 ? heads.length : atTail + 1);
  const bad = await firstBad(ring, heads.slice(0, count).reverse(), found, owner);
  if (bad === null) return span(ring, last, found);
  // A record that was not written to its end counts as if it were not there.
  const before = await recordsBefore(ring, bad, 1);
  const good = await readLast(ring, before[0], owner);
  if (await isUnmounted(ring, good, bad)) return null;
  return span(ring, good, bad);
}

function span(ring: LogRing, last: LogRecord, head: number): LogSpan {
  const tail = Number(last.tailLsn % U32_VALUES);
  if (tail >= ring.blockCount) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `xfs: the log's tail is block ${tail} of ${ring.blockCount}`,
    );
  }
  const tornBlocks = (RECORDS_IN_FLIGHT * last.bufferBytes) / LOG_BLOCK_BYTES;
  return { tail, head, tornBlocks };
}

async function readLast(
  ring: LogRing,
  start: number | undefined,
  owner: LogOwner,
): Promise<LogRecord> {
  if (start === undefined) {
    throw new FormatError('INVALID', 'xfs: no record is where the log ends');
  }
  return readRecordHead(ring, start, await readBlocks(ring, start, 1), owner);
}

async function isUnmounted(ring: LogRing, record: LogRecord, head: number): Promise<boolean> {
  if (record.end !== head || record.operationCount !== 1) return false;
  const data = (record.start + record.headBlocks) % ring.blockCount;
  const operation = xfsLogOperationRecords(await readBlocks(ring, data, 1)).at(0);
  return hasFlag(operation.flags, UNMOUNT_FLAG);
}

/** The first of the last records that is damaged, or that does not end where the next begins. */
async function firstBad(
  ring: LogRing,
  starts: readonly number[],
  head: number,
  owner: LogOwner,
): Promise<number | null> {
  const reader = ringReader(ring, starts[0] ?? head, head);
  const checksum = await logChecksum();
  for (const [i, start] of starts.entries()) {
    try {
      const record = await loadRecord(ring, reader, start, owner);
      // mkfs and old kernels computed none.
      const hasChecksum = record.storedChecksum !== 0;
      if (hasChecksum && !hasRightChecksum(record, owner, checksum)) return start;
      if (record.end !== (starts[i + 1] ?? head)) return start;
    } catch (error) {
      if (error instanceof FormatError) return start;
      throw error;
    }
  }
  return null;
}

/** Where up to `count` records before `head` begin, the nearest first. */
async function recordsBefore(
  ring: LogRing,
  head: number,
  count: number,
): Promise<readonly number[]> {
  const wanted = count * (MAX_RECORD_BLOCKS + MAX_HEAD_BLOCKS);
  const blocks = Math.min(wanted, ring.blockCount);
  const start = (head - blocks + ring.blockCount) % ring.blockCount;
  const bytes = await readBlocks(ring, start, blocks);
  const marks = blockMarks(bytes);
  const found: number[] = [];
  for (let i = blocks - 1; i >= 0 && found.length < count; i--) {
    if (marks.isRecordHead(i)) found.push((start + i) % ring.blockCount);
  }
  return found;
}

/** The block that would be written next; null if none ever was. */
async function findHead(ring: LogRing, owner: LogOwner): Promise<number | null> {
  const lastBlock = ring.blockCount - 1;
  const first = await cycleAt(ring, 0);
  if (first === 0) return null;
  const last = await cycleAt(ring, lastBlock);
  const scan = scanBlocks(owner, RECORDS_IN_FLIGHT, ring.blockCount);
  let head = first === last ? ring.blockCount : await firstOfCycle(ring, last, lastBlock);
  if (last === 0) {
    const count = Math.min(scan, head);
    head = (await firstWithCycle(ring, head - count, count, 0)) ?? head;
  } else {
    head = await beforeHoles(ring, head, scan, first === last ? last - 1 : last);
  }
  return (await beforePartialRecord(ring, head, owner)) % ring.blockCount;
}

function scanBlocks({ hasLogV2 }: LogOwner, records: number, limit: number): number {
  return Math.min(limit, records * (hasLogV2 ? MAX_RECORD_BLOCKS : MAX_V1_RECORD_BLOCKS));
}

/** Blocks of the cycle before, where a crash left a hole. */
async function beforeHoles(
  ring: LogRing,
  head: number,
  scan: number,
  stopCycle: number,
): Promise<number> {
  const count = Math.min(scan, head);
  const around = scan - count;
  if (around > 0) {
    const hole = await firstWithCycle(ring, ring.blockCount - around, around, stopCycle - 1);
    if (hole !== null) return hole;
  }
  return (await firstWithCycle(ring, head - count, count, stopCycle)) ?? head;
}

/** The record before `head` begins `head` anew if it does not end there. */
async function beforePartialRecord(ring: LogRing, head: number, owner: LogOwner): Promise<number> {
  const [start] = await recordsBefore(ring, head % ring.blockCount, 1);
  if (start === undefined) throw new FormatError('INVALID', 'xfs: the log has no record');
  const record = readRecordHead(ring, start, await readBlocks(ring, start, 1), owner);
  return record.end === head % ring.blockCount ? head : start;
}

async function cycleAt(ring: LogRing, block: number): Promise<number> {
  return cycleOf(await readBlocks(ring, block, 1), 0);
}

async function firstOfCycle(ring: LogRing, cycle: number, lastBlock: number): Promise<number> {
  let [before, after] = [0, lastBlock];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if ((await cycleAt(ring, middle)) === cycle) after = middle;
    else before = middle;
  }
  return after;
}

/** Where the next record begins, from `start` on and before `head`; null if none does. */
export async function nextRecord(
  ring: LogRing,
  start: number,
  head: number,
): Promise<number | null> {
  let left = (head - start + ring.blockCount) % ring.blockCount;
  for (let block = start; left > 0; ) {
    const count = Math.min(left, MAX_RECORD_BLOCKS);
    const marks = blockMarks(await readBlocks(ring, block, count));
    for (let i = 0; i < count; i++) {
      if (marks.isRecordHead(i)) return (block + i) % ring.blockCount;
    }
    block = (block + count) % ring.blockCount;
    left -= count;
  }
  return null;
}

async function firstWithCycle(
  ring: LogRing,
  start: number,
  count: number,
  cycle: number,
): Promise<number | null> {
  if (count === 0) return null;
  const marks = blockMarks(await readBlocks(ring, start, count));
  for (let i = 0; i < count; i++) if (marks.cycle(i) === cycle) return start + i;
  return null;
}
