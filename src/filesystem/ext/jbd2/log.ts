// The copies that the complete transactions of a log have: for each block the newest one, unless it was revoked since.
// Example: transactions 2 and 5 have a copy of block 7, and 6 revokes block 9: block 7 is as 5 has it, block 9 as on the disk.
// References: Linux 6.18 fs/jbd2/revoke.c: jbd2_journal_test_revoke; fs/jbd2/recovery.c: do_one_pass (PASS_REPLAY).
import { MAX_JOURNAL_REVOKES } from '../../../limits.js';
import { checkLimit } from '../geometry.js';
import { blockTable, numberColumn } from './table.js';

/** A copy of one of the filesystem's blocks. */
interface Copy {
  readonly block: number;
  /** Where the copy is, in blocks of the journal. */
  readonly journalBlock: number;
  /** The copy's first word was the journal's magic number and lies there as 0. */
  readonly isEscaped: boolean;
  readonly checksum: number;
}

export interface FoundCopy extends Copy {
  readonly sequence: number;
}

export interface JournalLog {
  /** How many blocks have a copy, revoked or not. */
  readonly size: number;
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
  copy(copy: Copy): void;
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

/** @param every where each copy of a complete transaction is put, those of older ones too. */
export function logRecorder(every: FoundCopy[] | null = null): Recorder {
  const table = blockTable();
  const [journalBlocks, sequences, checksums, escapes] = Array.from({ length: 4 }, numberColumn);
  const revoked = blockTable();
  const revokedSequences = numberColumn();
  let copies: Copy[] = [];
  let revokes: number[] = [];
  let revokeCount = 0;

  const isRevoked = (block: number, sequence: number): boolean => {
    const entry = revoked.find(block);
    return entry >= 0 && !isNewer(sequence, revokedSequences.get(entry));
  };

  return {
    copy: (copy) => copies.push(copy),
    revoke(block) {
      checkLimit(++revokeCount, MAX_JOURNAL_REVOKES, 'revoked blocks of the journal');
      revokes.push(block);
    },
    end(sequence) {
      if (sequence !== null) {
        for (const copy of copies) {
          every?.push({ ...copy, sequence });
          const entry = table.entry(copy.block);
          journalBlocks?.set(entry, copy.journalBlock);
          sequences?.set(entry, sequence);
          checksums?.set(entry, copy.checksum);
          escapes?.set(entry, copy.isEscaped ? 1 : 0);
        }
        for (const block of revokes) revokedSequences.set(revoked.entry(block), sequence);
      }
      copies = [];
      revokes = [];
    },
    log: (nextSequence) => ({
      size: table.size,
      nextSequence,
      blocks: () => table.blocks().sort(),
      isRevoked,
      find(block) {
        const entry = table.find(block);
        const sequence = sequences?.get(entry) ?? 0;
        if (entry < 0 || isRevoked(block, sequence)) return null;
        return {
          block,
          journalBlock: journalBlocks?.get(entry) ?? 0,
          isEscaped: escapes?.get(entry) === 1,
          checksum: checksums?.get(entry) ?? 0,
          sequence,
        };
      },
    }),
  };
}
