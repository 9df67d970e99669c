// The journal of a filesystem that was not unmounted, replayed in memory.
// References: Linux 6.18 fs/ext4/super.c: ext4_load_journal, ext4_open_inode_journal,
// ext4_get_journal_blkdev; fs/jbd2/journal.c: jbd2_journal_load, jbd2_journal_bmap.
import type { ByteSource } from '../../bytes/source.js';
import { VirtDfError } from '../../errors.js';
import { MAX_JOURNAL_BLOCKS } from '../../limits.js';
import { estimate, orDoubt } from '../doubts.js';
import { type Context, contextOf, doubtsWithoutJournal, readHead } from './context.js';
import type { FreeCounts } from './descriptors.js';
import type { Kept } from './fast-commit/replay.js';
import type { FastCommits } from './fast-commit/scan.js';
import { SUPERBLOCK_OFFSET } from './geometry.js';
import { type JournalPlace, journalPlace } from './jbd2/blocks.js';
import type { FoundCopy as Copy } from './jbd2/log.js';
import { checkCopies, checkTargets, replayed } from './jbd2/overlay.js';
import { scanJournal } from './jbd2/scan.js';
import { JOURNAL_SUPERBLOCK_BYTES, type JournalHead, readJournalHead } from './jbd2/superblock.js';
import { journalInode, journalRuns } from './journal.js';
import { missingJournal } from './journal-device.js';
import { checkRoot } from './special-inode.js';
import { NOTHING } from './statfs.js';

/** A filesystem after the replay of its journal, and before a mount frees its orphans. */
interface Replayed {
  readonly context: Context;
  /** Blocks and inodes that are free besides those that the descriptors of `context` count: fast commits change bitmaps alone. */
  readonly freed: FreeCounts;
  /** Why it may be off by some blocks; empty where it is as the kernel has it. */
  readonly doubts: readonly VirtDfError[];
}

/** The device of a filesystem in the state in which a mount has it once the journal is replayed. */
interface RecoveredVolume {
  /**
   * The device as the kernel writes it when it replays the journal, but for the checksums of maps of extents, bitmaps and
   * directories that fast commits changed: those are as they were, and so is the superblock's word that the journal awaits
   * its replay. Orphans, which a mount frees next, are still there.
   */
  readonly source: ByteSource;
  /** Why the source is not that state: empty where it is. */
  readonly doubts: readonly VirtDfError[];
}

/**
 * All of the filesystem after the replay of its journal, for whoever reads files. Where the journal cannot be replayed the
 * source is the disk as it is, and the reason a doubt.
 * @param outer the journal's device, if it is another and was found.
 * @throws FormatError, UnsupportedError for a superblock with which the kernel mounts nothing.
 */
export async function recoveredVolume(
  source: ByteSource,
  outer: ByteSource | null,
): Promise<RecoveredVolume> {
  const context = contextOf(source, await readHead(source));
  const { hasJournal, needsRecovery } = context.features;
  if (!hasJournal || !needsRecovery) return { source, doubts: doubtsWithoutJournal(context) };
  const replayed = await orDoubt(() => replayJournal(context, outer, 'all'));
  if (replayed instanceof VirtDfError) return { source, doubts: [replayed] };
  return { source: replayed.context.source, doubts: replayed.doubts };
}

/**
 * Replays the journal: first the complete transactions of its log, then the fast commits behind them.
 * @param outer the journal's device, if it is on another and was found.
 * @throws FormatError, UnsupportedError where the kernel refuses to mount, or virt-df to read so much; MISSING_DEVICE if
 *         the journal is on a device that was not found.
 */
export async function replayJournal(
  before: Context,
  outer: ByteSource | null,
  kept: Kept,
): Promise<Replayed> {
  const { source, geometry, features } = before;
  const { place, firstBlock } = await placeOfJournal(before, outer);
  const { offsetBytes } = place.locate(firstBlock);
  const bytes = await place.source.read(offsetBytes, JOURNAL_SUPERBLOCK_BYTES);
  const head = readJournalHead(bytes, geometry.blockSizeBytes, place.blockCount);
  const copies: Copy[] | null = kept === 'all' ? [] : null;
  const log = await scanJournal(place, head, copies);
  checkTargets(log, Math.floor(source.sizeBytes / geometry.blockSizeBytes));
  if (copies !== null) await checkCopies(place, head, log, copies);
  const logged = replayed(source, place, head, log);
  const now = await readHead(logged);
  // The kernel looks for errors in the superblock as it was on the disk, and in the journal's.
  const hasError = features.hasError || head.hasError;
  const context = contextOf(logged, { ...now, features: { ...now.features, hasError } });
  await checkRoot(context);
  const { inodeSizeBytes } = geometry;
  const commits = await fastCommits(place, head, log.nextSequence, inodeSizeBytes);
  if (commits === null) return { context, freed: NOTHING, doubts: [] };
  const { applyFastCommits } = await import('./fast-commit/replay.js');
  const applied = await applyFastCommits(context, commits, kept);
  return {
    context: {
      ...context,
      source: applied.source,
      features: { ...context.features, hasError: hasError || applied.hasError },
    },
    freed: applied.freed,
    doubts: [...applied.unfollowed].map((what) => estimate(`ext: ${what}`)),
  };
}

/** Where the journal lies, and which of its blocks has its superblock. */
async function placeOfJournal(
  context: Context,
  outer: ByteSource | null,
): Promise<{ readonly place: JournalPlace; readonly firstBlock: number }> {
  const { source, superblock, features, geometry } = context;
  const { blockSizeBytes } = geometry;
  const inode = await journalInode(context, superblock, features);
  if (inode !== null) {
    const runs = await journalRuns(context, inode);
    return { place: journalPlace(source, blockSizeBytes, runs), firstBlock: 0 };
  }
  if (outer === null) throw missingJournal(superblock);
  return {
    place: outerPlace(outer, blockSizeBytes),
    firstBlock: outerSuperblock(blockSizeBytes),
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
