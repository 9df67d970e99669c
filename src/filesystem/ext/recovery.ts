// The journal of a filesystem that was not unmounted, replayed in memory.
// References: Linux 6.18 fs/ext4/super.c: ext4_load_journal, ext4_open_inode_journal; fs/jbd2/journal.c:
// jbd2_journal_load.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../source/source.js';
import type { FastCommits } from './fast-commit/scan.js';
import type { Features } from './features.js';
import type { InodeTables } from './inode.js';
import { type JournalPlace, journalPlace } from './jbd2/blocks.js';
import { replayed } from './jbd2/overlay.js';
import { scanJournal } from './jbd2/scan.js';
import { JOURNAL_SUPERBLOCK_BYTES, type JournalHead, readJournalHead } from './jbd2/superblock.js';
import { journalInode, journalRuns } from './journal.js';

export interface Recovery {
  /** The filesystem after the recovery. */
  readonly source: ByteSource;
  /** The kernel noted in the journal that it found errors. */
  readonly hasError: boolean;
  /** What follows the log, and is applied to the filesystem that this gives. */
  readonly fastCommits: FastCommits | null;
}

/**
 * Replays what the journal holds.
 * @returns null if the journal is on another device, or there is none.
 * @throws FormatError, UnsupportedError where the kernel refuses to mount, or virt-df to read so much.
 */
export async function recover(
  tables: InodeTables,
  superblock: GuestExt,
  features: Features,
): Promise<Recovery | null> {
  const inode = await journalInode(tables, superblock, features);
  if (inode === null) return null;
  const { source, geometry } = tables;
  const { blockSizeBytes } = geometry;
  const place = journalPlace(source, blockSizeBytes, await journalRuns(tables, inode));
  const { offsetBytes } = place.locate(0);
  const bytes = await source.read(offsetBytes, JOURNAL_SUPERBLOCK_BYTES);
  const head = readJournalHead(bytes, blockSizeBytes, place.blockCount);
  const log = await scanJournal(place, head);
  return {
    source: replayed(source, place, head, log),
    hasError: head.hasError,
    fastCommits: await fastCommits(place, head, log.nextSequence, geometry.inodeSizeBytes),
  };
}

async function fastCommits(
  place: JournalPlace,
  head: JournalHead,
  transaction: number,
  inodeSizeBytes: number,
): Promise<FastCommits | null> {
  if (head.fastCommitBlock === null) return null;
  const { scanFastCommits } = await import('./fast-commit/scan.js');
  return scanFastCommits(place, head, transaction, inodeSizeBytes);
}
