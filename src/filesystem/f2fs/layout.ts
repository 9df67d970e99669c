// The blocks of an f2fs that belong to no file and are not free: its areas, and the inodes in the main one.
// References: Linux 6.1 include/linux/f2fs_fs.h: struct f2fs_super_block; fs/f2fs/super.c: f2fs_statfs.
import { type DfCount, type MetadataRange, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { BLOCK_BYTES, BLOCKS_PER_SEGMENT } from './superblock.js';
import { type F2fsVolume, isReadable } from './volume-files.js';

type Page = readonly MetadataRange[];

export async function* metadataRanges(volume: F2fsVolume): AsyncGenerator<Page> {
  yield areas(volume);
  yield* toldOf(volume, null, inodeRanges(volume));
  const { orphans, before } = volume;
  for (const number of orphans) {
    const block = await before.nodeTable.blockOf(number);
    yield inodesAt(volume, [block], 'free');
  }
}

/** The kernel leaves out of the size what is before the first segment. */
function areas({ volume: { superblock }, volumes }: F2fsVolume): Page {
  const { firstSegment, checkpoint, sit, nat, summaries, main, blockCount } = superblock;
  const sizeBytes = volumes[0]?.sizeBytes ?? 0;
  let next = 0;
  const ranges: MetadataRange[] = [];
  const add = (
    name: string,
    endBytes: number,
    countedAs: DfCount,
    kind: MetadataRange['kind'] = 'metadata',
  ) => {
    const end = Math.min(endBytes, sizeBytes);
    if (end > next) {
      ranges.push({ at: volumeRange(volumes, next, end - next), name, kind, countedAs });
    }
    next = Math.max(next, end);
  };
  const endOf = (area: typeof main) =>
    (area.block + area.segmentCount * BLOCKS_PER_SEGMENT) * BLOCK_BYTES;
  add('superblock', BLOCK_BYTES, 'overhead');
  add('backup superblock', 2 * BLOCK_BYTES, 'overhead');
  add('before the first segment', firstSegment * BLOCK_BYTES, 'overhead', 'unused');
  add('checkpoints', endOf(checkpoint), 'used');
  add('SIT', endOf(sit), 'used');
  add('NAT', endOf(nat), 'used');
  add('SSA', endOf(summaries), 'used');
  next = Math.max(next, endOf(main));
  add('behind the last segment', blockCount * BLOCK_BYTES, 'used', 'unused');
  add('behind the filesystem', sizeBytes, 'overhead', 'unused');
  return ranges;
}

async function* inodeRanges(volume: F2fsVolume): AsyncGenerator<Page, void, undefined> {
  for await (const entries of volume.after.nodeTable.entries()) {
    const blocks = entries.flatMap(({ node, inode, block }) => (node === inode ? [block] : []));
    const ranges = inodesAt(volume, blocks, 'used');
    if (ranges.length > 0) yield ranges;
  }
}

/** Those that follow each other are one range; an inode that the mount made has no place yet. */
function inodesAt(
  { volume, volumes }: F2fsVolume,
  blocks: readonly number[],
  countedAs: DfCount,
): Page {
  const sorted = blocks.filter((block) => isReadable(volume, block)).sort((a, b) => a - b);
  const runs: { first: number; end: number }[] = [];
  for (const block of sorted) {
    const last = runs.at(-1);
    if (last !== undefined && block <= last.end) last.end = block + 1;
    else runs.push({ first: block, end: block + 1 });
  }
  return runs.map(({ first, end }) => {
    const at = volumeRange(volumes, first * BLOCK_BYTES, (end - first) * BLOCK_BYTES);
    return { at, name: 'inodes', kind: 'metadata', countedAs };
  });
}
