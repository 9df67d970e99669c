// One pass over the log. The kernel makes three: it looks for the end, collects revoked blocks, and copies. Here the blocks
// that a transaction names are kept back until its commit block is found, so that each block is looked at once.
// References: Linux 6.18 fs/jbd2/recovery.c: jbd2_journal_recover, do_one_pass, calc_chksums; fs/jbd2/journal.c:
// jbd2_journal_load (j_failed_commit).
import { type GuestJbd2Header, jbd2HeaderRecords } from '../../../../generated/filesystem/jbd2.js';
import { CRC32BE_SEED, crc32be } from '../../../bytes/crc32be.js';
import { FormatError } from '../../../errors.js';
import type { Records } from '../../../kaitai/index.js';
import { equals } from '../../../validation/guest.js';
import { forwardReader, type JournalPlace, type PlacedBlock } from './blocks.js';
import { readCommit } from './commit.js';
import { type FoundCopy, type JournalLog, logRecorder, type Recorder } from './log.js';
import type { JournalHead } from './superblock.js';
import { isSound, readRevoked, readTags, type TagReader, tagReader } from './tags.js';

const MAGIC = 0xc03b3998;
const DESCRIPTOR = 1;
const COMMIT = 2;
const REVOKE = 5;
const U32_VALUES = 2 ** 32;

/** Headers and tags at any byte: to make them for each block takes longer than looking at it. */
interface BlockTables {
  readonly headers: Records<GuestJbd2Header>;
  readonly tags: TagReader;
}

interface Scan {
  readonly head: JournalHead;
  readonly recorder: Recorder;
  /** The next block of the ring. Each is given once; after the last comes null. */
  next(): PlacedBlock | null | Promise<PlacedBlock>;
  /** The tables of the blocks that were read together with this one. */
  tablesOf(bytes: Uint8Array): BlockTables;
  /** Leaves blocks out. */
  skip(count: number): void;
  /** The number of the block that `next` gives next. */
  position(): number;
  sequence: number;
  /** A block with a wrong checksum was seen: stale, if the commit behind it is older than the last. */
  isDoubtful: boolean;
  lastCommitSeconds: bigint;
  /** The transaction that an asynchronous commit left incomplete: it and all behind it are not replayed. */
  hasFailed: boolean;
  blocksSum: number;
  /** So many copies follow whose bytes go into the sum of their transaction. */
  summedCopies: number;
}

/**
 * Reads the log from its oldest transaction to its last complete one.
 * @param copies where every copy is put that it names, older ones of a block too; null: only the newest ones count.
 * @throws FormatError BAD_CHECKSUM, INVALID, LOOP where the kernel refuses to mount.
 */
export async function scanJournal(
  place: JournalPlace,
  head: JournalHead,
  copies: FoundCopy[] | null = null,
): Promise<JournalLog> {
  const recorder = logRecorder(copies);
  const scan = beginScan(place, head, recorder);
  if (head.startBlock !== 0) {
    for (;;) {
      const next = scan.next();
      const block = next instanceof Promise ? await next : next;
      if (block === null || !readBlock(scan, block)) break;
    }
    if (scan.summedCopies > 0) throw endless();
  }
  return recorder.log(scan.sequence);
}

function beginScan(place: JournalPlace, head: JournalHead, recorder: Recorder): Scan {
  const { firstBlock, endBlock, startBlock, sequence } = head;
  const read = forwardReader(place);
  let block = startBlock;
  let left = endBlock - firstBlock;
  const skip = (count: number): void => {
    left -= count;
    // A log that returns to where it began names more than there is, or itself.
    if (left < 0) throw endless();
    block += count;
    if (block >= endBlock) block -= endBlock - firstBlock;
  };
  return {
    head,
    recorder,
    next() {
      if (left === 0) return null;
      const placed = read(block, Math.min(left, endBlock - block));
      skip(1);
      return placed;
    },
    tablesOf: tablesOnce(head),
    skip,
    position: () => block,
    sequence,
    isDoubtful: false,
    lastCommitSeconds: 0n,
    hasFailed: false,
    blocksSum: CRC32BE_SEED,
    summedCopies: 0,
  };
}

