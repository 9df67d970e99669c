// Whether fast commits follow the log: notes of what changed in files, which the kernel applies after the log. virt-df
// does not, so that what they change is not in the numbers.
// References: Linux 6.18 fs/ext4/fast_commit.c: ext4_fc_replay_scan; fs/jbd2/recovery.c: fc_do_one_pass.
import { parseExtFastCommitHead } from '../../../generated/filesystem/ext.js';
import { equals } from '../../validation/guest.js';
import type { JournalPlace } from './jbd2/blocks.js';
import type { JournalHead } from './jbd2/superblock.js';

const HEAD_BYTES = 12;
const HEAD_TAG = 9;
const VALUE_BYTES = 8;

/** @param nextSequence the transaction that follows the log: others' notes were left behind. */
export async function hasFastCommits(
  { source, locate }: JournalPlace,
  { fastCommitBlock, totalBlocks, startBlock }: JournalHead,
  nextSequence: number,
): Promise<boolean> {
  // The kernel does not look at them if the log is empty.
  if (fastCommitBlock === null || fastCommitBlock >= totalBlocks || startBlock === 0) return false;
  const { offsetBytes } = locate(fastCommitBlock);
  const head = parseExtFastCommitHead(await source.read(offsetBytes, HEAD_BYTES));
  return (
    equals(head.tag, HEAD_TAG) &&
    equals(head.lenValue, VALUE_BYTES) &&
    equals(head.transaction, nextSequence)
  );
}
