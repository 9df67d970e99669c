// The free blocks of an f2fs: those of the main area that the SIT does not have in use once a mount did its work.
// References: Linux 6.1 fs/f2fs/segment.c: build_sit_entries, get_free_segment; fs/f2fs/super.c: f2fs_statfs.

import { setBits } from '../../bytes/aggregates.js';
import { runsOfZeros } from '../../bytes/bit-runs.js';
import { type VolumeRange, volumeRange } from '../files.js';
import { highBitAt } from './bitmap.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT } from './superblock.js';
import { firstBlockOf } from './volume.js';
import type { F2fsVolume } from './volume-files.js';

const PAGE = 256;

/** Blocks that are free, ascending: those of segments side by side come as one. */
export async function* freeRanges({
  volume,
  volumes,
  after,
  afterOrphans,
}: F2fsVolume): AsyncGenerator<readonly VolumeRange[]> {
  const endBlock = Math.floor((volumes[0]?.sizeBytes ?? 0) / BLOCK_BYTES);
  const changed = after.segmentTable.changed();
  let page: VolumeRange[] = [];
  let [first, end, segment] = [0, 0, 0];
  const close = () => {
    // A volume that is cut has none behind its end.
    const to = Math.min(end, endBlock);
    if (to > first) {
      page.push(volumeRange(volumes, first * BLOCK_BYTES, (to - first) * BLOCK_BYTES));
    }
  };
  for await (const bitmaps of after.segmentTable.onDisk()) {
    for (const onDisk of bitmaps) {
      const used = changed.get(segment) ?? onDisk;
      const taken = withOrphans(used, onDisk, afterOrphans.get(segment));
      const start = firstBlockOf(volume, segment);
      for (const [from, count] of runsOfZeros(taken, BLOCKS_PER_SEGMENT, highBitAt)) {
        if (start + from !== end) {
          close();
          first = start + from;
        }
        end = start + from + count;
      }
      segment++;
    }
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  close();
  if (page.length > 0) yield page;
}

/** What orphans had is theirs, though a mount frees it. */
function withOrphans(
  used: Uint8Array,
  onDisk: Uint8Array,
  afterOrphans: Uint8Array | undefined,
): Uint8Array {
  if (afterOrphans === undefined) return used;
  return used.map((byte, i) => {
    const freed = (onDisk[i] ?? 0) - (afterOrphans[i] ?? 0);
    // Whatever was taken anew since then is used, and not free twice.
    return byte | freed;
  });
}

/**
 * Blocks that no file has and that df counts as used all the same: those that the kernel keeps to move others to (overprovision),
 * and those that are promised to files and have no place yet.
 */
export async function keptBackBytes({ volume, after }: F2fsVolume): Promise<number> {
  const { checkpoint, superblock } = volume;
  const changed = after.segmentTable.changed();
  let [used, segment] = [0, 0];
  for await (const bitmaps of after.segmentTable.onDisk()) {
    for (const onDisk of bitmaps) used += setBits(changed.get(segment++) ?? onDisk);
  }
  const notUsed = superblock.main.segmentCount * BLOCKS_PER_SEGMENT - used;
  return (notUsed - (checkpoint.userBlockCount - after.blockCount)) * BLOCK_BYTES;
}
