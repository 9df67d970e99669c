// The bitmaps of blocks and inodes as a recovery changes them, and by how much the descriptors' counts are off then: a block
// that a fast commit adds to a file is one free block less in its group.
// References: Linux 6.18 fs/ext4/mballoc.c: ext4_mb_mark_bb, ext4_mb_mark_context, ext4_mb_new_blocks_simple;
// fs/ext4/balloc.c: ext4_init_block_bitmap; fs/ext4/ialloc.c: ext4_mark_inode_used,
// ext4_read_inode_bitmap, ext4_free_inode.
import { FormatError } from '../../../errors.js';
import { type FreeCounts, type GroupDescriptor, groupDescriptor } from '../descriptors.js';
import type { Geometry } from '../geometry.js';
import type { InodeTables } from '../inode.js';
import { initialClusters } from '../overhead.js';
import { BITS_PER_WORD, nextZero, setBits } from './bits.js';
import type { BlockCache } from './cache.js';

export interface Space {
  /** Sets or clears the bits of blocks, whatever they are. */
  mark(block: number, count: number, isUsed: boolean): Promise<void>;
  /** Takes the first free block from `goal` on. @throws FormatError INVALID if there is none. */
  allocate(goal: number): Promise<number>;
  /** Keeps blocks from being allocated. */
  exclude(block: number, count: number): void;
  useInode(number: number): Promise<void>;
  freeInode(number: number): Promise<void>;
  /** The blocks and inodes that have become free since, less those that have been taken. */
  readonly freed: FreeCounts;
  /** The same of each group that was touched. */
  readonly groups: ReadonlyMap<number, GroupChange>;
  /** Blocks outside of the filesystem were to be marked: the kernel notes that it found errors. */
  readonly hasError: boolean;
}

/** By how much the counts of a group's descriptor change, and which of its flags no longer hold. */
export interface GroupChange {
  freeClusterCount: number;
  freeInodeCount: number;
  /** The bitmaps were read, and are no longer those of a group that was never written to. */
  hasBlockBitmap: boolean;
  hasInodeBitmap: boolean;
  /** Inodes of the group from its first one to the last that was put to use. */
  usedInodes: number;
}

/** Blocks from `start` to before `end`. */
interface Region {
  readonly start: number;
  readonly end: number;
}

interface Bitmaps {
  readonly tables: InodeTables;
  readonly cache: BlockCache;
  readonly descriptors: Map<number, GroupDescriptor>;
  readonly excluded: Region[];
  readonly freed: { freeClusterCount: number; freeInodeCount: number };
  readonly groups: Map<number, GroupChange>;
  hasError: boolean;
}

export function spaceOf(tables: InodeTables, cache: BlockCache): Space {
  const bitmaps: Bitmaps = {
    tables,
    cache,
    descriptors: new Map(),
    excluded: [],
    freed: { freeClusterCount: 0, freeInodeCount: 0 },
    groups: new Map(),
    hasError: false,
  };
  return {
    mark: (block, count, isUsed) => mark(bitmaps, block, count, isUsed),
    allocate: (goal) => allocate(bitmaps, goal),
    exclude(block, count) {
      if (count > 0) bitmaps.excluded.push({ start: block, end: block + count });
    },
    useInode: (number) => changeInode(bitmaps, number, true),
    freeInode: (number) => changeInode(bitmaps, number, false),
    freed: bitmaps.freed,
    groups: bitmaps.groups,
    get hasError() {
      return bitmaps.hasError;
    },
  };
}

function changeOf({ groups }: Bitmaps, group: number): GroupChange {
  const known = groups.get(group);
  if (known !== undefined) return known;
  const change = {
    freeClusterCount: 0,
    freeInodeCount: 0,
    hasBlockBitmap: false,
    hasInodeBitmap: false,
    usedInodes: 0,
  };
  groups.set(group, change);
  return change;
}

async function descriptorOf(
  { tables, descriptors }: Bitmaps,
  group: number,
): Promise<GroupDescriptor> {
  const known = descriptors.get(group);
  if (known !== undefined) return known;
  const { source, geometry, superblocks } = tables;
  const found = await groupDescriptor(source, geometry, superblocks, group);
  descriptors.set(group, found);
  return found;
}

async function blockBits(bitmaps: Bitmaps, group: number): Promise<Uint8Array> {
  const { geometry, superblocks } = bitmaps.tables;
  const descriptor = await descriptorOf(bitmaps, group);
  return bitmaps.cache.bytes(descriptor.blockBitmap, (bytes) => {
    if (!descriptor.isBlockUninit) return;
    bytes.fill(0);
    const runs = initialClusters(geometry, superblocks, group, descriptor);
    for (const { first, count } of runs) setBits(bytes, first, count, true);
  });
}

