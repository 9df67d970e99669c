// The bitmaps of blocks and inodes as a recovery changes them, and what the descriptors' counts come to differ by.
// References: Linux 6.18 fs/ext4/mballoc.c: ext4_mb_mark_bb, ext4_mb_mark_context, ext4_mb_new_blocks_simple;
// fs/ext4/balloc.c: ext4_init_block_bitmap; fs/ext4/ialloc.c: ext4_mark_inode_used,
// ext4_read_inode_bitmap, ext4_free_inode.
import { FormatError } from '../../../errors.js';
import { type GroupDescriptor, groupDescriptor } from '../descriptors.js';
import type { InodeTables } from '../inode.js';
import { initialClusters } from '../overhead.js';
import type { BlockCache } from './cache.js';

const BITS_PER_BYTE = 8;
const FULL_BYTE = 0xff;
/** Of the bits of a byte. */
const MASKS = [1, 2, 4, 8, 16, 32, 64, 128];
const BYTES_PER_WORD = 4;
const BITS_PER_WORD = 32;
const FULL_WORD = 0xffffffff;

export interface Space {
  /** Sets or clears the bits of blocks, whatever they are. */
  mark(block: number, count: number, isUsed: boolean): Promise<void>;
  /** Takes the first free block from `goal` on. @throws FormatError INVALID if there is none. */
  allocate(goal: number): Promise<number>;
  /** Keeps blocks from being allocated. */
  exclude(block: number, count: number): void;
  useInode(number: number): Promise<void>;
  freeInode(number: number): Promise<void>;
  /** What has become free since, less what has been taken. */
  readonly freed: { freeClusterCount: number; freeInodeCount: number };
  /** Blocks outside of the filesystem were to be marked: the kernel notes that it found errors. */
  hasError: boolean;
}

export function spaceOf(tables: InodeTables, cache: BlockCache): Space {
  const { geometry } = tables;
  const { firstDataBlock, blockCount, blocksPerGroup, clusterRatio, groupCount } = geometry;
  const { clustersPerGroup, inodesPerGroup } = geometry;
  const excluded: { readonly start: number; readonly end: number }[] = [];
  const descriptors = new Map<number, GroupDescriptor>();
  const freed = { freeClusterCount: 0, freeInodeCount: 0 };

  const descriptorOf = async (group: number): Promise<GroupDescriptor> => {
    const known = descriptors.get(group);
    if (known !== undefined) return known;
    const { source, superblocks } = tables;
    const found = await groupDescriptor(source, geometry, superblocks, group);
    descriptors.set(group, found);
    return found;
  };

  const blockBits = async (group: number): Promise<Uint8Array> => {
    const descriptor = await descriptorOf(group);
    return cache.bytes(descriptor.blockBitmap, (bytes) => {
      if (!descriptor.isBlockUninit) return;
      bytes.fill(0);
      const runs = initialClusters(geometry, tables.superblocks, group, descriptor);
      for (const { first, count } of runs) setBits(bytes, first, count, true);
    });
  };

  const inodeBits = async (group: number): Promise<Uint8Array> => {
    const { inodeBitmap, isInodeUninit } = await descriptorOf(group);
    return cache.bytes(inodeBitmap, (bytes) => {
      if (isInodeUninit) bytes.fill(0);
    });
  };

  /** The group of a block, and its cluster there. */
  const placeOf = (block: number) => {
    const group = Math.floor((block - firstDataBlock) / blocksPerGroup);
    const inGroup = block - firstDataBlock - group * blocksPerGroup;
    return { group, cluster: Math.floor(inGroup / clusterRatio) };
  };

  const change = async (group: number, first: number, count: number, isUsed: boolean) => {
    const bits = await blockBits(group);
    const end = Math.min(first + count, clustersPerGroup);
    cache.work(1 + (end - first) / BITS_PER_WORD);
    const changed = setBits(bits, first, end - first, isUsed);
    freed.freeClusterCount += isUsed ? -changed : changed;
  };

  const changeInode = async (number: number, isUsed: boolean) => {
    const group = Math.floor((number - 1) / inodesPerGroup);
    const bits = await inodeBits(group);
    const changed = setBits(bits, number - 1 - group * inodesPerGroup, 1, isUsed);
    freed.freeInodeCount += isUsed ? -changed : changed;
  };

  const space: Space = {
    freed,
    hasError: false,
    async mark(block, count, isUsed) {
      let [next, left] = [block, count];
      while (left > 0) {
        const { group, cluster } = placeOf(next);
        const inGroup = Math.min(left, blocksPerGroup - cluster * clusterRatio);
        if (next <= firstDataBlock || next + inGroup > blockCount) {
          space.hasError = true;
          return;
        }
        await change(group, cluster, Math.ceil(inGroup / clusterRatio), isUsed);
        next += inGroup;
        left -= inGroup;
      }
    },
    async allocate(goal) {
      const start = placeOf(goal < firstDataBlock || goal >= blockCount ? firstDataBlock : goal);
      let { group, cluster } = start;
      for (let i = 0; i < groupCount; i++) {
        const first = firstDataBlock + group * blocksPerGroup;
        const bits = await blockBits(group);
        for (;;) {
          cluster = nextZero(bits, cluster, clustersPerGroup);
          if (cluster >= clustersPerGroup) break;
          const block = first + cluster * clusterRatio;
          cache.work(1 + excluded.length);
          const region = excluded.find(({ start, end }) => block >= start && block < end);
          if (region === undefined) {
            await space.mark(block, 1, true);
            return block;
          }
          cluster = Math.ceil((region.end - first) / clusterRatio);
        }
        group = (group + 1) % groupCount;
        cluster = 0;
      }
      throw new FormatError('INVALID', 'ext: no room for the fast commits; the kernel gives up');
    },
    exclude(block, count) {
      if (count > 0) excluded.push({ start: block, end: block + count });
    },
    useInode: (number) => changeInode(number, true),
    freeInode: (number) => changeInode(number, false),
  };
  return space;
}

/** @returns how many of the bits changed. */
function setBits(bits: Uint8Array, first: number, count: number, isSet: boolean): number {
  // Whole words count the same whatever the order of their bytes is.
  const words = new Uint32Array(bits.buffer, bits.byteOffset, bits.length / BYTES_PER_WORD);
  const full = isSet ? FULL_WORD : 0;
  let changed = 0;
  for (let bit = first; bit < first + count; ) {
    if (bit % BITS_PER_WORD === 0 && bit + BITS_PER_WORD <= first + count) {
      const at = bit / BITS_PER_WORD;
      const word = words[at] ?? full;
      if (word !== full) {
        changed += onesOf(word ^ full);
        words[at] = full;
      }
      bit += BITS_PER_WORD;
      continue;
    }
    const at = Math.floor(bit / BITS_PER_BYTE);
    const mask = MASKS[bit % BITS_PER_BYTE] ?? 0;
    const byte = bits[at] ?? 0;
    if (((byte & mask) !== 0) !== isSet) {
      bits[at] = byte ^ mask;
      changed++;
    }
    bit++;
  }
  return changed;
}

function onesOf(word: number): number {
  let ones = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}

function nextZero(bits: Uint8Array, from: number, end: number): number {
  let bit = from;
  while (bit < end) {
    const byte = bits[Math.floor(bit / BITS_PER_BYTE)] ?? FULL_BYTE;
    if (byte === FULL_BYTE) bit += BITS_PER_BYTE - (bit % BITS_PER_BYTE);
    else if ((byte & (MASKS[bit % BITS_PER_BYTE] ?? 0)) === 0) return bit;
    else bit++;
  }
  return end;
}
