// The log of a VHDX. It holds writes to the image's tables that a crash may have interrupted before they reached the tables.
// References: [MS-VHDX] 2.3 "Log", 2.3.3 "Log Replay"; QEMU block/vhdx-log.c.
// QEMU and the specification differ in two points. A log that has a GUID but no entry with it is one whose first entry a
// crash prevented, as QEMU leaves it: there is nothing to replay. And the replay begins at the tail that the last entry
// names, because earlier entries have reached their places and may have been overwritten there.
import { type GuestVhdxLogEntry, parseVhdxLogEntry } from '../../../generated/container/vhdx.js';
import type { Change } from '../../bytes/changes.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { big, equals, int, uuidText } from '../../validation/guest.js';
import { checksum } from './checksum.js';
import type { Log } from './header.js';
import { readWrites } from './log-writes.js';

/** Hyper-V's and QEMU's logs have 1 MiB. A log above this limit is refused only if it is in use. */
const MAX_LOG_BYTES = 64 * MIB;
const LOG_SECTOR_BYTES = 4096;
const ENTRY_HEAD_BYTES = 64;
const MAX_SEQUENCE_NUMBER = 2n ** 64n - 1n;
/** Entries are checked up to so many times the log's size. A sound log needs two, for entries that wrap around its end. */
const MAX_CHECKED_SHARE = 4;
/** Sectors of data are bounded by the log's size; stretches of zeros would not be. */
const MAX_WRITES = 65_536;

/** The writes of the log that a reader must apply. */
export interface LogReplay {
  /** The writes in the order in which they were made. */
  readonly writes: readonly Change[];
  /** The least size that the file has after the replay. */
  readonly fileBytes: number;
}

