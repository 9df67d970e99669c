// The blocks of an inode: an extent tree or, before ext4, pointers to pointers. Walked in the order of the file.
// References: Linux 6.18 fs/ext4/extents.c: __ext4_ext_check, ext4_ext_remove_space; fs/ext4/indirect.c:
// ext4_block_to_path, ext4_ind_truncate.
import {
  extBlockPointerRecords,
  extExtentIndexRecords,
  extExtentRecords,
  parseExtExtentHeader,
} from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, int, u16, u32 } from '../../validation/guest.js';
import type { Geometry } from './geometry.js';
import type { Inode } from './inode.js';

const EXTENT_BYTES = 12;
const MAX_EXTENT_DEPTH = 5;
const MAX_WRITTEN_BLOCKS = 0x8000;
const POINTER_BYTES = 4;
const DIRECT_POINTERS = 12;
const INDIRECT_LEVELS = 3;
const U32_VALUES = 2 ** 32;

/** Consecutive blocks of a file that lie one behind the other. */
export interface BlockRun {
  /** The first of the file's blocks; null for a block of the map itself. */
  readonly fileBlock: number | null;
  readonly block: number;
  readonly count: number;
}

/** What a walk takes its blocks from, and how many of them it may read yet. */
export interface MapReader {
  readonly source: ByteSource;
  readonly geometry: Geometry;
  /** Counts a block of a map before it is read. @throws FormatError LIMIT */
  spend(): void;
}

/** What lies in one entry of the map, at whatever level. */
type Visit = (run: BlockRun) => void;

/**
 * Calls `visit` with every run of the file's blocks from `firstFileBlock` on, and with the blocks of the map that hold
 * nothing of what is before it: what the kernel frees when it cuts the file there, and with 0 all that it has.
 * @throws FormatError INVALID, OUT_OF_BOUNDS, LOOP, and what `spend` throws.
 */
export async function walkBlocks(
  reader: MapReader,
  inode: Inode,
  firstFileBlock: number,
  visit: Visit,
): Promise<void> {
  if (!inode.hasBlocks) return;
  const walk: Walk = { reader, inode, firstFileBlock, visit, mapBlocks: new Set() };
  if (inode.hasExtents) await walkExtents(walk, inode.blockMap, null);
  else await walkPointers(walk);
}

interface Walk {
  readonly reader: MapReader;
  readonly inode: Inode;
  readonly firstFileBlock: number;
  readonly visit: Visit;
  /** The blocks of the map that were read: none of them is there twice. */
  readonly mapBlocks: Set<number>;
}

/** @returns whether the node keeps an entry. */
async function walkExtents(walk: Walk, node: Uint8Array, depth: number | null): Promise<boolean> {
  const header = parseExtExtentHeader(node);
  const maxDepth = depth ?? MAX_EXTENT_DEPTH;
  const ownDepth = int(header.depth, 'ext: eh_depth', depth ?? 0, maxDepth);
  const room = Math.floor(node.length / EXTENT_BYTES) - 1;
  const count = int(header.numEntries, 'ext: eh_entries', 0, room);
  const entries = node.subarray(EXTENT_BYTES, (1 + count) * EXTENT_BYTES);
  if (ownDepth === 0) return walkLeaf(walk, entries);
  let isKept = false;
  for (let i = 0; i < count; i++) {
    const { leafLo, leafHi } = extExtentIndexRecords(entries).at(i);
    const block = wideBlock(walk, u32(leafLo), u16(leafHi));
    const below = await readMapBlock(walk, block);
    if (await walkExtents(walk, below, ownDepth - 1)) isKept = true;
    else walk.visit({ fileBlock: null, block, count: 1 });
  }
  return isKept;
}

function walkLeaf(walk: Walk, entries: Uint8Array): boolean {
  const { firstFileBlock, visit } = walk;
  const extents = extExtentRecords(entries);
  let isKept = false;
  for (let i = 0; i < extents.length; i++) {
    const extent = extents.at(i);
    const fileBlock = u32(extent.block);
    const length = u16(extent.length);
    const count = length > MAX_WRITTEN_BLOCKS ? length - MAX_WRITTEN_BLOCKS : length;
    const low = u32(extent.startLo);
    const block = wideBlock(walk, low, u16(extent.startHi), count);
    const before = Math.min(count, Math.max(0, firstFileBlock - fileBlock));
    if (before > 0) isKept = true;
    if (count > before) {
      visit({ fileBlock: fileBlock + before, block: block + before, count: count - before });
    }
  }
  return isKept;
}

