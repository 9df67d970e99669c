// The blocks of an ext filesystem that belong to no file and are not free: superblocks, descriptors, bitmaps, tables of inodes.
// References: Linux 6.18 fs/ext4/super.c: count_overhead; fs/ext4/balloc.c: ext4_num_base_meta_clusters; fs/ext4/mmp.c.
import type { ByteSource } from '../../bytes/source.js';
import { MAX_MAP_BLOCKS } from '../../limits.js';
import { int } from '../../validation/guest.js';
import { type MetadataRange, volumeRange } from '../files.js';
import type { Context } from './context.js';
import { allDescriptors, type NumberedDescriptor } from './descriptors.js';
import { checkLimit, type Geometry } from './geometry.js';
import { descriptorBlocksOf, isCountedTable } from './overhead.js';
import { recordedOverhead } from './statfs.js';

const INODE_TABLE = 'inode table';
/** As many as are sorted in memory: 128 TiB in clusters of 64 KiB. */
const MAX_SORTED_GROUPS = 64 * 1024;

interface Span {
  readonly block: number;
  readonly count: number;
  readonly name: string;
  readonly kind: MetadataRange['kind'];
  readonly countedAs: MetadataRange['countedAs'];
}

export async function* metadataRanges(
  volumes: readonly ByteSource[],
  context: Context,
): AsyncGenerator<readonly MetadataRange[]> {
  const { blockSizeBytes, blockCount, clusterRatio, groupCount } = context.geometry;
  const toRange = ({ block, count, name, kind, countedAs }: Span): MetadataRange => {
    const at = volumeRange(volumes, block * blockSizeBytes, count * blockSizeBytes);
    return { at, name, kind, countedAs };
  };
  const clustered: Span[] = [];
  for await (const descriptors of allDescriptors(context)) {
    const spans = descriptors.flatMap((descriptor) => groupSpans(context, descriptor));
    if (clusterRatio === 1) yield spans.map(toRange);
    else {
      checkLimit(groupCount, MAX_SORTED_GROUPS, 'block groups with bigalloc');
      for (const span of spans) clustered.push(span);
    }
  }
  const mmp = mmpBlock(context);
  if (clusterRatio === 1) yield mmp.map(toRange);
  else yield inClusters(context, [...clustered, ...mmp]).map(toRange);
  const endBytes = blockCount * blockSizeBytes;
  const sizeBytes = volumes[0]?.sizeBytes ?? 0;
  if (sizeBytes <= endBytes) return;
  const at = volumeRange(volumes, endBytes, sizeBytes - endBytes);
  yield [{ at, name: 'behind the filesystem', kind: 'unused', countedAs: 'overhead' }];
}

function overhead(
  block: number,
  count: number,
  name: string,
  kind: Span['kind'] = 'metadata',
): readonly Span[] {
  return count > 0 ? [{ block, count, name, kind, countedAs: 'overhead' }] : [];
}

/** The metadata of one group: the superblock and descriptors at its begin, and the bitmaps and table that its descriptor names. */
function groupSpans(
  { geometry, superblocks }: Context,
  { group, blockBitmap, inodeBitmap, inodeTable }: NumberedDescriptor,
): readonly Span[] {
  const { superblockBlock, firstDataBlock, blocksPerGroup, inodeTableBlockCount } = geometry;
  const { firstMetaGroup, descriptorsPerBlock, reservedDescriptorBlockCount } = geometry;
  const start = group === 0 ? superblockBlock : firstDataBlock + group * blocksPerGroup;
  const copies = superblocks.has(group) ? 1 : 0;
  const descriptors = descriptorBlocksOf(geometry, superblocks, group);
  const isClassic = group < firstMetaGroup * descriptorsPerBlock;
  const reserved = copies === 1 && isClassic ? reservedDescriptorBlockCount : 0;
  const behind = start + copies;
  return [
    ...overhead(0, group === 0 ? superblockBlock : 0, 'boot block', 'unused'),
    ...overhead(start, copies, group === 0 ? 'superblock' : 'backup superblock'),
    ...overhead(behind, descriptors, 'group descriptors'),
    ...overhead(behind + descriptors, reserved, 'reserved group descriptors', 'reserved'),
    ...overhead(blockBitmap, 1, 'block bitmap'),
    ...overhead(inodeBitmap, 1, 'inode bitmap'),
    ...overhead(inodeTable, inodeTableBlockCount, INODE_TABLE),
  ];
}

