// A journal that awaits no replay. The kernel loads it all the same, and mounts nothing where it cannot. How long it is by its own account.
// References: Linux 6.18 fs/ext4/super.c: ext4_load_journal, ext4_open_inode_journal; fs/jbd2/journal.c:
// jbd2_journal_init_inode, journal_load_superblock, journal_reset.
import { FormatError, VirtDfError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import type { Context } from './context.js';
import type { Inode } from './inode.js';
import { JOURNAL_SUPERBLOCK_BYTES, MIN_BLOCKS, readJournalHead } from './jbd2/superblock.js';
import { firstRuns, journalBlockCount } from './journal.js';
import { checkJournalInode } from './special-inode.js';

/** @throws FormatError, UnsupportedError where the kernel refuses the mount; a journal on another device is not looked at. */
export async function checkIdleJournal(context: Context): Promise<void> {
  const { superblock, features, geometry } = context;
  if (!features.hasJournal) return;
  const number = int(superblock.journalInode, 'ext: s_journal_inum', 0, geometry.inodeCount);
  if (number === 0) return;
  const inode = await checkJournalInode(context, number);
  const head = await headOf(context, inode);
  if (features.is64bit && head.isFirstVersion) {
    const message =
      'ext: the journal is of the first version, without room for the block numbers of 64 bits that the filesystem has';
    throw new FormatError('INVALID', message);
  }
  if (head.firstBlock + MIN_BLOCKS <= head.totalBlocks + 1) return;
  const message = `ext: the journal has ${head.totalBlocks} blocks, and the kernel wants ${MIN_BLOCKS} at least`;
  throw new FormatError('INVALID', message);
}

/** Blocks that the kernel counts as the journal's: its superblock may claim fewer than its file has. That it cannot be read is said elsewhere. */
export async function journalBlocks(context: Context, inode: Inode): Promise<number> {
  const head = await orDoubt(() => headOf(context, inode));
  return head instanceof VirtDfError
    ? journalBlockCount(inode, context.geometry)
    : head.totalBlocks;
}

async function headOf(context: Context, inode: Inode) {
  const { source, geometry } = context;
  const [first] = await firstRuns(context, inode);
  if (first?.fileBlock !== 0) {
    throw new FormatError('INVALID', 'ext: the journal has no first block');
  }
  const bytes = await source.read(first.block * geometry.blockSizeBytes, JOURNAL_SUPERBLOCK_BYTES);
  return readJournalHead(bytes, geometry.blockSizeBytes, journalBlockCount(inode, geometry));
}
