// The root directory's inode. A mount reads it; what df counts does not need it.
// References: Linux 6.1 fs/f2fs/super.c: f2fs_fill_super.
import { openNodeTable } from './node-table.js';
import { readSummaries } from './summaries.js';
import { readBlock, type Volume } from './volume.js';

const ROOT_NODE = 3;

/** @throws FormatError OUT_OF_BOUNDS if it lies behind the end of the volume; Linux refuses such a mount. */
export async function checkRootIsThere(volume: Volume): Promise<void> {
  const nodeTable = await openNodeTable(volume, await readSummaries(volume));
  await readBlock(volume, await nodeTable.blockOf(ROOT_NODE));
}
