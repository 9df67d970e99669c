// The blocks of an XFS that belong to no file and are not free: headers of groups, trees, chunks of inodes, the log.
// References: Linux 6.18 fs/xfs/libxfs/xfs_format.h: XFS_AGF_DADDR and its neighbours; xfs_alloc.c: xfs_agfl_walk;
// xfs_refcount.c: xfs_refcount_recover_cow_leftovers; xfs_inode_buf.h; xfs_ialloc.c: xfs_inobt_irec_to_allocmask.
import { XfsFreeListFields, xfsBtreePointerRecords } from '../../../generated/filesystem/xfs.js';
import { int } from '../../validation/guest.js';
import { type DfCount, type IsWanted, type MetadataRange, volumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { select } from './block-ranges.js';
import { leavesFrom, treeBlockNumbers } from './group-tree.js';
import { inodeTrees, type NamedTree, type SpaceTrees, spaceTrees } from './group-trees.js';
import {
  CHUNK_INODES,
  chunksOfLeaf,
  INODES_PER_HOLE,
  type InodeChunk,
  isHole,
} from './inode-chunks.js';
import { prepared } from './shared-blocks.js';
import { blocksAt, groupBlockCount, groupRange, type XfsVolume } from './volume-files.js';

const HEADERS = ['superblock', 'AGF', 'AGI', 'AGFL'] as const;
const FREE_LIST_SECTOR = 3;
const FREE_LIST_HEAD_BYTES = XfsFreeListFields.checksum.at + 4;

type Page = readonly MetadataRange[];

export async function* metadataRanges(
  volume: XfsVolume,
  isWanted?: IsWanted,
): AsyncGenerator<Page> {
  const { groupCount, blockCount, blockSizeBytes } = volume.context.geometry;
  yield logRange(volume);
  for (let group = 0; group < groupCount; group++) {
    if (isWanted?.(groupRange(volume, group)) === false) continue;
    yield headers(volume, group);
    yield* toldOf(volume, null, spaceRanges(volume, group));
    yield* toldOf(volume, null, inodeRanges(volume, group));
    yield promisedRanges(volume, group);
  }
  const endBytes = blockCount * blockSizeBytes;
  const sizeBytes = volume.volumes[0]?.sizeBytes ?? 0;
  if (sizeBytes <= endBytes) return;
  const at = volumeRange(volume.volumes, endBytes, sizeBytes - endBytes);
  yield [{ at, name: 'behind the filesystem', kind: 'unused', countedAs: 'overhead' }];
}

function logRange({ volumes, context: { geometry } }: XfsVolume): Page {
  const { log, blockSizeBytes } = geometry;
  if (log === null) return [];
  const at = volumeRange(volumes, log.offsetBytes, log.blockCount * blockSizeBytes);
  return [{ at, name: 'log', kind: 'log', countedAs: 'overhead' }];
}

/** A sector each, and the rest of the block that the last of them ends in. */
function headers({ volumes, context: { geometry } }: XfsVolume, group: number): Page {
  const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const start = group * blocksPerGroup * blockSizeBytes;
  const ranges = HEADERS.map((name, i): MetadataRange => {
    const isCopy = i === 0 && group > 0;
    const at = volumeRange(volumes, start + i * sectorSizeBytes, sectorSizeBytes);
    return { at, name: isCopy ? 'backup superblock' : name, kind: 'metadata', countedAs: 'used' };
  });
  const end = HEADERS.length * sectorSizeBytes;
  const rest = Math.ceil(end / blockSizeBytes) * blockSizeBytes - end;
  if (rest === 0) return ranges;
  const at = volumeRange(volumes, start + end, rest);
  return [...ranges, { at, name: 'behind the headers', kind: 'unused', countedAs: 'used' }];
}

async function* spaceRanges(volume: XfsVolume, group: number): AsyncGenerator<Page> {
  const trees = await spaceTrees(volume.context, group);
  for (const tree of trees.all) yield* toldOf(volume, null, treeRanges(volume, tree));
  yield* toldOf(volume, null, freeListRanges(volume, group, trees));
  if (trees.shared === null) return;
  // A mount that replays the log gives them back.
  const isGivenBack = volume.pending.isAfterReplay;
  const forgotten = volume.pending.groups.get(group)?.forgotten ?? [];
  const aside = await prepared(volume.context, trees.shared);
  for (const { block, count } of select(aside, forgotten, false)) {
    const at = blocksAt(volume, { group, block, count });
    const countedAs = isGivenBack ? 'free' : 'used';
    yield [{ at, name: 'set aside for copies', kind: 'reserved', countedAs }];
  }
}

async function* treeRanges(volume: XfsVolume, tree: NamedTree): AsyncGenerator<Page> {
  const { context } = volume;

  const { group, root, name } = tree;
  for await (const block of treeBlockNumbers(context, tree, () => volume.spend(1))) {
    const at = blocksAt(volume, { group, block, count: 1 });
    const countedAs: DfCount = tree.isFromFreeList && block !== root ? 'free' : 'used';
    yield [{ at, name, kind: 'metadata', countedAs }];
  }
}

/** Blocks that the group's trees may take: the kernel counts them as free, and keeps as many back. */
async function* freeListRanges(
  volume: XfsVolume,
  group: number,
  { freeList: { first, count, room } }: SpaceTrees,
): AsyncGenerator<Page> {
  const { source, features, geometry } = volume.context;
  const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const start = group * blocksPerGroup * blockSizeBytes + FREE_LIST_SECTOR * sectorSizeBytes;
  const bytes = await source.read(start, sectorSizeBytes);
  const headBytes = features.version === 5 ? FREE_LIST_HEAD_BYTES : 0;
  const entries = xfsBtreePointerRecords(bytes.subarray(headBytes));
  const page: MetadataRange[] = [];
  const blockCount = groupBlockCount(geometry, group);
  for (let i = 0; i < count; i++) {
    const entry = entries.at((first + i) % room).block;
    const block = int(entry, 'xfs: a block of the free list', 1, blockCount - 1);
    const at = blocksAt(volume, { group, block, count: 1 });
    page.push({ at, name: 'free list', kind: 'reserved', countedAs: 'free' });
  }
  yield page;
}

async function* inodeRanges(volume: XfsVolume, group: number): AsyncGenerator<Page> {
  const { context } = volume;
  const trees = await inodeTrees(context, group);
  for (const tree of trees.all) yield* toldOf(volume, null, treeRanges(volume, tree));
  for await (const leaf of leavesFrom(context, trees.inodes, 0, () => volume.spend(1))) {
    yield chunksOfLeaf(leaf).flatMap((chunk) => chunkRanges(volume, group, chunk));
  }
}

/** A chunk has holes where there was no room for all of its inodes. */
function chunkRanges(
  { volumes, pending, context: { geometry } }: XfsVolume,
  group: number,
  { firstInode, holes }: InodeChunk,
): readonly MetadataRange[] {
  const { blocksPerGroup, blockSizeBytes, inodesPerBlock } = geometry;
  const inodeSizeBytes = blockSizeBytes / inodesPerBlock;
  const start = group * blocksPerGroup * blockSizeBytes + firstInode * inodeSizeBytes;
  const isGone = pending.groups.get(group)?.removedChunks.has(firstInode) ?? false;
  const countedAs: DfCount = isGone ? 'free' : 'used';
  const ranges: MetadataRange[] = [];
  const isEnd = (i: number) => i >= CHUNK_INODES || isHole(holes, i);
  for (let from = 0; from < CHUNK_INODES; ) {
    let to = from;
    while (!isEnd(to)) to += INODES_PER_HOLE;
    if (to > from) {
      const lengthBytes = (to - from) * inodeSizeBytes;
      const at = volumeRange(volumes, start + from * inodeSizeBytes, lengthBytes);
      ranges.push({ at, name: 'inodes', kind: 'metadata', countedAs });
    }
    from = to + INODES_PER_HOLE;
  }
  return ranges;
}

/** Blocks of no file, which the log promises to free. */
function promisedRanges(volume: XfsVolume, group: number): Page {
  const promised = volume.pending.groups.get(group)?.promised ?? [];
  return promised.map(({ block, count }) => {
    const at = blocksAt(volume, { group, block, count });
    return { at, name: 'not yet freed', kind: 'reserved', countedAs: 'free' };
  });
}
