// A record of the log: its head, and its data as it was before the numbers of the cycle were put into it.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_valid_rec_header, xlog_logrec_hblks, xlog_header_check_recover,
// xlog_recover_process, xlog_unpack_data; fs/xfs/xfs_log.c: xlog_cksum.
import {
  parseXfsLogRecord,
  XfsLogRecordFields,
  XfsMoreLogRecordFields,
} from '../../../generated/filesystem/xfs.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { equals, hasFlag, int, u32, u64 } from '../../validation/guest.js';
import type { LogChecksum } from './log-checksum.js';
import { LOG_BLOCK_BYTES, type LogRing, type RingReader } from './log-ring.js';

const VERSION_2 = 2n;
/** Linux on a little-endian machine; virt-df reads no log of another, and neither does a kernel there. */
const FORMAT_LITTLE_ENDIAN = 1;
/** A record of more data has one more block of head for each such part. */
const HEAD_COVERS_BYTES = 32 * KIB;
const BLOCKS_PER_HEAD = HEAD_COVERS_BYTES / LOG_BLOCK_BYTES;
const MAX_RECORD_BYTES = 256 * KIB;
const MAX_V1_RECORD_BYTES = 32 * KIB;
const CHECKSUM_OFFSET = XfsLogRecordFields.checksum.at;
const FIRST_WORDS_OFFSET = XfsLogRecordFields.firstWords.at;
const MORE_WORDS_OFFSET = XfsMoreLogRecordFields.firstWords.at;
const WORD_BYTES = 4;
const ZEROS = new Uint8Array(WORD_BYTES);
/** The head as 64-bit kernels check it, with its padding, and as 32-bit ones do. */
const HEAD_BYTES = [328, 324];
const MORE_HEAD_BYTES = 260;

/** The filesystem to which the log belongs: a record with another UUID is not its own. */
export interface LogOwner {
  readonly hasLogV2: boolean;
  /** Of version 5: a record with a wrong checksum ends the recovery. */
  readonly hasChecksums: boolean;
  /** The superblock's own UUID. */
  readonly uuid: Uint8Array;
  /** Of version 5: where in the log the superblock's last change is: the cycle, and in the lower half the block. */
  readonly lastWriteLsn: bigint | null;
}

/** Where a record lies, in blocks of the log, and the fields of its head. */
export interface LogRecord {
  readonly start: number;
  readonly headBlocks: number;
  readonly dataBytes: number;
  /** The block behind it. */
  readonly end: number;
  readonly lsn: bigint;
  readonly tailLsn: bigint;
  readonly operationCount: number;
  readonly storedChecksum: number;
  /** How large a record may be. */
  readonly bufferBytes: number;
}

/** @throws FormatError BAD_MAGIC, INVALID, OUT_OF_BOUNDS; UnsupportedError for one of another byte order. */
export function readRecordHead(
  ring: LogRing,
  start: number,
  head: Uint8Array,
  { hasLogV2, uuid }: LogOwner,
): LogRecord {
  const record = parseXfsLogRecord(head);
  const isV2 = hasLogV2 && hasFlag(record.version, VERSION_2);
  const maxBytes = isV2 ? MAX_RECORD_BYTES : MAX_V1_RECORD_BYTES;
  const what = `xfs: log record at block ${start}`;
  const dataBytes = int(record.lenData, `${what}: h_len`, 1, maxBytes);
  const bufferBytes = isV2 ? int(record.lenBuffer, `${what}: h_size`, 0, MAX_RECORD_BYTES) : 0;
  const headBlocks = Math.max(1, Math.ceil(bufferBytes / HEAD_COVERS_BYTES));
  const blocks = headBlocks + Math.ceil(dataBytes / LOG_BLOCK_BYTES);
  if (blocks > ring.blockCount) {
    throw new FormatError('INVALID', `${what} has more blocks than the log, ${blocks}`);
  }
  // mkfs pads the one operation of its record to a stripe of the log, but says nothing of it in the head.
  if (dataBytes > headBlocks * HEAD_COVERS_BYTES && !equals(record.numOperations, 1)) {
    throw new FormatError('INVALID', `${what} has ${dataBytes} bytes, too many for its head`);
  }
  if (!equals(record.format, FORMAT_LITTLE_ENDIAN)) {
    const format = u32(record.format);
    throw new UnsupportedError('UNSUPPORTED_FEATURE', `${what} is of the byte order ${format}`);
  }
  if (record.uuid.some((byte, i) => byte !== uuid[i])) {
    throw new FormatError('INVALID', `${what} belongs to another filesystem`);
  }
  return {
    start,
    headBlocks,
    dataBytes,
    end: (start + blocks) % ring.blockCount,
    lsn: u64(record.lsn),
    tailLsn: u64(record.tailLsn),
    operationCount: u32(record.numOperations),
    storedChecksum: u32(record.checksum),
    bufferBytes: isV2 ? bufferBytes : MAX_V1_RECORD_BYTES,
  };
}