async function inodeBits(bitmaps: Bitmaps, group: number): Promise<Uint8Array> {
  const { inodeBitmap, isInodeUninit } = await descriptorOf(bitmaps, group);
  return bitmaps.cache.bytes(inodeBitmap, (bytes) => {
    if (isInodeUninit) bytes.fill(0);
  });
}

async function changeInode(bitmaps: Bitmaps, number: number, isUsed: boolean): Promise<void> {
  const { inodesPerGroup } = bitmaps.tables.geometry;
  const group = Math.floor((number - 1) / inodesPerGroup);
  const bits = await inodeBits(bitmaps, group);
  const index = number - 1 - group * inodesPerGroup;
  const changed = setBits(bits, index, 1, isUsed);
  const freed = isUsed ? -changed : changed;
  bitmaps.freed.freeInodeCount += freed;
  const change = changeOf(bitmaps, group);
  change.freeInodeCount += freed;
  change.hasInodeBitmap = true;
  if (isUsed) change.usedInodes = Math.max(change.usedInodes, index + 1);
}

/** The group of a block, and its cluster there. */
function placeOf({ firstDataBlock, blocksPerGroup, clusterRatio }: Geometry, block: number) {
  const group = Math.floor((block - firstDataBlock) / blocksPerGroup);
  const inGroup = block - firstDataBlock - group * blocksPerGroup;
  return { group, cluster: Math.floor(inGroup / clusterRatio) };
}

async function mark(
  bitmaps: Bitmaps,
  block: number,
  count: number,
  isUsed: boolean,
): Promise<void> {
  const { geometry } = bitmaps.tables;
  const { firstDataBlock, blockCount, blocksPerGroup, clusterRatio } = geometry;
  let [next, left] = [block, count];
  while (left > 0) {
    const { group, cluster } = placeOf(geometry, next);
    const inGroup = Math.min(left, blocksPerGroup - cluster * clusterRatio);
    if (next <= firstDataBlock || next + inGroup > blockCount) {
      bitmaps.hasError = true;
      return;
    }
    await markClusters(bitmaps, group, cluster, Math.ceil(inGroup / clusterRatio), isUsed);
    next += inGroup;
    left -= inGroup;
  }
}

async function markClusters(
  bitmaps: Bitmaps,
  group: number,
  first: number,
  count: number,
  isUsed: boolean,
): Promise<void> {
  const { tables, cache, freed } = bitmaps;
  const bits = await blockBits(bitmaps, group);
  const end = Math.min(first + count, tables.geometry.clustersPerGroup);
  cache.work(1 + (end - first) / BITS_PER_WORD);
  const changed = setBits(bits, first, end - first, isUsed);
  const freedCount = isUsed ? -changed : changed;
  freed.freeClusterCount += freedCount;
  const change = changeOf(bitmaps, group);
  change.freeClusterCount += freedCount;
  change.hasBlockBitmap = true;
}

async function allocate(bitmaps: Bitmaps, goal: number): Promise<number> {
  const { geometry } = bitmaps.tables;
  const { firstDataBlock, blockCount, groupCount } = geometry;
  const isOutside = goal < firstDataBlock || goal >= blockCount;
  const start = placeOf(geometry, isOutside ? firstDataBlock : goal);
  for (let i = 0; i < groupCount; i++) {
    const group = (start.group + i) % groupCount;
    const block = await freeBlockIn(bitmaps, group, i === 0 ? start.cluster : 0);
    if (block === null) continue;
    await mark(bitmaps, block, 1, true);
    return block;
  }
  throw new FormatError('INVALID', 'ext: no room for the fast commits; the kernel gives up');
}

/** The first block of a free cluster from `from` on that is not kept back; null if the group has none. */
async function freeBlockIn(bitmaps: Bitmaps, group: number, from: number): Promise<number | null> {
  const { tables, cache, excluded } = bitmaps;
  const { firstDataBlock, blocksPerGroup, clustersPerGroup, clusterRatio } = tables.geometry;
  const first = firstDataBlock + group * blocksPerGroup;
  const bits = await blockBits(bitmaps, group);
  let cluster = from;
  for (;;) {
    cluster = nextZero(bits, cluster, clustersPerGroup);
    if (cluster >= clustersPerGroup) return null;
    const block = first + cluster * clusterRatio;
    cache.work(1 + excluded.length);
    const region = excluded.find(({ start, end }) => block >= start && block < end);
    if (region === undefined) return block;
    cluster = Math.ceil((region.end - first) / clusterRatio);
  }
}
