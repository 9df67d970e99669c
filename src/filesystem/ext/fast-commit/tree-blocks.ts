// The nodes of an extent tree as they lie in an inode and in blocks.
// References: Linux 6.18 fs/ext4/ext4_extents.h: struct ext4_extent_header, struct ext4_extent_idx; fs/ext4/extents.c:
// ext4_find_extent, __ext4_ext_check.
import {
  ExtExtentFields,
  ExtExtentHeaderFields,
  ExtExtentIndexFields,
  extExtentIndexRecords,
  extExtentRecords,
  type GuestExtExtentIndex,
  parseExtExtentHeader,
} from '../../../../generated/filesystem/ext.js';
import { FormatError } from '../../../errors.js';
import { setField } from '../../../kaitai/index.js';
import { int, u16, u32 } from '../../../validation/guest.js';
import type { Geometry } from '../geometry.js';
import type { InodeTables } from '../inode.js';
import type { BlockCache } from './cache.js';
import { readExtent, storedLength } from './extent.js';
import { emptyNode, type Node, ROOT_ENTRIES } from './tree.js';

const ENTRY_BYTES = 12;
const MAX_DEPTH = 5;
/** EXT4_EXT_MAGIC, as it is stored. */
const EXTENT_MAGIC = [0x0a, 0xf3] as const;
const U32_VALUES = 2 ** 32;

/** Entries of a node that fills a block. */
export function entriesPerBlock({ blockSizeBytes }: Geometry): number {
  return Math.floor(blockSizeBytes / ENTRY_BYTES) - 1;
}

/** Whether an inode has a tree of extents: one that never had extents has none. */
export function isTree(blockMap: Uint8Array): boolean {
  return EXTENT_MAGIC.every((byte, i) => blockMap[i] === byte);
}

/**
 * The tree whose root lies in an inode.
 * @throws FormatError INVALID, OUT_OF_BOUNDS for what is no tree; LIMIT
 */
export function readTree(
  tables: InodeTables,
  cache: BlockCache,
  blockMap: Uint8Array,
): Promise<Node> {
  return readNode(tables, cache, blockMap, null, null);
}

/** @param block null for the root. @param depth null if any is right. */
async function readNode(
  tables: InodeTables,
  cache: BlockCache,
  bytes: Uint8Array,
  block: number | null,
  depth: number | null,
): Promise<Node> {
  const { source, geometry } = tables;
  const header = parseExtExtentHeader(bytes);
  const node = { ...emptyNode(), block };
  node.depth = int(header.depth, 'ext: eh_depth', depth ?? 0, depth ?? MAX_DEPTH);
  const room = block === null ? ROOT_ENTRIES : entriesPerBlock(geometry);
  const count = int(header.numEntries, 'ext: eh_entries', 0, room);
  cache.work(1 + count);
  const entries = bytes.subarray(ENTRY_BYTES, (1 + count) * ENTRY_BYTES);
  if (node.depth === 0) {
    const extents = extExtentRecords(entries);
    for (let i = 0; i < count; i++) node.extents.push(readExtent(extents.at(i)));
    return node;
  }
  for (let i = 0; i < count; i++) {
    const { fileBlock, below } = readIndex(extExtentIndexRecords(entries).at(i), geometry);
    cache.spend(geometry.blockSizeBytes);
    const offsetBytes = below * geometry.blockSizeBytes;
    const content = await source.read(offsetBytes, geometry.blockSizeBytes);
    const child = await readNode(tables, cache, content, below, node.depth - 1);
    node.branches.push({ fileBlock, node: child });
  }
  return node;
}

function readIndex(index: GuestExtExtentIndex, { firstDataBlock, blockCount }: Geometry) {
  const fileBlock = u32(index.block);
  const high = u16(index.leafHi);
  const below = high * U32_VALUES + u32(index.leafLo);
  if (below <= firstDataBlock || below >= blockCount) {
    throw new FormatError('OUT_OF_BOUNDS', `ext: a node of extents at block ${below}`);
  }
  return { fileBlock, below };
}

/** Writes the root into the inode's `bytes`, and what is below it into blocks in memory. */
export function writeTree(
  geometry: Geometry,
  cache: BlockCache,
  bytes: Uint8Array,
  root: Node,
): void {
  writeNode(bytes, root, ROOT_ENTRIES);
  writeBelow(geometry, cache, root);
}

function writeBelow(geometry: Geometry, cache: BlockCache, { branches }: Node): void {
  for (const { node } of branches) {
    const content = new Uint8Array(geometry.blockSizeBytes);
    writeNode(content, node, entriesPerBlock(geometry));
    writeBelow(geometry, cache, node);
    if (node.block !== null) cache.put(node.block, content);
  }
}

/** Writes a tree without extents into the inode's `bytes`. */
export function writeEmptyTree(bytes: Uint8Array): void {
  writeNode(bytes, emptyNode(), ROOT_ENTRIES);
}

function writeNode(bytes: Uint8Array, node: Node, room: number): void {
  const { depth, extents, branches } = node;
  bytes.set(EXTENT_MAGIC);
  const entryCount = depth === 0 ? extents.length : branches.length;
  setField(bytes, ExtExtentHeaderFields.numEntries, entryCount);
  setField(bytes, ExtExtentHeaderFields.maxEntries, room);
  setField(bytes, ExtExtentHeaderFields.depth, depth);
  setField(bytes, ExtExtentHeaderFields.generation, 0);
  let at = ENTRY_BYTES;
  for (const extent of extents) {
    setField(bytes, ExtExtentFields.block, extent.fileBlock, at);
    setField(bytes, ExtExtentFields.length, storedLength(extent), at);
    setField(bytes, ExtExtentFields.startHi, Math.floor(extent.block / U32_VALUES), at);
    setField(bytes, ExtExtentFields.startLo, extent.block % U32_VALUES, at);
    at += ENTRY_BYTES;
  }
  for (const { fileBlock, node: below } of branches) {
    const block = below.block ?? 0;
    setField(bytes, ExtExtentIndexFields.block, fileBlock, at);
    setField(bytes, ExtExtentIndexFields.leafLo, block % U32_VALUES, at);
    setField(bytes, ExtExtentIndexFields.leafHi, Math.floor(block / U32_VALUES), at);
    at += ENTRY_BYTES;
  }
}