export interface LoadedRecord extends LogRecord {
  readonly head: Uint8Array;
  /** As it lies in the log: the first word of each block is the number of the cycle. */
  readonly packed: Uint8Array;
}

/** @throws FormatError, UnsupportedError as `readRecordHead` does. */
export async function loadRecord(
  ring: LogRing,
  reader: RingReader,
  start: number,
  owner: LogOwner,
): Promise<LoadedRecord> {
  const first = await reader.read(start, 1);
  const record = readRecordHead(ring, start, first, owner);
  const { headBlocks, dataBytes } = record;
  const count = headBlocks + Math.ceil(dataBytes / LOG_BLOCK_BYTES);
  const bytes = await reader.read(start, count);
  const dataAt = headBlocks * LOG_BLOCK_BYTES;
  return { ...record, head: bytes.subarray(0, dataAt), packed: bytes.subarray(dataAt) };
}

/** Whether the checksum is right, which is one over the head without it and over the data as it lies in the log. */
export function hasRightChecksum(
  { storedChecksum, head, packed, dataBytes }: LoadedRecord,
  { hasLogV2 }: LogOwner,
  checksum: LogChecksum,
): boolean {
  return HEAD_BYTES.some((headBytes) => {
    const parts = [
      head.subarray(0, CHECKSUM_OFFSET),
      ZEROS,
      head.subarray(CHECKSUM_OFFSET + WORD_BYTES, headBytes),
    ];
    const heads = hasLogV2 ? Math.ceil(dataBytes / HEAD_COVERS_BYTES) : 1;
    for (let i = 1; i < heads; i++) {
      parts.push(head.subarray(i * LOG_BLOCK_BYTES, i * LOG_BLOCK_BYTES + MORE_HEAD_BYTES));
    }
    parts.push(packed.subarray(0, dataBytes));
    return checksum(parts) === storedChecksum;
  });
}

/** Room for the data of one record. */
export function recordBuffer(): Uint8Array {
  return new Uint8Array(MAX_RECORD_BYTES);
}

/** Puts the record's data into a buffer, with the words back that the numbers of the cycle replaced. */
export function unpack({ head, packed, dataBytes }: LoadedRecord, data: Uint8Array): void {
  data.set(packed.subarray(0, dataBytes));
  for (let block = 0; block * LOG_BLOCK_BYTES < dataBytes; block++) {
    const part = Math.floor(block / BLOCKS_PER_HEAD);
    const words = part === 0 ? FIRST_WORDS_OFFSET : part * LOG_BLOCK_BYTES + MORE_WORDS_OFFSET;
    const from = words + (block % BLOCKS_PER_HEAD) * WORD_BYTES;
    const to = block * LOG_BLOCK_BYTES;
    const room = Math.min(WORD_BYTES, dataBytes - to);
    for (let i = 0; i < room; i++) data[to + i] = head[from + i] ?? 0;
  }
}
