// The copies that the complete transactions of a log have: for each block the newest one, unless it was revoked since.
// Example: transactions 2 and 5 have a copy of block 7, and 6 revokes block 9: block 7 is as 5 has it, block 9 as on the disk.
// References: Linux 6.18 fs/jbd2/revoke.c: jbd2_journal_test_revoke; fs/jbd2/recovery.c: do_one_pass (PASS_REPLAY).
import { MAX_JOURNAL_REVOKES } from '../../../limits.js';
import { checkLimit } from '../geometry.js';
import { blockTable } from './table.js';

/** A copy of one of the filesystem's blocks. */
export interface FoundCopy {
  readonly block: number;
  /** Where the copy is, in blocks of the journal. */
  readonly journalBlock: number;
  /** The copy's first word was the journal's magic number and lies there as 0. */
  readonly isEscaped: boolean;
  readonly checksum: number;
  readonly sequence: number;
}

export interface JournalLog {
  /** How many blocks have a copy, revoked or not. */
  readonly size: number;
  /** The highest block that has a copy, revoked or not; -1: there is none. */
  readonly highestBlock: number;
  /** The number that the transaction behind the last complete one would have: fast commits belong to it. */
  readonly nextSequence: number;
  /** The copy that a recovery writes to a block; null if it leaves it as it is. */
  find(block: number): FoundCopy | null;
  /** The blocks that have a copy, revoked or not, ascending. */
  blocks(): Float64Array;
  /** Whether a later transaction, or the same, revoked the copy of a block in the one of `sequence`. */
  isRevoked(block: number, sequence: number): boolean;
}

/** Is told of copies, revoked blocks and ends of transactions, in the order of the log. */
export interface Recorder {
  copy(block: number, journalBlock: number, isEscaped: boolean, checksum: number): void;
  /** @throws FormatError LIMIT */
  revoke(block: number): void;
  /** Ends a transaction; null: it is not complete, and its copies count for nothing. */
  end(sequence: number | null): void;
  log(nextSequence: number): JournalLog;
}

/** Transactions are numbered through 2^32: the difference tells which is older. */
function isNewer(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** The columns of the table of copies; in the table of revoked blocks the sequence is the only one. */
const [SEQUENCE, PLACE, CHECKSUM, ESCAPED] = [0, 1, 2, 3];
/** The numbers of a copy that is kept back: its block, its place, its checksum, whether it is escaped. */
const KEPT_BACK = 4;

/** @param every where each copy of a complete transaction is put, those of older ones too. */
export function logRecorder(every: FoundCopy[] | null = null): Recorder {
  const table = blockTable(4);
  const revoked = blockTable(1);
  // The memory stays for the next transaction: a log of 1 GiB has thousands, with a million copies.
  const copies: number[] = [];
  let copiesLength = 0;
  let revokes: number[] = [];
  let revokeCount = 0;

  const isRevoked = (block: number, sequence: number): boolean => {
    const entry = revoked.find(block);
    return entry >= 0 && !isNewer(sequence, revoked.get(entry, SEQUENCE));
  };
  const found = (block: number, entry: number): FoundCopy => ({
    block,
    journalBlock: table.get(entry, PLACE),
    isEscaped: table.get(entry, ESCAPED) === 1,
    checksum: table.get(entry, CHECKSUM),
    sequence: table.get(entry, SEQUENCE),
  });
  const keep = (sequence: number): void => {
    for (let i = 0; i < copiesLength; i += KEPT_BACK) {
      const block = copies[i] ?? 0;
      const entry = table.entry(block);
      table.set(entry, SEQUENCE, sequence);
      table.set(entry, PLACE, copies[i + 1] ?? 0);
      table.set(entry, CHECKSUM, copies[i + 2] ?? 0);
      table.set(entry, ESCAPED, copies[i + 3] ?? 0);
      every?.push(found(block, entry));
    }
    for (const block of revokes) revoked.set(revoked.entry(block), SEQUENCE, sequence);
  };

  return {
    copy(block, journalBlock, isEscaped, checksum) {
      copies[copiesLength] = block;
      copies[copiesLength + 1] = journalBlock;
      copies[copiesLength + 2] = checksum;
      copies[copiesLength + 3] = isEscaped ? 1 : 0;
      copiesLength += KEPT_BACK;
    },
    revoke(block) {
      checkLimit(++revokeCount, MAX_JOURNAL_REVOKES, 'revoked blocks of the journal');
      revokes.push(block);
    },
    end(sequence) {
      if (sequence !== null) keep(sequence);
      copiesLength = 0;
      revokes = [];
    },
    log: (nextSequence) => ({
      size: table.size,
      highestBlock: table.highest,
      nextSequence,
      blocks: () => table.blocks().sort(),
      isRevoked,
      find(block) {
        const entry = table.find(block);
        if (entry < 0 || isRevoked(block, table.get(entry, SEQUENCE))) return null;
        return found(block, entry);
      },
    }),
  };
}
