// The inodes that a recovery changes: opened once, changed in memory, and written into the blocks in memory at the end.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget, ext4_do_update_inode; fs/ext4/extents.c: ext4_find_extent.
import {
  extExtentIndexRecords,
  extExtentRecords,
  parseExtExtentHeader,
} from '../../../../generated/filesystem/ext.js';
import { FormatError } from '../../../errors.js';
import { int } from '../../../validation/guest.js';
import { INODE_HEAD_BYTES, type Inode, type InodeTables, inodeGroup, openInode } from '../inode.js';
import type { BlockCache } from './cache.js';
import { readExtent, storedLength } from './extent.js';
import { emptyNode, type Node, ROOT_ENTRIES, type Tree } from './tree.js';

const AT = { sizeLow: 4, links: 26, map: 40, generation: 100, sizeHigh: 108 } as const;
const MAP_BYTES = 60;
const ENTRY_BYTES = 12;
const MAX_DEPTH = 5;
const EXTENT_MAGIC = 0xf30a;
const BYTE_VALUES = 256;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const U32_VALUES = 2 ** 32;

/** An inode that may be changed. */
export interface File {
  readonly number: number;
  /** Its first 128 bytes. */
  readonly head: Uint8Array;
  /** What they say, but for what is below. */
  inode: Inode;
  linkCount: number;
  sizeBytes: number;
  hasSectors: boolean;
  /** Its extents, once they were asked for. */
  tree: Tree | null;
}

export interface Files {
  /** The inode as it lies there, in use or not. */
  at(number: number): Promise<File>;
  /** Its extents. @throws FormatError INVALID for what is no tree. */
  tree(file: File): Promise<Tree>;
  /** Replaces the inode's content, but for its map of blocks. */
  replace(file: File, content: Uint8Array): void;
  /** Writes what was changed into the blocks. */
  flush(): Promise<void>;
}

