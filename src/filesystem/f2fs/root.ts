// What a mount of F2FS reads that df's counts do not need: the root directory's inode, and whether the blocks that are written next
// are free.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_fill_super; fs/f2fs/segment.c: sanity_check_curseg.
import { FormatError } from '../../errors.js';
import { isDirectory, readInode } from './inode.js';
import { readFooter } from './node.js';
import { openNodeTable } from './node-table.js';
import { openSegmentTable } from './segment-table.js';
import { readSummaries, type Summaries } from './summaries.js';
import { BLOCKS_PER_SEGMENT } from './superblock.js';
import { firstBlockOf, isHere, readBlock, type Volume } from './volume.js';

const ROOT_NODE = 3;

/** @throws FormatError with why Linux refuses the mount; OUT_OF_BOUNDS if the root lies behind the end of the volume. */
export async function checkMount(volume: Volume): Promise<void> {
  const summaries = await readSummaries(volume);
  await checkRoot(volume, summaries);
  if (!volume.superblock.features.isReadOnly) await checkCurrentSegments(volume, summaries);
}

async function checkRoot(volume: Volume, summaries: Summaries): Promise<void> {
  const { superblock } = volume;
  const nodeTable = await openNodeTable(volume, summaries);
  const block = await nodeTable.blockOf(ROOT_NODE);
  if (superblock.deviceCount > 1 && !isHere(volume, block)) return;
  const bytes = await readBlock(volume, block);
  const footer = readFooter(bytes);
  const inode = readInode(superblock, { block, bytes, footer });
  const isSound = isDirectory(inode) && inode.linkCount > 0 && inode.sizeBytes > 0;
  if (isSound && footer.node === ROOT_NODE) return;
  const message = `f2fs: the node in block ${block} is no root directory; Linux does not mount it`;
  throw new FormatError('INVALID', message, { data: { block } });
}

/** Of one that is written from its beginning to its end all blocks from the next one on are free, of others that one. */
async function checkCurrentSegments(volume: Volume, summaries: Summaries): Promise<void> {
  const { dataSegments, nodeSegments } = volume.checkpoint;
  const table = await openSegmentTable(volume, summaries);
  for (const { segment, next, isReused } of [...dataSegments, ...nodeSegments]) {
    const first = firstBlockOf(volume, segment);
    await table.load(first);
    const end = isReused ? next + 1 : BLOCKS_PER_SEGMENT;
    for (let offset = next; offset < end; offset++) {
      if (!table.isUsed(first + offset)) continue;
      const words = `block ${offset} of segment ${segment} is in use, and ${next} is written next`;
      throw new FormatError('INVALID', `f2fs: ${words}; Linux does not mount it`);
    }
  }
}
