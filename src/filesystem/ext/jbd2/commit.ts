// Whether a commit block ends a transaction that was written completely.
// References: Linux 6.18 fs/jbd2/recovery.c: do_one_pass (JBD2_COMMIT_BLOCK), jbd2_commit_block_csum_verify,
// jbd2_commit_block_csum_verify_partial.
import { type GuestJbd2Commit, parseJbd2Commit } from '../../../../generated/filesystem/jbd2.js';
import { crc32c } from '../../../bytes/crc32c.js';
import { equals, u64 } from '../../../validation/guest.js';
import type { JournalHead } from './superblock.js';

const CHECKSUM_OFFSET = 16;
const CHECKSUM_BYTES = 4;
const COMMIT_BYTES = 64;
const CHECKSUM_TYPE_CRC32 = 1;
const CRC32_BYTES = 4;

interface Commit {
  readonly isSound: boolean;
  /** When it was made, in seconds since the epoch. */
  readonly seconds: bigint;
}

/** @param blocksSum the CRC-32 of the transaction's blocks, for journals that have one of each transaction. */
export function readCommit(head: JournalHead, bytes: Uint8Array, blocksSum: number): Commit {
  const commit = parseJbd2Commit(bytes);
  return {
    isSound: isSound(head, bytes, commit, blocksSum),
    seconds: u64(commit.seconds),
  };
}

function isSound(
  head: JournalHead,
  bytes: Uint8Array,
  commit: GuestJbd2Commit,
  blocksSum: number,
): boolean {
  const { checksumType, lenChecksum, checksum } = commit;
  switch (head.checksum) {
    case 'none':
      return true;
    case 'crc32':
      return (
        (equals(checksum, blocksSum) &&
          equals(checksumType, CHECKSUM_TYPE_CRC32) &&
          equals(lenChecksum, CRC32_BYTES)) ||
        (equals(checksum, 0) && equals(checksumType, 0) && equals(lenChecksum, 0))
      );
    default:
      // The disk may have written only the sector that says something.
      return (
        equals(checksum, blockSum(head, bytes)) ||
        equals(checksum, blockSum(head, withZeros(bytes)))
      );
  }
}

function blockSum({ checksumSeed }: JournalHead, bytes: Uint8Array): number {
  let sum = crc32c(checksumSeed, bytes, 0, CHECKSUM_OFFSET);
  sum = crc32c(sum, new Uint8Array(CHECKSUM_BYTES));
  return crc32c(sum, bytes, CHECKSUM_OFFSET + CHECKSUM_BYTES);
}

function withZeros(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bytes.length);
  padded.set(bytes.subarray(0, COMMIT_BYTES));
  return padded;
}