/** Multiple mount protection: who has it mounted writes here that it has. */
function mmpBlock({ superblock, features, geometry }: Context): Span[] {
  if (!features.hasMountProtection) return [];
  const block = int(superblock.mmpBlock, 'ext: s_mmp_block', 0, geometry.blockCount - 1);
  if (block === 0) return [];
  return [{ block, count: 1, name: 'MMP block', kind: 'metadata', countedAs: 'used' }];
}

/**
 * With bigalloc, metadata shares clusters, which are counted whole. Where the kernel counts them itself, it leaves out the
 * reserved descriptors and a table that ends its group; a cluster that it counts for another reason has them all the same.
 */
function inClusters(context: Context, spans: readonly Span[]): readonly Span[] {
  const { geometry } = context;
  const isRecorded = recordedOverhead(context) !== null;
  const isLeftOut = ({ kind, name, block }: Span) =>
    kind === 'reserved' || (name === INODE_TABLE && !isCountedTable(geometry, block));
  const counted = spans.filter((span) => isRecorded || !isLeftOut(span));
  const left = spans.filter((span) => !isRecorded && isLeftOut(span));
  const clusters = new Set<number>();
  for (const { block, count, countedAs } of left.length > 0 ? counted : []) {
    if (countedAs !== 'overhead') continue;
    for (let at = block; at < block + count; at = nextCluster(geometry, at)) {
      clusters.add(nextCluster(geometry, at));
    }
    checkLimit(clusters.size, MAX_MAP_BLOCKS * 8, 'clusters of metadata');
  }
  const parts = left.flatMap((span) => partsByCluster(geometry, span, clusters));
  const all = [...counted, ...parts];
  return [...all, ...restsOfClusters(context, all)];
}

/** Where the cluster of a block ends. */
function nextCluster(
  { firstDataBlock, clusterRatio, blockCount }: Geometry,
  block: number,
): number {
  const start = block - ((block - firstDataBlock) % clusterRatio);
  return Math.min(start + clusterRatio, blockCount);
}

/** @param counted the ends of the clusters that are overhead. */
function partsByCluster(
  geometry: Geometry,
  span: Span,
  counted: ReadonlySet<number>,
): readonly Span[] {
  const parts: Span[] = [];
  const end = span.block + span.count;
  for (let block = span.block; block < end; ) {
    const next = nextCluster(geometry, block);
    const count = Math.min(next, end) - block;
    parts.push({ ...span, block, count, countedAs: counted.has(next) ? 'overhead' : 'used' });
    block += count;
  }
  return parts;
}

/** The other blocks of the clusters that hold metadata. */
function restsOfClusters({ geometry }: Context, spans: readonly Span[]): readonly Span[] {
  const { firstDataBlock, clusterRatio } = geometry;
  const clusterOf = (block: number) => Math.floor((block - firstDataBlock) / clusterRatio);
  const startOf = (cluster: number) => firstDataBlock + cluster * clusterRatio;
  const rests: Span[] = [];
  const rest = (from: number, to: number, { countedAs }: Span): void => {
    if (to <= from) return;
    const name = 'rest of a cluster of metadata';
    rests.push({ block: from, count: to - from, name, kind: 'unused', countedAs });
  };
  let last: Span | null = null;
  let end = firstDataBlock;
  for (const span of spans.toSorted((a, b) => a.block - b.block)) {
    const cluster = clusterOf(span.block);
    if (last !== null && clusterOf(end - 1) === cluster) rest(end, span.block, last);
    else {
      if (last !== null) rest(end, nextCluster(geometry, end - 1), last);
      rest(startOf(cluster), span.block, span);
    }
    last = span;
    end = Math.max(end, span.block + span.count);
  }
  if (last !== null) rest(end, nextCluster(geometry, end - 1), last);
  return rests;
}