async function walkPointers(walk: Walk): Promise<void> {
  const { reader, inode } = walk;
  const perBlock = reader.geometry.blockSizeBytes / POINTER_BYTES;
  const directBytes = DIRECT_POINTERS * POINTER_BYTES;
  visitPointers(walk, inode.blockMap.subarray(0, directBytes), 0);
  let fileBlock = DIRECT_POINTERS;
  const roots = extBlockPointerRecords(inode.blockMap.subarray(directBytes));
  for (let level = 1; level <= INDIRECT_LEVELS; level++) {
    const root = pointer(walk, roots.at(level - 1).block);
    if (root !== 0) await walkIndirect(walk, root, level, fileBlock);
    fileBlock += perBlock ** level;
  }
}

/** @returns whether the block at `block`, which has pointers of `level` levels, keeps one. */
async function walkIndirect(
  walk: Walk,
  block: number,
  level: number,
  firstFileBlock: number,
): Promise<boolean> {
  const bytes = await readMapBlock(walk, block);
  let isKept = false;
  if (level === 1) isKept = visitPointers(walk, bytes, firstFileBlock);
  else {
    const pointers = extBlockPointerRecords(bytes);
    const covered = pointers.length ** (level - 1);
    for (let i = 0; i < pointers.length; i++) {
      const below = pointer(walk, pointers.at(i).block);
      if (below === 0) continue;
      if (await walkIndirect(walk, below, level - 1, firstFileBlock + i * covered)) isKept = true;
    }
  }
  if (!isKept) walk.visit({ fileBlock: null, block, count: 1 });
  return isKept;
}

/** Neighbours are given together: a journal has one pointer a block. */
function visitPointers(walk: Walk, bytes: Uint8Array, firstFileBlock: number): boolean {
  const pointers = extBlockPointerRecords(bytes);
  let isKept = false;
  let start = 0;
  let block = 0;
  let count = 0;
  const give = () => {
    if (count > 0) walk.visit({ fileBlock: start, block, count });
    count = 0;
  };
  for (let i = 0; i < pointers.length; i++) {
    const next = pointer(walk, pointers.at(i).block);
    if (next === 0) continue;
    const fileBlock = firstFileBlock + i;
    if (fileBlock < walk.firstFileBlock) isKept = true;
    else if (count > 0 && next === block + count && fileBlock === start + count) count++;
    else {
      give();
      start = fileBlock;
      block = next;
      count = 1;
    }
  }
  give();
  return isKept;
}

function pointer(walk: Walk, value: GuestInteger): number {
  if (equals(value, 0)) return 0;
  const { firstDataBlock, blockCount } = walk.reader.geometry;
  return int(value, `ext: block of inode ${walk.inode.number}`, firstDataBlock, blockCount - 1);
}

function wideBlock(walk: Walk, low: number, high: number, count = 1): number {
  const { firstDataBlock, blockCount } = walk.reader.geometry;
  const block = high * U32_VALUES + low;
  if (count > 0 && block >= firstDataBlock && block + count <= blockCount) return block;
  throw new FormatError(
    'OUT_OF_BOUNDS',
    `ext: inode ${walk.inode.number} has ${count} blocks at ${block} of ${blockCount}`,
  );
}

async function readMapBlock(walk: Walk, block: number): Promise<Uint8Array> {
  const { reader, inode, mapBlocks } = walk;
  if (mapBlocks.has(block)) {
    const message = `ext: the map of inode ${inode.number} comes to block ${block} twice`;
    throw new FormatError('LOOP', message, { data: { block } });
  }
  mapBlocks.add(block);
  reader.spend();
  const { blockSizeBytes } = reader.geometry;
  return reader.source.read(block * blockSizeBytes, blockSizeBytes);
}
