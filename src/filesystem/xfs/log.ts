// Whether an internal log ends in the record that a clean unmount writes. Nothing is replayed here.
// References: Linux 6.1 fs/xfs/xfs_log_recover.c: xlog_find_head, xlog_find_cycle_start,
// xlog_find_verify_log_record, xlog_check_unmount_rec.
import {
  parseXfsLogOperation,
  parseXfsLogRecord,
  xfsLogBlockRecords,
} from '../../../generated/filesystem/xfs.js';
import { KIB } from '../../limits.js';
import type { ByteSource } from '../../source/source.js';
import { equals, hasFlag, int } from '../../validation/guest.js';
import type { LogPlace } from './geometry.js';

/** The log is written in units of this size whatever the filesystem's blocks and sectors are. */
const LOG_BLOCK_BYTES = 512;
const RECORD_MAGIC = 0xfeedbabe;
const U32_MAX = 0xffffffff;
const VERSION_2 = 2n;
/** A record of more data has one more block of head for each such part. */
const HEAD_COVERS_BYTES = 32 * KIB;
const MAX_RECORD_BYTES = 256 * KIB;
const UNMOUNT_FLAG = 0x20n;
/** Once the head is known to lie within so many blocks, they are read together. */
const STRETCH_BLOCKS = 128;
/** How far before the log's head its last record is looked for: an unmount record is padded to a stripe of the log. */
const SEARCH_BLOCKS = [
  16,
  MAX_RECORD_BYTES / HEAD_COVERS_BYTES + MAX_RECORD_BYTES / LOG_BLOCK_BYTES,
];

/** `clean`: unmounted. `empty`: nothing but zeros. `dirty`: holds what is not yet in the metadata. */
export type LogState = 'clean' | 'empty' | 'dirty';

interface Log {
  readonly source: ByteSource;
  readonly offsetBytes: number;
  readonly blockCount: number;
}

/** Finds the log's head by the numbers of its cycles, then looks whether the record before it is that of an unmount. */
export async function logState(
  source: ByteSource,
  { offsetBytes, blockCount }: LogPlace,
  blockSizeBytes: number,
  hasLogV2: boolean,
): Promise<LogState> {
  const log: Log = {
    source,
    offsetBytes,
    blockCount: (blockCount * blockSizeBytes) / LOG_BLOCK_BYTES,
  };
  const found = await findHead(log);
  if (found === null) return 'empty';
  const last = await findRecordBefore(log, found, hasLogV2);
  if (last === null) return 'dirty';
  if (last.end === found) return (await isUnmountRecord(log, last)) ? 'clean' : 'dirty';
  // The last record was not written to its end, so the log ends before it, as if it were not there.
  const previous = await findRecordBefore(log, last.start, hasLogV2);
  if (previous === null || previous.end !== last.start) return 'dirty';
  return (await isUnmountRecord(log, previous)) ? 'clean' : 'dirty';
}

/** A record of the log: where it begins, where its data does, and the block behind it. */
interface LogRecord {
  readonly start: number;
  readonly data: number;
  readonly end: number;
  readonly hasOneOperation: boolean;
}

/**
 * The block that will be written next: the first of the oldest cycle, or the first that was never written. Holes that
 * a crash left before it do not matter here: behind them comes no unmount record.
 */
async function findHead(log: Log): Promise<number | null> {
  const first = cycleOf(await readBlocks(log, 0, 1), 0);
  if (first === 0) return null;
  let after = log.blockCount - 1;
  const last = cycleOf(await readBlocks(log, after, 1), 0);
  if (first === last) return 0;
  let before = 0;
  while (after - before > STRETCH_BLOCKS) {
    const middle = Math.floor((before + after) / 2);
    if (cycleOf(await readBlocks(log, middle, 1), 0) === last) after = middle;
    else before = middle;
  }
  // What is left is read at once and halved in memory.
  const start = before;
  const stretch = await readBlocks(log, start, after - start + 1);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (cycleOf(stretch, middle - start) === last) after = middle;
    else before = middle;
  }
  return after;
}

function cycleOf(blocks: Uint8Array, index: number): number {
  const words = xfsLogBlockRecords(blocks).at(index);
  const cycle = equals(words.firstWord, RECORD_MAGIC) ? words.secondWord : words.firstWord;
  return int(cycle, 'xfs: cycle of the log', 0, U32_MAX);
}

/** The nearest record that begins before `head`, around the end if need be. */
async function findRecordBefore(
  log: Log,
  head: number,
  hasLogV2: boolean,
): Promise<LogRecord | null> {
  for (const wanted of SEARCH_BLOCKS) {
    const count = Math.min(wanted, log.blockCount);
    const start = (head - count + log.blockCount) % log.blockCount;
    const bytes = await readBlocks(log, start, count);
    const blocks = xfsLogBlockRecords(bytes);
    for (let i = count - 1; i >= 0; i--) {
      if (!equals(blocks.at(i).firstWord, RECORD_MAGIC)) continue;
      const head = bytes.subarray(i * LOG_BLOCK_BYTES, (i + 1) * LOG_BLOCK_BYTES);
      return readRecord(log, (start + i) % log.blockCount, head, hasLogV2);
    }
  }
  return null;
}

function readRecord(log: Log, start: number, head: Uint8Array, hasLogV2: boolean): LogRecord {
  const record = parseXfsLogRecord(head);
  const dataBytes = int(record.lenData, 'xfs: h_len', 0, U32_MAX);
  const bufferBytes = int(record.lenBuffer, 'xfs: h_size', 0, U32_MAX);
  const hasLargeHead = hasLogV2 && hasFlag(record.version, VERSION_2);
  const headBlocks = hasLargeHead ? Math.max(1, Math.ceil(bufferBytes / HEAD_COVERS_BYTES)) : 1;
  const data = start + headBlocks;
  const end = data + Math.ceil(dataBytes / LOG_BLOCK_BYTES);
  return {
    start,
    data: data % log.blockCount,
    end: end % log.blockCount,
    hasOneOperation: equals(record.numOperations, 1),
  };
}

async function isUnmountRecord(log: Log, record: LogRecord): Promise<boolean> {
  if (!record.hasOneOperation) return false;
  const operation = parseXfsLogOperation(await readBlocks(log, record.data, 1));
  return hasFlag(operation.flags, UNMOUNT_FLAG);
}

/** `count` blocks of the ring from `start` on. */
async function readBlocks(log: Log, start: number, count: number): Promise<Uint8Array> {
  const behind = Math.max(0, start + count - log.blockCount);
  const first = await readFlat(log, start, count - behind);
  if (behind === 0) return first;
  return Buffer.concat([first, await readFlat(log, 0, behind)]);
}

async function readFlat(log: Log, start: number, count: number): Promise<Uint8Array> {
  return log.source.read(log.offsetBytes + start * LOG_BLOCK_BYTES, count * LOG_BLOCK_BYTES);
}
