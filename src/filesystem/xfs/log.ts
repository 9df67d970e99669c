// Says whether an internal log ends in the record that a clean unmount writes. Nothing is replayed here.
// References: Linux 6.1 fs/xfs/xfs_log_recover.c: xlog_find_head, xlog_find_cycle_start,
// xlog_find_verify_log_record, xlog_header_check_mount, xlog_check_unmount_rec, xlog_recover.
import { parseXfsLogRecord } from '../../../generated/filesystem/xfs.js';
import { xfsLogOperationRecords } from '../../../generated/filesystem/xfs_log.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, u32, u64 } from '../../validation/guest.js';
import type { Context } from './context.js';
import type { LogPlace } from './geometry.js';
import type { LogOwner } from './log-record.js';
import {
  blockMarks,
  cycleOf,
  LOG_BLOCK_BYTES,
  type LogRing,
  logRing,
  readBlocks,
} from './log-ring.js';

const VERSION_2 = 2n;
/** NULLCOMMITLSN */
const NO_PLACE = 2n ** 64n - 1n;
/** xlog_alloc_log: that of a log to which nothing was written. */
const FIRST_CYCLE = 1;
/** A record of more data has one more block of head for each such part. */
const HEAD_COVERS_BYTES = 32 * KIB;
const MAX_RECORD_BYTES = 256 * KIB;
const UNMOUNT_FLAG = 0x20n;
/** Once the head is known to lie within so many blocks, they are read together. On a server, bytes count as reads do. */
const STRETCH_BLOCKS = 128;
const DISTANT_STRETCH_BLOCKS = 24;
/** How far before the log's head its last record is looked for: an unmount record is padded to a stripe of the log. */
const SEARCH_BLOCKS = [
  16,
  MAX_RECORD_BYTES / HEAD_COVERS_BYTES + MAX_RECORD_BYTES / LOG_BLOCK_BYTES,
];

/** `clean`: unmounted. `empty`: nothing but zeros. `dirty`: has changes that are not yet in the metadata. */
export type LogState = 'clean' | 'empty' | 'dirty';

/** The filesystem, as its log names it. */
export function logOwner({ superblock, features }: Context): LogOwner {
  const { hasLogV2, version } = features;
  const hasChecksums = version === 5;
  const lastWriteLsn = hasChecksums ? u64(superblock.lastWriteLsn) : null;
  return { hasLogV2, hasChecksums, uuid: superblock.uuid, lastWriteLsn };
}

/** Why a log with another UUID says nothing of this filesystem. */
export function foreignLog(): FormatError {
  return new FormatError('INVALID', 'xfs: the log belongs to another filesystem');
}

/** Why nothing is known of a log that is not here. */
export const LOG_UNKNOWN =
  'xfs: the log is on another device, so that nobody knows here whether it awaits its replay';

/**
 * Finds the log's head by the numbers of its cycles, then looks whether the record before it is that of an unmount. `foreign`:
 * that record has the UUID of another filesystem (xlog_header_check_mount; none will do).
 * @throws FormatError INVALID where the superblock names a place of the log that was never written: no kernel mounts it.
 */
export async function logState(
  source: ByteSource,
  place: LogPlace,
  blockSizeBytes: number,
  { hasLogV2, uuid, lastWriteLsn }: LogOwner,
): Promise<LogState | 'foreign'> {
  const log = logRing(source, place, blockSizeBytes);
  const found = await findHead(log, stretchBlocks(source));
  if (found === null) {
    checkLastWrite(lastWriteLsn, FIRST_CYCLE, 0);
    return 'empty';
  }
  const last = await findRecordBefore(log, found, hasLogV2);
  if (last === null) return 'dirty';
  if (last.uuid.some((byte) => byte !== 0) && Buffer.compare(last.uuid, uuid) !== 0)
    return 'foreign';
  checkLastWrite(lastWriteLsn, last.cycle + (last.start >= found ? 1 : 0), found);
  if (last.end === found) return (await isUnmountRecord(log, last)) ? 'clean' : 'dirty';
  // The last record was not written to its end, so the log ends before it, as if it were not there.
  const previous = await findRecordBefore(log, last.start, hasLogV2);
  if (previous === null || previous.end !== last.start) return 'dirty';
  return (await isUnmountRecord(log, previous)) ? 'clean' : 'dirty';
}

