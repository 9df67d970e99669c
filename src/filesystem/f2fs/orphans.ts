// Files that were deleted while they were open: the checkpoint names them, and a mount frees them, a read-only one too.
// References: Linux 6.1 fs/f2fs/checkpoint.c: f2fs_recover_orphan_inodes, recover_orphan_inode.
import { parseF2fsOrphanBlock } from '../../../generated/filesystem/f2fs.js';
import { int } from '../../validation/guest.js';
import { freeInode } from './free.js';
import { readPointers } from './node.js';
import { getInode, invalid, type Recovery } from './recovery-state.js';
import { readBlock, type Volume } from './volume.js';

const ORPHANS_PER_BLOCK = 1020;

/** @throws FormatError where the mount would fail. */
export async function freeOrphans(recovery: Recovery): Promise<void> {
  for await (const number of orphanNumbers(recovery.volume)) {
    const inode = await getInode(recovery, number);
    if (inode === null) throw invalid(`orphan ${number} does not exist`);
    await freeInode(recovery, inode);
  }
}

/** The inodes that the checkpoint lists. @throws FormatError */
export async function* orphanNumbers(volume: Volume): AsyncGenerator<number, void, undefined> {
  const { checkpoint, superblock } = volume;
  const end = checkpoint.block + checkpoint.summariesOffset;
  for (let block = checkpoint.block + 1 + superblock.payloadBlockCount; block < end; block++) {
    const orphans = parseF2fsOrphanBlock(await readBlock(volume, block));
    const count = int(orphans.numEntries, 'f2fs: entry_count', 0, ORPHANS_PER_BLOCK);
    yield* readPointers(orphans.inodes).subarray(0, count);
  }
}