interface Entry {
  /** Offset in the log. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly tailBytes: number;
  readonly sequenceNumber: bigint;
  readonly flushedFileBytes: number;
  readonly lastFileBytes: number;
  readonly writes: readonly Change[];
}

/** The log that is being read, and the work that was spent on it. */
interface Reader {
  readonly file: ByteSource;
  readonly log: Log;
  readonly scope: Scope;
  /** Bytes of all entries that were checked so far. */
  checkedBytes: number;
  writeCount: number;
}

/** The writes to replay; null if there are none. @throws FormatError TRUNCATED, LIMIT. */
export async function readReplay(
  file: ByteSource,
  log: Log,
  scope: Scope,
): Promise<LogReplay | null> {
  if (log.guid === null) return null;
  if (log.lengthBytes > MAX_LOG_BYTES) {
    const message = `vhdx: a log of ${log.lengthBytes} bytes is in use; the limit is ${MAX_LOG_BYTES}`;
    throw new FormatError('LIMIT', message, { data: { lengthBytes: log.lengthBytes } });
  }
  const entries = await activeSequence({ file, log, scope, checkedBytes: 0, writeCount: 0 });
  const head = entries.at(-1);
  if (head === undefined) return null;
  const tail = entries.findIndex(({ offsetBytes }) => offsetBytes === head.tailBytes);
  const replayed = entries.slice(tail);
  for (const { flushedFileBytes } of replayed) {
    if (flushedFileBytes <= file.sizeBytes) continue;
    const message = `vhdx: the file had ${flushedFileBytes} bytes when its log was written; it has ${file.sizeBytes}`;
    throw new FormatError('TRUNCATED', message, { data: { flushedFileBytes } });
  }
  return {
    writes: replayed.flatMap(({ writes }) => writes),
    fileBytes: Math.max(file.sizeBytes, head.lastFileBytes),
  };
}

/**
 * The valid sequence of entries whose last one has the highest number and names a tail within it; empty if there is none.
 */
async function activeSequence(reader: Reader): Promise<readonly Entry[]> {
  const { lengthBytes } = reader.log;
  let active: readonly Entry[] = [];
  for (let start = 0; start < lengthBytes; ) {
    const sequence = await sequenceAt(reader, start);
    const head = sequence.at(-1);
    const isWhole = sequence.some(({ offsetBytes }) => offsetBytes === head?.tailBytes);
    if (head === undefined || !isWhole) {
      start += LOG_SECTOR_BYTES;
      continue;
    }
    const highest = active.at(-1)?.sequenceNumber ?? 0n;
    if (head.sequenceNumber > highest) active = sequence;
    const end = start + sequence.reduce((sum, entry) => sum + entry.lengthBytes, 0);
    start = end; // If the sequence wrapped around, this is behind the log's end, and the search is over.
  }
  return active;
}

/** The entries that follow each other from an offset on, with numbers that grow by one. */
async function sequenceAt(reader: Reader, start: number): Promise<readonly Entry[]> {
  const { lengthBytes } = reader.log;
  const entries: Entry[] = [];
  let last: bigint | null = null;
  for (let used = 0; used < lengthBytes; ) {
    const entry: Entry | null = await readEntry(reader, (start + used) % lengthBytes, last);
    if (entry === null || used + entry.lengthBytes > lengthBytes) break;
    entries.push(entry);
    used += entry.lengthBytes;
    last = entry.sequenceNumber;
  }
  return entries;
}

/** The entry at an offset; null if it has another GUID, not the next number, or was not written completely. */
async function readEntry(
  reader: Reader,
  offsetBytes: number,
  last: bigint | null,
): Promise<Entry | null> {
  const { file, log, scope } = reader;
  scope.check();
  const head = await file.read(log.offsetBytes + offsetBytes, ENTRY_HEAD_BYTES);
  try {
    const guest = parseVhdxLogEntry(head);
    const fields = readFields(guest, log, last);
    if (fields === null) return null;
    const { lengthBytes, sequenceNumber } = fields;
    chargeChecked(reader, lengthBytes);
    const bytes = await readAround(reader, offsetBytes, lengthBytes);
    if (!equals(guest.checksum, checksum(bytes))) return null;
    const writes = readWrites(bytes, guest, sequenceNumber);
    chargeWrites(reader, writes.length);
    return { ...fields, offsetBytes, writes };
  } catch (error) {
    if (error instanceof FormatError && error.code !== 'LIMIT') return null;
    throw error;
  }
}

function readFields(
  guest: GuestVhdxLogEntry,
  log: Log,
  last: bigint | null,
): Omit<Entry, 'offsetBytes' | 'writes'> | null {
  if (uuidText(guest.logGuid, true) !== log.guid) return null;
  const number = big(guest.sequenceNumber, 'vhdx: number of a log entry', 1n, MAX_SEQUENCE_NUMBER);
  if (last !== null && number !== last + 1n) return null;
  const [min, max] = [LOG_SECTOR_BYTES, log.lengthBytes];
  const lengthBytes = int(guest.lenEntry, 'vhdx: length of a log entry', min, max);
  const tailBytes = int(guest.ofsTail, 'vhdx: tail of a log entry', 0, max);
  if (lengthBytes % LOG_SECTOR_BYTES !== 0 || tailBytes % LOG_SECTOR_BYTES !== 0) return null;
  const what = 'vhdx: size of the file in a log entry';
  const [flushed, lastSize] = [guest.flushedFileSize, guest.lastFileSize];
  return {
    lengthBytes,
    tailBytes,
    sequenceNumber: number,
    flushedFileBytes: int(flushed, what, 0, Number.MAX_SAFE_INTEGER),
    lastFileBytes: int(lastSize, what, 0, Number.MAX_SAFE_INTEGER),
  };
}

function chargeChecked(reader: Reader, lengthBytes: number): void {
  const limit = reader.log.lengthBytes * MAX_CHECKED_SHARE;
  reader.checkedBytes += lengthBytes;
  if (reader.checkedBytes <= limit) return;
  const message = `vhdx: the entries of the log have more than ${limit} bytes, which is ${MAX_CHECKED_SHARE} times its size`;
  throw new FormatError('LIMIT', message);
}

function chargeWrites(reader: Reader, count: number): void {
  reader.writeCount += count;
  if (reader.writeCount <= MAX_WRITES) return;
  throw new FormatError('LIMIT', `vhdx: the log holds more than ${MAX_WRITES} writes`);
}

/** The log is a ring: an entry may go on at its beginning. */
async function readAround(
  { file, log }: Reader,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const first = Math.min(length, log.lengthBytes - offset);
  const bytes = await file.read(log.offsetBytes + offset, first);
  if (first === length) return bytes;
  return Buffer.concat([bytes, await file.read(log.offsetBytes, length - first)]);
}
