// The journal: a ring of buckets with entries one behind the other. The newest entry says where the tree begins, and which
// entries before it have keys that are not in the tree yet.
// References: Linux drivers/md/bcache/journal.c (journal_read_bucket, bch_journal_read, bch_journal_replay).
import { parseBcacheJournalEntry } from '../../../generated/volume/bcache.js';
import { crc64 } from '../../bytes/crc64.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { KIB, MIB } from '../../limits.js';
import { equals, int } from '../../validation/guest.js';
import type { CacheDevice } from './superblock.js';

const JOURNAL_MAGIC = 0x245235c1a3625032n;
const HEAD_BYTES = 240;
const WORD_BYTES = 8;
const SUMMED_OFFSET = 8;
const MAX_ENTRY_BYTES = 32 * KIB;
/** Of entries that are replayed, together. */
const MAX_REPLAYED_BYTES = 64 * MIB;
/** The kernel has room for no more that are open (JOURNAL_PIN, and init_fifo, which takes the next power of two). */
const MAX_ENTRIES = 2 ** 15;
const OLD_UUIDS = 0;
const MAX_ROOT_LEVEL = 8;

export interface JournalEntry {
  readonly number: number;
  /** The oldest one that is replayed. */
  readonly lastNumber: number;
  /** The bytes of its keys. */
  readonly keys: Uint8Array;
  readonly root: Uint8Array;
  readonly rootLevel: number;
  readonly uuidBucket: Uint8Array;
  readonly prioBuckets: Uint8Array;
  readonly hasNewUuids: boolean;
}

/** The entries to replay, oldest first: the last one is the newest. @throws FormatError where some of them are missing. */
export async function readJournal(
  device: ByteSource,
  cache: CacheDevice,
): Promise<readonly [JournalEntry, ...JournalEntry[]]> {
  const heads: { readonly bucket: number; readonly first: number }[] = [];
  for (const bucket of cache.journalBuckets) {
    const entry = await entryAt(device, cache, { bucket, offsetBytes: 0 });
    if (entry !== null) heads.push({ bucket, first: entry.number });
  }
  heads.sort((a, b) => a.first - b.first);
  const newestBucket = heads.at(-1);
  const newest = newestBucket && (await newestIn(device, cache, newestBucket.bucket));
  if (!newest) throw new FormatError('INVALID', 'bcache: the journal has no entry');
  const count = newest.number - newest.lastNumber + 1;
  if (count > MAX_ENTRIES) {
    const message = `bcache: ${count} entries of the journal are to be replayed, more than ${MAX_ENTRIES}`;
    throw new FormatError('LIMIT', message);
  }
  const byNumber = new Map<number, JournalEntry>();
  let bytes = 0;
  for (const [i, { bucket }] of heads.entries()) {
    // All of its entries come before the first one of the next bucket.
    if ((heads[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= newest.lastNumber) continue;
    for await (const entry of entriesOf(device, cache, bucket)) {
      const isWanted = entry.number >= newest.lastNumber && entry.number <= newest.number;
      if (!isWanted || byNumber.has(entry.number)) continue;
      byNumber.set(entry.number, entry);
      bytes += entry.keys.length;
      if (bytes > MAX_REPLAYED_BYTES) throw tooMuch();
    }
  }
  const entries = [...byNumber.values()].sort((a, b) => a.number - b.number);
  const [first, ...others] = entries;
  if (first !== undefined && entries.length === count) return [first, ...others];
  const message = `bcache: of the entries ${newest.lastNumber} to ${newest.number} of the journal ${count - entries.length} are missing`;
  throw new FormatError('INVALID', message);
}

async function newestIn(
  device: ByteSource,
  cache: CacheDevice,
  bucket: number,
): Promise<JournalEntry | null> {
  let newest: JournalEntry | null = null;
  for await (const entry of entriesOf(device, cache, bucket)) newest = entry;
  return newest;
}

async function* entriesOf(
  device: ByteSource,
  cache: CacheDevice,
  bucket: number,
): AsyncGenerator<JournalEntry, void, undefined> {
  let number = -1;
  for (let offsetBytes = 0; offsetBytes < cache.bucketBytes; ) {
    const entry = await entryAt(device, cache, { bucket, offsetBytes });
    // What lies behind the last entry is of an older round.
    if (entry === null || entry.number <= number) return;
    number = entry.number;
    yield entry;
    const length = HEAD_BYTES + entry.keys.length;
    offsetBytes += Math.ceil(length / cache.blockBytes) * cache.blockBytes;
  }
}

interface Place {
  readonly bucket: number;
  readonly offsetBytes: number;
}

/** null: no sound entry begins there. */
function entryAt(
  device: ByteSource,
  cache: CacheDevice,
  place: Place,
): Promise<JournalEntry | null> {
  return orNull(() => readEntry(device, cache, place));
}

async function readEntry(
  device: ByteSource,
  { bucketBytes, setMagic }: CacheDevice,
  { bucket, offsetBytes }: Place,
): Promise<JournalEntry | null> {
  const most = Math.min(MAX_ENTRY_BYTES, bucketBytes - offsetBytes);
  if (most < HEAD_BYTES) return null;
  const start = bucket * bucketBytes + offsetBytes;
  const head = parseBcacheJournalEntry(await device.read(start, HEAD_BYTES));
  if (!equals(head.magic, setMagic ^ JOURNAL_MAGIC)) return null;
  const room = Math.floor((most - HEAD_BYTES) / WORD_BYTES);
  const words = int(head.numWords, 'bcache: keys of the journal', 0, room);
  const length = HEAD_BYTES + words * WORD_BYTES;
  const bytes = await device.read(start, length);
  if (!equals(head.checksum, crc64(bytes.subarray(SUMMED_OFFSET)))) return null;
  const number = int(head.seqNumber, 'bcache: seq', 0, Number.MAX_SAFE_INTEGER);
  return {
    number,
    lastNumber: int(head.lastSeq, 'bcache: last_seq', 0, number),
    keys: bytes.subarray(HEAD_BYTES),
    root: head.root,
    rootLevel: int(head.rootLevel, 'bcache: btree_level', 0, MAX_ROOT_LEVEL),
    uuidBucket: head.uuidBucket,
    prioBuckets: head.prioBuckets,
    hasNewUuids: !equals(head.version, OLD_UUIDS),
  };
}

function tooMuch(): FormatError {
  const message = `bcache: the journal has more than ${MAX_REPLAYED_BYTES} bytes of keys`;
  return new FormatError('LIMIT', message);
}
