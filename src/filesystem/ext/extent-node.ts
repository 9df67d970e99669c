// A node of an extent tree, in an inode or in a block of its own: the one reader of them, for replays and files alike.
// References: Linux 6.18 fs/ext4/ext4_extents.h: struct ext4_extent, ext4_ext_get_actual_len; fs/ext4/extents.c:
// __ext4_ext_check, ext4_valid_extent_entries; fs/ext4/block_validity.c: ext4_inode_block_valid.
import {
  extExtentIndexRecords,
  extExtentRecords,
  type GuestExtExtent,
  parseExtExtentHeader,
} from '../../../generated/filesystem/ext.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { int, u16, u32 } from '../../validation/guest.js';
import type { Geometry } from './geometry.js';

const ENTRY_BYTES = 12;
/** As deep as 2^32 blocks can need. */
const MAX_EXTENT_DEPTH = 5;
/** A longer one is so much shorter, and nothing was written to it yet. */
export const MAX_WRITTEN_BLOCKS = 0x8000;
const U32_VALUES = 2 ** 32;

/** Consecutive blocks of a file that lie one behind the other. */
export interface ExtentRun {
  /** The first of the file's blocks. */
  readonly fileBlock: number;
  readonly count: number;
  readonly block: number;
  /** Allocated and never written to: it reads as zeros. */
  readonly isUnwritten: boolean;
}

/** A node below. */
interface ExtentBranch {
  /** The first of the file's blocks that it covers. */
  readonly fileBlock: number;
  readonly block: number;
}

/** `depth` 0 has extents, any other has branches. */
interface ExtentNode {
  readonly depth: number;
  readonly extents: readonly ExtentRun[];
  readonly branches: readonly ExtentBranch[];
}

/**
 * @param bytes all of the node: 60 in an inode, else a block.
 * @param depth that the node above asks for; null for the root, whose own word holds.
 * @throws FormatError BAD_MAGIC, OUT_OF_BOUNDS; INVALID for entries that are not ascending.
 */
export function readExtentNode(
  bytes: Uint8Array,
  depth: number | null,
  geometry: Geometry,
): ExtentNode {
  const header = parseExtExtentHeader(bytes);
  const ownDepth = int(header.depth, 'ext: eh_depth', depth ?? 0, depth ?? MAX_EXTENT_DEPTH);
  const room = Math.floor(bytes.length / ENTRY_BYTES) - 1;
  const most = int(header.maxEntries, 'ext: eh_max', 1, room);
  const count = int(header.numEntries, 'ext: eh_entries', 0, most);
  const entries = bytes.subarray(ENTRY_BYTES, (1 + count) * ENTRY_BYTES);
  if (ownDepth === 0) return { depth: 0, extents: readLeaf(entries, geometry), branches: [] };
  return { depth: ownDepth, extents: [], branches: readBranches(entries, geometry) };
}

function readLeaf(entries: Uint8Array, geometry: Geometry): readonly ExtentRun[] {
  const records = extExtentRecords(entries);
  const extents: ExtentRun[] = [];
  let end = 0;
  for (let i = 0; i < records.length; i++) {
    const extent = readExtent(records.at(i));
    const { fileBlock, block, count } = extent;
    if (count === 0 || fileBlock < end) throw notAscending(fileBlock, end);
    end = fileBlock + count;
    checkBlocks(geometry, block, count);
    extents.push(extent);
  }
  return extents;
}

function readBranches(entries: Uint8Array, geometry: Geometry): readonly ExtentBranch[] {
  const records = extExtentIndexRecords(entries);
  const branches: ExtentBranch[] = [];
  let end = 0;
  for (let i = 0; i < records.length; i++) {
    const index = records.at(i);
    const fileBlock = u32(index.block);
    if (fileBlock < end) throw notAscending(fileBlock, end);
    end = fileBlock + 1;
    const block = wide(index.leafLo, index.leafHi);
    checkBlocks(geometry, block, 1);
    branches.push({ fileBlock, block });
  }
  return branches;
}

/** One extent, wherever it lies; whether its blocks are there is not looked at. */
export function readExtent({ block, length, startLo, startHi }: GuestExtExtent): ExtentRun {
  const stored = u16(length);
  const isUnwritten = stored > MAX_WRITTEN_BLOCKS;
  return {
    fileBlock: u32(block),
    count: isUnwritten ? stored - MAX_WRITTEN_BLOCKS : stored,
    block: wide(startLo, startHi),
    isUnwritten,
  };
}

function wide(low: GuestInteger, high: GuestInteger): number {
  return u16(high) * U32_VALUES + u32(low);
}

/** The block of the first superblock, and those before it, are never a file's. */
function checkBlocks({ firstDataBlock, blockCount }: Geometry, block: number, count: number): void {
  if (block > firstDataBlock && block + count <= blockCount) return;
  const message = `ext: a map of extents has ${count} blocks at ${block} of ${blockCount}`;
  throw new FormatError('OUT_OF_BOUNDS', message, { data: { block, count, blockCount } });
}

function notAscending(fileBlock: number, end: number): FormatError {
  const message = `ext: a map of extents has block ${fileBlock} where ${end} or more must come`;
  return new FormatError('INVALID', message, { data: { fileBlock, end } });
}
