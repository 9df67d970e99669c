// Fast commits: notes of changes to files since the last transaction, which the kernel keeps behind the log of the
// journal. This finds those that are complete; replay.ts applies them.
// References: Linux 6.18 fs/ext4/fast_commit.c: ext4_fc_replay_scan, ext4_fc_value_len_isvalid; fs/jbd2/recovery.c:
// fc_do_one_pass.
import {
  extExtentRecords,
  parseExtFastCommitAddRange,
  parseExtFastCommitHead,
  parseExtFastCommitTag,
  parseExtFastCommitTail,
} from '../../../../generated/filesystem/ext.js';
import { crc32c } from '../../../bytes/crc32c.js';
import { FormatError, UnsupportedError } from '../../../errors.js';
import { MAX_FAST_COMMIT_BYTES } from '../../../limits.js';
import { equals, u16, unknownFlags } from '../../../validation/guest.js';
import { type ExtentRun, readExtent } from '../extent-node.js';
import { checkLimit } from '../geometry.js';
import type { JournalPlace } from '../jbd2/blocks.js';
import type { JournalHead } from '../jbd2/superblock.js';

export const ADD_RANGE = 1;
export const DEL_RANGE = 2;
export const CREAT = 3;
export const LINK = 4;
export const UNLINK = 5;
export const INODE = 6;
const PAD = 7;
const TAIL = 8;
const HEAD = 9;

const TAG_BYTES = 4;
const HEAD_BYTES = 8;
const TAIL_BYTES = 8;
/** The bytes of the tail that its checksum covers: its tag and the transaction. */
const CHECKED_TAIL_BYTES = 8;
const ADD_RANGE_BYTES = 16;
const DEL_RANGE_BYTES = 12;
const NAME_HEAD_BYTES = 8;
const MAX_NAME_BYTES = 255;
const INODE_HEAD_BYTES = 4;
const MIN_INODE_BYTES = 128;

/** One of the changes. */
interface Note {
  readonly tag: number;
  readonly value: Uint8Array;
}

export interface FastCommits {
  /** Of complete commits, in their order. */
  readonly notes: readonly Note[];
  /** The blocks that the notes add to files: nothing else may be put there meanwhile. */
  readonly added: readonly ExtentRun[];
}

interface Scan {
  readonly transaction: number;
  readonly inodeSizeBytes: number;
  readonly notes: Note[];
  readonly added: ExtentRun[];
  checksum: number;
  completeNotes: number;
  completeAdded: number;
  hasComplete: boolean;
}

/**
 * @param transaction the one that follows the log: the notes of others were left behind.
 * @returns null if there are none.
 * @throws FormatError, UnsupportedError where the kernel refuses to mount.
 */
export async function scanFastCommits(
  { source, locate }: JournalPlace,
  { fastCommitBlock, totalBlocks, startBlock, blockSizeBytes }: JournalHead,
  transaction: number,
  inodeSizeBytes: number,
): Promise<FastCommits | null> {
  // The kernel does not look at them if the log is empty.
  if (fastCommitBlock === null || startBlock === 0) return null;
  const scan: Scan = {
    transaction,
    inodeSizeBytes,
    notes: [],
    added: [],
    checksum: 0,
    completeNotes: 0,
    completeAdded: 0,
    hasComplete: false,
  };
  for (let block = fastCommitBlock; ; block++) {
    if (block >= totalBlocks) {
      throw new FormatError('OUT_OF_BOUNDS', 'ext: the fast commits go on behind the journal');
    }
    const readBytes = (block - fastCommitBlock + 1) * blockSizeBytes;
    checkLimit(readBytes, MAX_FAST_COMMIT_BYTES, 'bytes of fast commits');
    const bytes = await source.read(locate(block).offsetBytes, blockSizeBytes);
    if (block === fastCommitBlock && tagOf(bytes, 0).tag !== HEAD) return null;
    if (!scanBlock(scan, bytes)) break;
  }
  if (!scan.hasComplete) return null;
  return {
    notes: scan.notes.slice(0, scan.completeNotes),
    added: scan.added.slice(0, scan.completeAdded),
  };
}

