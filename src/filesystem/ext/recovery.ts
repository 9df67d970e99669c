// The journal of a filesystem that was not unmounted, replayed in memory.
// References: Linux 6.18 fs/ext4/super.c: ext4_load_journal, ext4_open_inode_journal,
// ext4_get_journal_blkdev; fs/jbd2/journal.c: jbd2_journal_load, jbd2_journal_bmap.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { MAX_JOURNAL_BLOCKS } from '../../limits.js';
import type { FastCommits } from './fast-commit/scan.js';
import type { Features } from './features.js';
import { SUPERBLOCK_OFFSET } from './geometry.js';
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
 * @param outer the journal's device, if it is on another and was found.
 * @returns null if it was not, or there is no journal.
 * @throws FormatError, UnsupportedError where the kernel refuses to mount, or virt-df to read so much.
 */
export async function recover(
  tables: InodeTables,
  superblock: GuestExt,
  features: Features,
  outer: ByteSource | null,
): Promise<Recovery | null> {
  const inode = await journalInode(tables, superblock, features);
  const { source, geometry } = tables;
  const { blockSizeBytes } = geometry;
  let place: JournalPlace;
  let firstBlock = 0;
  if (inode !== null) {
    place = journalPlace(source, blockSizeBytes, await journalRuns(tables, inode));
  } else if (outer !== null && features.hasJournal) {
    place = outerPlace(outer, blockSizeBytes);
    firstBlock = outerSuperblock(blockSizeBytes);
  } else return null;
  const { offsetBytes } = place.locate(firstBlock);
  const bytes = await place.source.read(offsetBytes, JOURNAL_SUPERBLOCK_BYTES);
  const head = readJournalHead(bytes, blockSizeBytes, place.blockCount);
  const log = await scanJournal(place, head);
  return {
    source: replayed(source, place, head, log),
    hasError: head.hasError,
    fastCommits: await fastCommits(place, head, log.nextSequence, geometry.inodeSizeBytes),
  };
}

/** A journal on a device of its own counts its blocks from the device's first. */
function outerPlace(outer: ByteSource, blockSizeBytes: number): JournalPlace {
  const count = Math.min(Math.floor(outer.sizeBytes / blockSizeBytes), MAX_JOURNAL_BLOCKS);
  return journalPlace(outer, blockSizeBytes, [
    { fileBlock: 0, block: 0, count, isUnwritten: false },
  ]);
}

/** Behind the block that holds the superblock of an ext filesystem, which says that it is none. */
function outerSuperblock(blockSizeBytes: number): number {
  return Math.floor(SUPERBLOCK_OFFSET / blockSizeBytes) + 1;
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