export function filesOf(tables: InodeTables, cache: BlockCache): Files {
  const { geometry } = tables;
  const { blockSizeBytes, inodeSizeBytes, firstDataBlock, blocksPerGroup } = geometry;
  const files = new Map<number, File>();
  const nodeEntries = Math.floor(blockSizeBytes / ENTRY_BYTES) - 1;

  const placeOf = async (number: number) => {
    const { inodeTable, index } = await inodeGroup(tables, number);
    const offset = index * inodeSizeBytes;
    const block = inodeTable + Math.floor(offset / blockSizeBytes);
    return { bytes: await cache.bytes(block), start: offset % blockSizeBytes };
  };

  const readNode = async (bytes: Uint8Array, block: number | null, depth: number | null) => {
    const header = parseExtExtentHeader(bytes);
    const node = { ...emptyNode(), block };
    node.depth = int(header.depth, 'ext: eh_depth', depth ?? 0, depth ?? MAX_DEPTH);
    const room = block === null ? ROOT_ENTRIES : nodeEntries;
    const count = int(header.numEntries, 'ext: eh_entries', 0, room);
    cache.work(1 + count);
    const entries = bytes.subarray(ENTRY_BYTES, (1 + count) * ENTRY_BYTES);
    if (node.depth === 0) {
      const extents = extExtentRecords(entries);
      for (let i = 0; i < count; i++) node.extents.push(readExtent(extents.at(i)));
      return node;
    }
    for (let i = 0; i < count; i++) {
      const { block: key, leafLo, leafHi } = extExtentIndexRecords(entries).at(i);
      const fileBlock = int(key, 'ext: ei_block', 0, U32_MAX);
      const high = int(leafHi, 'ext: ei_leaf_hi', 0, U16_MAX);
      const below = high * U32_VALUES + int(leafLo, 'ext: ei_leaf_lo', 0, U32_MAX);
      if (below <= firstDataBlock || below >= geometry.blockCount) {
        throw new FormatError('OUT_OF_BOUNDS', `ext: a node of extents at block ${below}`);
      }
      cache.spend(blockSizeBytes);
      const content = await tables.source.read(below * blockSizeBytes, blockSizeBytes);
      node.branches.push({ fileBlock, node: await readNode(content, below, node.depth - 1) });
    }
    return node;
  };

  const flushFile = async ({ number, head, linkCount, sizeBytes, tree }: File): Promise<void> => {
    const { bytes, start } = await placeOf(number);
    bytes.set(head, start);
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, INODE_HEAD_BYTES);
    view.setUint16(AT.links, linkCount, true);
    view.setUint32(AT.sizeLow, sizeBytes % U32_VALUES, true);
    view.setUint32(AT.sizeHigh, Math.floor(sizeBytes / U32_VALUES), true);
    if (tree !== null) flushNode(bytes.subarray(start + AT.map), tree.root, ROOT_ENTRIES);
  };

  const flushNode = (bytes: Uint8Array, node: Node, room: number): void => {
    writeNode(bytes, node, room);
    for (const { node: below } of node.branches) {
      const content = new Uint8Array(blockSizeBytes);
      flushNode(content, below, nodeEntries);
      if (below.block !== null) cache.put(below.block, content);
    }
  };

  return {
    async at(number) {
      const known = files.get(number);
      if (known !== undefined) return known;
      const { bytes, start } = await placeOf(number);
      const head = bytes.slice(start, start + INODE_HEAD_BYTES);
      const inode = openInode(number, head, geometry);
      const { linkCount, sizeBytes, hasSectors } = inode;
      const file = { number, head, inode, linkCount, sizeBytes, hasSectors, tree: null };
      files.set(number, file);
      return file;
    },
    async tree(file) {
      if (file.tree !== null) return file.tree;
      const root = await readNode(file.inode.blockMap, null, null);
      const group = Math.floor((file.number - 1) / geometry.inodesPerGroup);
      const goal = firstDataBlock + group * blocksPerGroup;
      file.tree = { root, nodeEntries, goal };
      return file.tree;
    },
    replace(file, content) {
      const { head } = file;
      head.set(content.subarray(0, AT.map));
      head.set(content.subarray(AT.generation, INODE_HEAD_BYTES), AT.generation);
      let inode = openInode(file.number, head, geometry);
      if (inode.isInline) head.set(content.subarray(AT.map, AT.map + MAP_BYTES), AT.map);
      else if (inode.hasExtents && file.tree === null && !isTree(inode.blockMap)) {
        writeNode(head.subarray(AT.map), emptyNode(), ROOT_ENTRIES);
      }
      inode = openInode(file.number, head, geometry);
      file.inode = inode;
      file.linkCount = inode.linkCount;
      file.sizeBytes = inode.sizeBytes;
      file.hasSectors = inode.hasSectors;
    },
    async flush() {
      for (const file of files.values()) await flushFile(file);
    },
  };
}

/** An inode that never had extents gets an empty tree. */
function isTree(blockMap: Uint8Array): boolean {
  return (
    blockMap[0] === EXTENT_MAGIC % BYTE_VALUES &&
    blockMap[1] === Math.floor(EXTENT_MAGIC / BYTE_VALUES)
  );
}

/** The bytes of a node. */
function writeNode(bytes: Uint8Array, node: Node, room: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { depth, extents, branches } = node;
  const words = [EXTENT_MAGIC, depth === 0 ? extents.length : branches.length, room, depth, 0, 0];
  for (const [i, word] of words.entries()) view.setUint16(2 * i, word, true);
  let at = ENTRY_BYTES;
  for (const extent of extents) {
    view.setUint32(at, extent.fileBlock, true);
    view.setUint16(at + 4, storedLength(extent), true);
    view.setUint16(at + 6, Math.floor(extent.block / U32_VALUES), true);
    view.setUint32(at + 8, extent.block % U32_VALUES, true);
    at += ENTRY_BYTES;
  }
  for (const { fileBlock, node: below } of branches) {
    const block = below.block ?? 0;
    view.setUint32(at, fileBlock, true);
    view.setUint32(at + 4, block % U32_VALUES, true);
    view.setUint16(at + 8, Math.floor(block / U32_VALUES), true);
    at += ENTRY_BYTES;
  }
}
