// What the numbers of an XFS on a server are read from, all of it fetched at once: the headers of the groups, and the blocks of the log by
// which its head is found.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_find_head; fs/xfs/libxfs/xfs_sb.c: xfs_sb_write_verify (sb_lsn).
import type { ByteRange } from '../../bytes/source.js';
import { big } from '../../validation/guest.js';
import type { Context } from './context.js';
import { stretchBlocks } from './log.js';
import { LOG_BLOCK_BYTES } from './log-ring.js';

/** Of a filesystem with more groups the rest are read in batches of their own. */
const MAX_GROUPS_AHEAD = 32;
const MAX_LSN = 2n ** 63n - 1n;
const U32_VALUES = 2n ** 32n;

/** @throws FormatError for a number of the log that cannot be. */
export async function usageReads(context: Context): Promise<readonly ByteRange[]> {
  return [...groupHeaders(context), ...logBlocks(context)];
}

function groupHeaders({ geometry }: Context): readonly ByteRange[] {
  const { groupCount, blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const lengthBytes = 3 * sectorSizeBytes;
  return Array.from({ length: Math.min(groupCount, MAX_GROUPS_AHEAD) }, (_, group) => {
    return { offsetBytes: group * blocksPerGroup * blockSizeBytes, lengthBytes };
  });
}

/**
 * The head is found by halving the log (log.ts), one block after the other. The superblock was written among the last before an
 * unmount, and names the place in the log at that time: so the halving will most probably come by these.
 */
function logBlocks({ source, geometry: { log, blockSizeBytes }, superblock }: Context) {
  if (log === null) return [];
  const blockCount = (log.blockCount * blockSizeBytes) / LOG_BLOCK_BYTES;
  const guess = Number(big(superblock.lastWriteLsn, 'xfs: sb_lsn', 0n, MAX_LSN) % U32_VALUES);
  const blocks = (first: number, count: number): ByteRange => ({
    offsetBytes: log.offsetBytes + first * LOG_BLOCK_BYTES,
    lengthBytes: count * LOG_BLOCK_BYTES,
  });
  let [before, after] = [0, blockCount - 1];
  const ranges = [blocks(before, 1), blocks(after, 1)];
  while (after - before > stretchBlocks(source)) {
    const middle = Math.floor((before + after) / 2);
    ranges.push(blocks(middle, 1));
    if (middle > guess) after = middle;
    else before = middle;
  }
  return [...ranges, blocks(before, after - before + 1)];
}