/** The tables of the bytes that were asked for last. */
function tablesOnce(head: JournalHead): Scan['tablesOf'] {
  let last: { readonly bytes: Uint8Array; readonly tables: BlockTables } | null = null;
  return (bytes) => {
    if (last?.bytes !== bytes) {
      last = { bytes, tables: { headers: jbd2HeaderRecords(bytes), tags: tagReader(head, bytes) } };
    }
    return last.tables;
  };
}

/** @returns whether the log goes on. */
function readBlock(scan: Scan, placed: PlacedBlock): boolean {
  const { blockSizeBytes } = scan.head;
  const { offsetBytes } = placed;
  const bytes = () => placed.bytes.subarray(offsetBytes, offsetBytes + blockSizeBytes);
  if (scan.summedCopies > 0) {
    scan.summedCopies--;
    scan.blocksSum = crc32be(scan.blocksSum, bytes());
    return true;
  }
  const header = scan.tablesOf(placed.bytes).headers.atByte(offsetBytes);
  if (!equals(header.magic, MAGIC) || !equals(header.sequence, scan.sequence)) return false;
  if (equals(header.blockType, DESCRIPTOR)) return readDescriptor(scan, placed, bytes());
  if (equals(header.blockType, COMMIT)) return endTransaction(scan, bytes());
  if (!equals(header.blockType, REVOKE)) return false;
  if (isSound(scan.head, bytes())) {
    readRevoked(scan.head, bytes(), (block) => scan.recorder.revoke(block));
  } else scan.isDoubtful = true;
  return true;
}

function readDescriptor(scan: Scan, placed: PlacedBlock, bytes: Uint8Array): boolean {
  const { head, recorder } = scan;
  if (!isSound(head, bytes)) scan.isDoubtful = true;
  const { firstBlock, endBlock } = head;
  let copy = scan.position();
  let count = 0;
  const { tags } = scan.tablesOf(placed.bytes);
  readTags(head, tags, placed.offsetBytes, (block, isEscaped, checksum) => {
    recorder.copy(block, copy, isEscaped, checksum);
    count++;
    copy = copy + 1 === endBlock ? firstBlock : copy + 1;
  });
  if (head.checksum !== 'crc32' || scan.hasFailed) {
    scan.skip(count);
    return true;
  }
  scan.blocksSum = crc32be(scan.blocksSum, bytes);
  scan.summedCopies = count;
  return true;
}

function endTransaction(scan: Scan, bytes: Uint8Array): boolean {
  const { head, recorder } = scan;
  const commit = readCommit(head, bytes, scan.blocksSum);
  const isOlder = commit.seconds < scan.lastCommitSeconds;
  if (scan.isDoubtful) {
    // A block that an earlier use of the journal left behind ends the log; one that is as new as the rest is damage.
    if (isOlder) return false;
    throw corrupt(scan.sequence, 'a block of transaction');
  }
  // Behind a transaction that is incomplete no other can be complete.
  if (scan.hasFailed && head.checksum === 'crc32') {
    throw corrupt(scan.sequence - 1, 'transaction');
  }
  if (!commit.isSound) {
    if (isOlder) return false;
    if (!head.isAsync) throw corrupt(scan.sequence, 'transaction');
    scan.hasFailed = true;
  }
  recorder.end(scan.hasFailed ? null : scan.sequence);
  scan.lastCommitSeconds = commit.seconds;
  scan.blocksSum = CRC32BE_SEED;
  scan.sequence = (scan.sequence + 1) % U32_VALUES;
  return true;
}

function endless(): FormatError {
  return new FormatError('LOOP', 'ext: the log of the journal has no end');
}

function corrupt(sequence: number, what: string): FormatError {
  return new FormatError(
    'BAD_CHECKSUM',
    `ext: the checksum of ${what} ${sequence} of the journal is wrong; the kernel does not mount it`,
    { data: { sequence } },
  );
}