/** @returns whether the commits go on in the next block. */
function scanBlock(scan: Scan, bytes: Uint8Array): boolean {
  for (let at = 0; at + TAG_BYTES <= bytes.length; ) {
    const { tag, length } = tagOf(bytes, at);
    const start = at + TAG_BYTES;
    const end = start + length;
    if (end > bytes.length || !isLengthValid(tag, length, scan.inodeSizeBytes)) {
      return endUnlessFirst(scan, 'INVALID', 'a note of the fast commits is damaged');
    }
    const value = bytes.subarray(start, end);
    if (tag === TAIL) {
      scan.checksum = crc32c(scan.checksum, bytes, at, at + CHECKED_TAIL_BYTES);
      if (!endCommit(scan, value)) return false;
    } else {
      if (tag === HEAD && !isOurs(scan, value)) return false;
      if (tag === ADD_RANGE) scan.added.push(addedBy(value));
      if (tag !== HEAD && tag !== PAD) scan.notes.push({ tag, value });
      scan.checksum = crc32c(scan.checksum, bytes, at, end);
    }
    at = end;
  }
  return true;
}

function tagOf(bytes: Uint8Array, at: number) {
  const { tag, lenValue } = parseExtFastCommitTag(bytes.subarray(at, at + TAG_BYTES));
  return {
    tag: u16(tag),
    length: u16(lenValue),
  };
}

function isLengthValid(tag: number, length: number, inodeSizeBytes: number): boolean {
  switch (tag) {
    case ADD_RANGE:
      return length === ADD_RANGE_BYTES;
    case DEL_RANGE:
      return length === DEL_RANGE_BYTES;
    case CREAT:
    case LINK:
    case UNLINK:
      return length > NAME_HEAD_BYTES && length <= NAME_HEAD_BYTES + MAX_NAME_BYTES;
    case INODE:
      return (
        length >= INODE_HEAD_BYTES + MIN_INODE_BYTES && length <= INODE_HEAD_BYTES + inodeSizeBytes
      );
    case PAD:
      return true;
    case TAIL:
      return length >= TAIL_BYTES;
    case HEAD:
      return length === HEAD_BYTES;
    default:
      return false;
  }
}

/** Whether the commits are of the transaction that was under way. */
function isOurs({ transaction }: Scan, value: Uint8Array): boolean {
  const head = parseExtFastCommitHead(value);
  const unknown = unknownFlags(head.features, 0n);
  if (unknown !== null) {
    const message = `ext: features of the fast commits that virt-df does not know: ${unknown}`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  return equals(head.transaction, transaction);
}

function addedBy(value: Uint8Array): ExtentRun {
  return readExtent(extExtentRecords(parseExtFastCommitAddRange(value).extent).at(0));
}

function endCommit(scan: Scan, value: Uint8Array): boolean {
  const { transaction, checksum } = parseExtFastCommitTail(value.subarray(0, TAIL_BYTES));
  if (!equals(transaction, scan.transaction) || !equals(checksum, scan.checksum)) {
    return endUnlessFirst(scan, 'BAD_CHECKSUM', 'the first of the fast commits is damaged');
  }
  scan.completeNotes = scan.notes.length;
  scan.completeAdded = scan.added.length;
  scan.hasComplete = true;
  scan.checksum = 0;
  return true;
}

/** Notes behind a complete commit may be left from an earlier time; without a complete one, the kernel gives up. */
function endUnlessFirst(scan: Scan, code: 'INVALID' | 'BAD_CHECKSUM', what: string): false {
  if (scan.hasComplete) return false;
  throw new FormatError(code, `ext: ${what}; the kernel does not mount it`);
}
