// The nodes of an extent tree as they lie in an inode and in blocks.
// References: Linux 6.18 fs/ext4/ext4_extents.h: struct ext4_extent_header, struct ext4_extent_idx; fs/ext4/extents.c:
// ext4_find_extent, __ext4_ext_check.
import {
  ExtExtentFields,
  ExtExtentHeaderFields,
  ExtExtentIndexFields,
} from '../../../../generated/filesystem/ext.js';
import { setField } from '../../../kaitai/index.js';
import { readExtentNode } from '../extent-node.js';
import type { Geometry } from '../geometry.js';
import type { InodeTables } from '../inode.js';
import type { BlockCache } from './cache.js';
import { storedLength } from './extent.js';
import { emptyNode, type Node, ROOT_ENTRIES } from './tree.js';

const ENTRY_BYTES = 12;
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
 * @throws FormatError INVALID, OUT_OF_BOUNDS where there is no tree; LIMIT
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
  const { blockSizeBytes } = geometry;
  const read = readExtentNode(bytes, depth, geometry);
  cache.work(1 + read.extents.length + read.branches.length);
  const node: Node = { block, depth: read.depth, extents: [...read.extents], branches: [] };
  for (const { fileBlock, block: below } of read.branches) {
    cache.spend(blockSizeBytes);
    const content = await source.read(below * blockSizeBytes, blockSizeBytes);
    const child = await readNode(tables, cache, content, below, node.depth - 1);
    node.branches.push({ fileBlock, node: child });
  }
  return node;
}

/** Writes the root into the inode's `bytes`, and the nodes below it into blocks in memory. */
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
