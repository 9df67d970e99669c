// The journal within the filesystem: how many blocks it has, which belong to the overhead, and where they lie.
// References: Linux 6.18 fs/ext4/super.c: ext4_calculate_overhead, ext4_get_journal_inode; fs/jbd2/journal.c:
// jbd2_journal_init_inode, jbd2_journal_bmap.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import { FormatError } from '../../errors.js';
import { MAX_JOURNAL_BLOCKS, MAX_MAP_BLOCKS } from '../../limits.js';
import { int } from '../../validation/guest.js';
import { type BlockRun, blockRuns } from './block-map.js';
import type { Features } from './features.js';
import { checkLimit, type Geometry } from './geometry.js';
import { type Inode, type InodeTables, readInode } from './inode.js';

/**
 * The inode of the journal; null if there is none or it is on another device.
 * @throws FormatError INVALID if it is none: the kernel does not mount such a filesystem.
 */
export async function journalInode(
  tables: InodeTables,
  superblock: GuestExt,
  features: Features,
): Promise<Inode | null> {
  if (!features.hasJournal) return null;
  const { inodeCount } = tables.geometry;
  const number = int(superblock.journalInode, 'ext: s_journal_inum', 0, inodeCount);
  if (number === 0) return null;
  const inode = await readInode(tables, number);
  if (inode.isRegular && inode.linkCount > 0) return inode;
  throw new FormatError('INVALID', `ext: inode ${number} is no journal: no regular file in use`);
}

/** Blocks of the journal within the filesystem. @throws FormatError OUT_OF_BOUNDS for more than the filesystem has. */
export function journalBlockCount(
  { sizeBytes }: Inode,
  { blockSizeBytes, blockCount }: Geometry,
): number {
  const count = Math.floor(sizeBytes / blockSizeBytes);
  if (count <= blockCount) return count;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `ext: the journal has ${count} blocks, and the filesystem only ${blockCount}`,
  );
}

/** Those of its blocks that the inode itself lists: of few extents all, of pointers the first twelve. */
export async function firstRuns(
  { source, geometry }: InodeTables,
  inode: Inode,
): Promise<readonly BlockRun[]> {
  let mapBlocks = 0;
  const spend = () => checkLimit(++mapBlocks, MAX_MAP_BLOCKS, 'blocks of the map of the journal');
  for await (const runs of blockRuns({ source, geometry, spend }, inode, 0)) {
    const ofFile = runs.filter(({ fileBlock }) => fileBlock !== null);
    if (ofFile.length > 0) return ofFile;
  }
  return [];
}

/**
 * Where the journal's blocks lie, in their order and without holes.
 * @throws FormatError INVALID for a hole, LIMIT for more than virt-df reads.
 */
export async function journalRuns(
  { source, geometry }: InodeTables,
  inode: Inode,
): Promise<readonly BlockRun[]> {
  const blockCount = journalBlockCount(inode, geometry);
  checkLimit(blockCount, MAX_JOURNAL_BLOCKS, 'blocks of the journal');
  let mapBlocks = 0;
  const spend = () => checkLimit(++mapBlocks, MAX_MAP_BLOCKS, 'blocks of the map of the journal');
  const runs: BlockRun[] = [];
  let next = 0;
  const take = (run: BlockRun): void => {
    if (run.fileBlock === null || next >= blockCount) return;
    if (run.fileBlock !== next) {
      throw new FormatError('INVALID', `ext: the journal has no block ${next} of ${blockCount}`);
    }
    next += run.count;
    const last = runs.at(-1);
    if (last !== undefined && last.block + last.count === run.block) {
      runs[runs.length - 1] = { ...last, count: last.count + run.count };
      return;
    }
    checkLimit(runs.length, MAX_MAP_BLOCKS, 'pieces of the journal');
    runs.push(run);
  };
  for await (const some of blockRuns({ source, geometry, spend }, inode, 0)) some.forEach(take);
  if (next >= blockCount) return runs;
  throw new FormatError('INVALID', `ext: the journal has only ${next} blocks of ${blockCount}`);
}
