// The inodes that a recovery changes: opened once, changed in memory, and written into the blocks in memory at the end.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget, ext4_do_update_inode.
import { ExtInodeFields } from '../../../../generated/filesystem/ext.js';
import { setField } from '../../../kaitai/index.js';
import { sealInode } from '../checksum.js';
import type { Context } from '../context.js';
import { type Inode, inodeGroup, openInode } from '../inode.js';
import { extraSizeAt, INODE_HEAD_BYTES, inodeTable } from '../inode-table.js';
import type { BlockCache } from './cache.js';
import type { Tree } from './tree.js';
import { entriesPerBlock, isTree, readTree, writeEmptyTree, writeTree } from './tree-blocks.js';

const MAP = ExtInodeFields.blockMap;
const U32_VALUES = 2 ** 32;

/** An inode that may be changed. */
export interface File {
  readonly number: number;
  /** All its bytes. */
  readonly head: Uint8Array;
  /** The bytes in trusted numbers; the three fields below may have changed since, and hold before these. */

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
  /** Its extents. @throws FormatError INVALID where there is no tree. */
  tree(file: File): Promise<Tree>;
  /** Replaces the inode's content, but for its map of blocks. */
  replace(file: File, content: Uint8Array): void;
  /** Writes the changed inodes into the blocks. */
  flush(): Promise<void>;
}

/** The inodes that were opened, and the tables and blocks from which they are read. */
interface Opened {
  readonly tables: Context;
  readonly cache: BlockCache;
  readonly files: Map<number, File>;
}

export function filesOf(tables: Context, cache: BlockCache): Files {
  const opened: Opened = { tables, cache, files: new Map() };
  return {
    at: (number) => fileAt(opened, number),
    tree: (file) => treeOf(opened, file),
    replace: (file, content) => replace(opened, file, content),
    async flush() {
      for (const file of opened.files.values()) await flush(opened, file);
    },
  };
}

/** The block in memory that holds an inode, and where the inode begins there. */
async function placeOf({ tables, cache }: Opened, number: number) {
  const { blockSizeBytes, inodeSizeBytes } = tables.geometry;
  const { inodeTable, index } = await inodeGroup(tables, number);
  const offset = index * inodeSizeBytes;
  const block = inodeTable + Math.floor(offset / blockSizeBytes);
  return { bytes: await cache.bytes(block), start: offset % blockSizeBytes };
}

async function fileAt(opened: Opened, number: number): Promise<File> {
  const known = opened.files.get(number);
  if (known !== undefined) return known;
  const { bytes, start } = await placeOf(opened, number);
  const head = bytes.slice(start, start + opened.tables.geometry.inodeSizeBytes);
  const inode = openInode(number, head.subarray(0, INODE_HEAD_BYTES), opened.tables.geometry);
  const { linkCount, sizeBytes, hasSectors } = inode;
  const file = { number, head, inode, linkCount, sizeBytes, hasSectors, tree: null };
  opened.files.set(number, file);
  return file;
}

async function treeOf({ tables, cache }: Opened, file: File): Promise<Tree> {
  if (file.tree !== null) return file.tree;
  const { geometry } = tables;
  const root = await readTree(tables, cache, file.inode.blockMap);
  const group = Math.floor((file.number - 1) / geometry.inodesPerGroup);
  const goal = geometry.firstDataBlock + group * geometry.blocksPerGroup;
  file.tree = { root, nodeEntries: entriesPerBlock(geometry), goal };
  return file.tree;
}

function replace({ tables }: Opened, file: File, content: Uint8Array): void {
  const { number, head } = file;
  const behindMap = MAP.at + MAP.sizeBytes;
  head.set(content.subarray(0, MAP.at));
  head.set(content.subarray(behindMap, head.length), behindMap);
  let inode = openInode(number, head.subarray(0, INODE_HEAD_BYTES), tables.geometry);
  if (inode.isInline) head.set(content.subarray(MAP.at, behindMap), MAP.at);
  else if (inode.hasExtents && file.tree === null && !isTree(inode.blockMap)) {
    writeEmptyTree(head.subarray(MAP.at));
  }
  inode = openInode(number, head.subarray(0, INODE_HEAD_BYTES), tables.geometry);
  file.inode = inode;
  file.linkCount = inode.linkCount;
  file.sizeBytes = inode.sizeBytes;
  file.hasSectors = inode.hasSectors;
}

async function flush(opened: Opened, file: File): Promise<void> {
  const { tables, cache } = opened;
  const { number, head, linkCount, sizeBytes, tree } = file;
  const { bytes, start } = await placeOf(opened, number);
  bytes.set(head, start);
  setField(bytes, ExtInodeFields.numLinks, linkCount, start);
  setField(bytes, ExtInodeFields.lenFileLo, sizeBytes % U32_VALUES, start);
  setField(bytes, ExtInodeFields.lenFileHi, Math.floor(sizeBytes / U32_VALUES), start);
  if (tree !== null) {
    writeTree(tables.geometry, cache, bytes.subarray(start + MAP.at), tree.root);
  }
  const own = bytes.subarray(start, start + head.length);
  sealInode(tables, number, own, extraSizeAt(inodeTable(own, own.length), 0));
}
