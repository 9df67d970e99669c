// The counters, inodes and nodes that a mount changes in memory before df can ask. Example: an orphan of 100 blocks is freed;
// there are 101 valid blocks less, with the block of the inode, and one valid node less.
// References: Linux 6.1 fs/f2fs/node.c: __get_node_page, f2fs_new_node_page; fs/f2fs/f2fs.h: inc_valid_block_count,
// dec_valid_block_count, inc_valid_node_count, dec_valid_node_count.
import { invalidIn, limitIn } from '../../errors.js';
import { MAX_CHANGED_NODES, MAX_FREED_NODES } from '../../limits.js';
import type { EntryTable } from './directory-block.js';
import { type Inode, POINTERS_PER_NODE, readInode } from './inode.js';
import { type Footer, readFooter, readNodePointers } from './node.js';
import type { NodeTable } from './node-table.js';
import type { SegmentTable } from './segment-table.js';
import { isWritten, NO_BLOCK, PROMISED, readBlock, type Volume } from './volume.js';

export const invalid = invalidIn('f2fs: ');
/** @throws FormatError LIMIT */
export const checkLimit = limitIn('f2fs: ');

/** A node that is no inode: addresses of blocks, or numbers of nodes. */
export interface PointerNode {
  readonly number: number;
  readonly inode: number;
  readonly offset: number;
  readonly pointers: Uint32Array;
}

export interface Recovery {
  readonly volume: Volume;
  readonly nodeTable: NodeTable;
  readonly segmentTable: SegmentTable;
  /** Blocks and nodes in use. */
  blockCount: number;
  nodeCount: number;
  readonly inodes: Map<number, Inode>;
  readonly nodes: Map<number, PointerNode>;
  /** Of directories, by inode and block of the file; -1 is the inode itself. */
  readonly tables: Map<number, Map<number, EntryTable>>;
  tableCount: number;
  /** Nodes that were read, and addresses that were taken over, so far. */
  readCount: number;
  addressCount: number;
  /** The things that were met and whose effect is not known, a sentence for each kind. */
  readonly unfollowed: Set<string>;
}

/** A node as it lies on the disk. */
interface NodeBlock {
  readonly block: number;
  readonly bytes: Uint8Array;
  readonly footer: Footer;
}

/** @returns null if there is none. @throws FormatError where it is another one. */
export async function readNode(recovery: Recovery, number: number): Promise<NodeBlock | null> {
  const { volume, nodeTable, segmentTable } = recovery;
  const block = await nodeTable.blockOf(number);
  if (block === NO_BLOCK || block === PROMISED) return null;
  await segmentTable.load(block);
  if (!segmentTable.isUsed(block)) {
    throw invalid(`node ${number} is at block ${block}, which is not in use`);
  }
  checkLimit(++recovery.readCount, MAX_FREED_NODES, 'nodes that the mount reads');
  return checkedNode(await readBlock(volume, block), number, block);
}

/** @throws FormatError where another node is in its place. */
export function checkedNode(bytes: Uint8Array, number: number, block: number): NodeBlock {
  const footer = readFooter(bytes);
  if (footer.node !== number) {
    throw invalid(`node ${number} is at block ${block}, where node ${footer.node} is`);
  }
  return { block, bytes, footer };
}

/** @returns null if there is none. */
export async function getInode(recovery: Recovery, number: number): Promise<Inode | null> {
  const known = recovery.inodes.get(number);
  if (known !== undefined) return known;
  const node = await readNode(recovery, number);
  if (node === null) return null;
  const inode = readInode(recovery.volume.superblock, node);
  keepInode(recovery, inode);
  return inode;
}

export function keepInode(recovery: Recovery, inode: Inode): void {
  checkMemory(recovery);
  recovery.inodes.set(inode.number, inode);
}

/** @returns null if there is none. */
export async function getNode(recovery: Recovery, number: number): Promise<PointerNode | null> {
  const known = recovery.nodes.get(number);
  if (known !== undefined) return known;
  const node = await readNode(recovery, number);
  if (node === null) return null;
  const { footer, bytes } = node;
  const pointers = readNodePointers(bytes);
  return keepNode(recovery, { number, inode: footer.inode, offset: footer.offset, pointers });
}

function keepNode(recovery: Recovery, node: PointerNode): PointerNode {
  checkMemory(recovery);
  recovery.nodes.set(node.number, node);
  return node;
}

function checkMemory({ inodes, nodes }: Recovery): void {
  checkLimit(inodes.size + nodes.size, MAX_CHANGED_NODES, 'nodes that the mount changes');
}

/** A new node of an inode, which has nothing yet. */
export function makeNode(recovery: Recovery, inode: Inode, offset: number): PointerNode {
  const number = recovery.nodeTable.unusedNumber();
  countNode(recovery, number, inode.number);
  inode.blockCount++;
  const pointers = new Uint32Array(POINTERS_PER_NODE);
  return keepNode(recovery, { number, inode: inode.number, offset, pointers });
}

/** A node more, which has no block yet and counts as one. */
export function countNode(recovery: Recovery, number: number, inode: number): void {
  checkRoom(recovery);
  const { nodeLimit } = recovery.volume.checkpoint;
  if (recovery.nodeCount >= nodeLimit)
    throw invalid(`there is no room for another node: ${nodeLimit} are in use`);
  recovery.blockCount++;
  recovery.nodeCount++;
  recovery.nodeTable.set(number, inode, PROMISED);
}

/** A block more that is not written yet. */
export function countBlock(recovery: Recovery, inode: Inode): void {
  checkRoom(recovery);
  recovery.blockCount++;
  inode.blockCount++;
}

/** A kernel that finds no room gives the recovery up. */
function checkRoom({ blockCount, volume }: Recovery): void {
  const { userBlockCount } = volume.checkpoint;
  if (blockCount < userBlockCount) return;
  throw invalid(`there is no room for what was fsynced: ${userBlockCount} blocks are in use`);
}

/** Takes a node out of the table and its block out of use. */
export async function dropNode(recovery: Recovery, inode: Inode, number: number): Promise<void> {
  const { nodeTable, segmentTable } = recovery;
  const block = await nodeTable.blockOf(number);
  if (isWritten(block)) {
    await segmentTable.load(block);
    segmentTable.release(block);
  }
  nodeTable.set(number, inode.number, NO_BLOCK);
  recovery.nodes.delete(number);
  recovery.blockCount = Math.max(0, recovery.blockCount - 1);
  recovery.nodeCount = Math.max(0, recovery.nodeCount - 1);
  if (number !== inode.number) inode.blockCount = Math.max(0, inode.blockCount - 1);
}
