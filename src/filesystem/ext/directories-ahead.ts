// The blocks of directories whose inodes were read together. The kernel puts these near each other too, so that few reads bring
// most of them; a read for each directory would take longer than all else that is done with its names.
// References: Linux 6.18 fs/ext4/ialloc.c: find_group_orlov; fs/ext4/mballoc.c: ext4_mb_new_blocks.
import { FormatError, VirtDfError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { readTogether } from '../blocks-together.js';
import { orDoubt } from '../doubts.js';
import { ownRuns } from './block-map.js';
import { openInode } from './inode.js';
import { INODE_HEAD_BYTES, type InodeTable } from './inode-table.js';
import type { DirectoryBlocks, ExtVolume } from './volume-files.js';

/** At most so much is held, of all directories together. */
const MAX_BYTES = 4 * MIB;

/**
 * The blocks of directories, read when one of them is asked for; none where that fails, so that each directory tells its own reason.
 * @param places where in the table the inodes begin; filled in until then.
 */
export function directoriesAhead(
  volume: ExtVolume,
  table: InodeTable,
  places: readonly number[],
): () => Promise<DirectoryBlocks> {
  let blocks: Promise<DirectoryBlocks> | null = null;
  return () => {
    blocks ??= readAll(volume, table, places);
    return blocks;
  };
}

async function readAll(
  { context: { source, geometry } }: ExtVolume,
  { bytes }: InodeTable,
  places: readonly number[],
): Promise<DirectoryBlocks> {
  const wanted: number[] = [];
  const most = Math.floor(MAX_BYTES / geometry.blockSizeBytes);
  for (const at of places) {
    const head = bytes.subarray(at, at + INODE_HEAD_BYTES);
    for (const block of blocksOf(head, geometry, most - wanted.length)) wanted.push(block);
  }
  const read = await orDoubt(() => readTogether(source, geometry.blockSizeBytes, wanted));
  return read instanceof VirtDfError ? new Map() : read;
}

/** Those that the inode itself names: of a directory with more, or a damaged one, none. */
function blocksOf(
  head: Uint8Array,
  geometry: ExtVolume['context']['geometry'],
  most: number,
): readonly number[] {
  try {
    const inode = openInode(0, head, geometry);
    const runs = ownRuns(inode, geometry) ?? [];
    const count = runs.reduce((sum, run) => sum + run.count, 0);
    if (count > most) return [];
    return runs.flatMap((run) => Array.from({ length: run.count }, (_, i) => run.block + i));
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}