export function stretchBlocks({ ahead }: ByteSource): number {
  return ahead === undefined ? STRETCH_BLOCKS : DISTANT_STRETCH_BLOCKS;
}

/** xfs_log_check_lsn: a superblock from a later time than the log is none of this filesystem's, or the log was cleared. */
function checkLastWrite(lsn: bigint | null, cycle: number, head: number): void {
  if (lsn === null || lsn === NO_PLACE) return;
  const [writtenCycle, writtenBlock] = [Number(lsn >> 32n), Number(BigInt.asUintN(32, lsn))];
  if (writtenCycle < cycle || (writtenCycle === cycle && writtenBlock <= head)) return;
  throw new FormatError(
    'INVALID',
    `xfs: sb_lsn is ${writtenCycle}:${writtenBlock}, and the log ends at ${cycle}:${head}; the kernel does not mount it`,
  );
}

/** A record of the log: where it begins, where its data does, and the block behind it. */
interface LogRecord {
  readonly start: number;
  readonly data: number;
  readonly end: number;
  readonly hasOneOperation: boolean;
  readonly cycle: number;
  readonly uuid: Uint8Array;
}

/**
 * The block that will be written next: the first of the oldest cycle, or the first that was never written. Holes that
 * a crash left before it do not matter here: behind them comes no unmount record.
 */
async function findHead(log: LogRing, stretchBlocks: number): Promise<number | null> {
  const first = cycleOf(await readBlocks(log, 0, 1), 0);
  if (first === 0) return null;
  let after = log.blockCount - 1;
  const last = cycleOf(await readBlocks(log, after, 1), 0);
  if (first === last) return 0;
  let before = 0;
  while (after - before > stretchBlocks) {
    const middle = Math.floor((before + after) / 2);
    if (cycleOf(await readBlocks(log, middle, 1), 0) === last) after = middle;
    else before = middle;
  }
  // The stretch that is left is read at once and halved in memory.
  const start = before;
  const stretch = await readBlocks(log, start, after - start + 1);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (cycleOf(stretch, middle - start) === last) after = middle;
    else before = middle;
  }
  return after;
}

/** The nearest record that begins before `head`, around the end if need be. */
async function findRecordBefore(
  log: LogRing,
  head: number,
  hasLogV2: boolean,
): Promise<LogRecord | null> {
  for (const wanted of SEARCH_BLOCKS) {
    const count = Math.min(wanted, log.blockCount);
    const start = (head - count + log.blockCount) % log.blockCount;
    const bytes = await readBlocks(log, start, count);
    const marks = blockMarks(bytes);
    for (let i = count - 1; i >= 0; i--) {
      if (!marks.isRecordHead(i)) continue;
      const head = bytes.subarray(i * LOG_BLOCK_BYTES, (i + 1) * LOG_BLOCK_BYTES);
      return readRecord(log, (start + i) % log.blockCount, head, hasLogV2);
    }
  }
  return null;
}

function readRecord(log: LogRing, start: number, head: Uint8Array, hasLogV2: boolean): LogRecord {
  const record = parseXfsLogRecord(head);
  const dataBytes = u32(record.lenData);
  const bufferBytes = u32(record.lenBuffer);
  const hasLargeHead = hasLogV2 && hasFlag(record.version, VERSION_2);
  const headBlocks = hasLargeHead ? Math.max(1, Math.ceil(bufferBytes / HEAD_COVERS_BYTES)) : 1;
  const data = start + headBlocks;
  const end = data + Math.ceil(dataBytes / LOG_BLOCK_BYTES);
  return {
    start,
    data: data % log.blockCount,
    end: end % log.blockCount,
    hasOneOperation: equals(record.numOperations, 1),
    cycle: u32(record.cycle),
    uuid: record.uuid,
  };
}

async function isUnmountRecord(log: LogRing, record: LogRecord): Promise<boolean> {
  if (!record.hasOneOperation) return false;
  const operation = xfsLogOperationRecords(await readBlocks(log, record.data, 1)).at(0);
  return hasFlag(operation.flags, UNMOUNT_FLAG);
}
