// Freeing: blocks of a file, or a file with all that it has.
// References: Linux 6.1 fs/f2fs/file.c: f2fs_truncate_data_blocks_range; fs/f2fs/node.c: f2fs_truncate_inode_blocks,
// truncate_nodes, truncate_dnode, f2fs_remove_inode_page; fs/f2fs/inode.c: f2fs_evict_inode.
import { addressesOfInode, addressesOfNode, hasAddresses, type Inode } from './inode.js';
import { readNodePointers } from './node.js';
import { dropNode, invalid, type Recovery, readNode } from './recovery-state.js';
import { COMPRESSED, isWritten, NO_BLOCK } from './volume.js';

/** Of the five nodes that an inode names: how many kinds of nodes are below. Example: the last has nodes of nodes of addresses. */
export const LEVELS = [0, 0, 1, 1, 2] as const;

/** Frees `count` of the addresses, from the `first` one on. */
export async function freeBlocks(
  recovery: Recovery,
  inode: Inode,
  addresses: Uint32Array,
  first: number,
  count: number,
): Promise<void> {
  const { segmentTable } = recovery;
  let freed = 0;
  for (let i = first; i < first + count; i++) {
    const address = addresses[i] ?? NO_BLOCK;
    if (address === NO_BLOCK) continue;
    addresses[i] = NO_BLOCK;
    if (isWritten(address)) {
      if (!segmentTable.isLoaded(address)) await segmentTable.load(address);
      // A block that is not in use was not counted.
      if (!segmentTable.release(address)) continue;
    }
    if (address !== COMPRESSED || !inode.isReleased) freed++;
  }
  recovery.blockCount = Math.max(0, recovery.blockCount - freed);
  inode.blockCount = Math.max(0, inode.blockCount - freed);
}

/** Frees all blocks and nodes of a file, and leaves the inode. */
export async function freeContent(recovery: Recovery, inode: Inode): Promise<void> {
  const { addresses, extraAddresses, nodes } = inode;
  await freeBlocks(recovery, inode, addresses, extraAddresses, addressesOfInode(inode));
  for (const [i, level] of LEVELS.entries()) {
    const number = nodes[i] ?? 0;
    if (number === 0) continue;
    await freeNode(recovery, inode, number, level);
    nodes[i] = 0;
  }
}

/** A node with all below it. One that is not there, because it was freed before, is passed over. */
async function freeNode(
  recovery: Recovery,
  inode: Inode,
  number: number,
  level: number,
): Promise<void> {
  const pointers =
    recovery.nodes.get(number)?.pointers ?? (await readPointersOf(recovery, inode, number));
  if (pointers === null) return;
  if (level === 0) {
    await freeBlocks(recovery, inode, pointers, 0, addressesOfNode(inode));
  } else {
    for (const child of pointers) {
      if (child !== 0) await freeNode(recovery, inode, child, level - 1);
    }
  }
  await dropNode(recovery, inode, number);
}

async function readPointersOf(
  recovery: Recovery,
  inode: Inode,
  number: number,
): Promise<Uint32Array | null> {
  const node = await readNode(recovery, number);
  if (node === null) return null;
  const { footer, bytes } = node;
  if (footer.isInode || footer.inode !== inode.number) {
    throw invalid(`node ${number} of inode ${inode.number} is one of inode ${footer.inode}`);
  }
  return readNodePointers(bytes);
}

/** Frees a file that no name is left of. */
export async function freeInode(recovery: Recovery, inode: Inode): Promise<void> {
  const { attributeNode, addresses, extraAddresses, number } = inode;
  const hasContent = inode.blockCount > (attributeNode === 0 ? 0 : 1);
  if (inode.isDeviceAlias) {
    freeAlias(recovery, inode);
  } else if (hasContent && hasAddresses(inode) && !inode.hasInlineData) {
    await freeContent(recovery, inode);
  }
  if (attributeNode !== 0) {
    const isNew = recovery.nodes.has(attributeNode);
    if (!isNew && (await readNode(recovery, attributeNode)) === null) {
      throw invalid(`the attributes of inode ${number} are missing`);
    }
    await dropNode(recovery, inode, attributeNode);
    inode.attributeNode = 0;
  }
  if (hasAddresses(inode)) await freeBlocks(recovery, inode, addresses, extraAddresses, 1);
  await dropNode(recovery, inode, number);
  recovery.inodes.delete(number);
}

/** A file that stands for a device has no addresses, but its blocks count. */
function freeAlias(recovery: Recovery, inode: Inode): void {
  const count = inode.blockCount - (inode.attributeNode === 0 ? 0 : 1);
  recovery.blockCount = Math.max(0, recovery.blockCount - count);
  recovery.unfollowed.add('a file that stands for a device was deleted while it was open');
}
