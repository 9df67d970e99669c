// Takes the addresses of a node that was fsynced over into the file.
// References: Linux 6.1 fs/f2fs/recovery.c: do_recover_data, check_index_in_prev_nodes.
import { MAX_ROLLED_BLOCKS } from '../../limits.js';
import { type AddressSlot, addressSlotIn, findAddressSlot, firstBlockOfNode } from './file-map.js';
import { freeBlocks } from './free.js';
import { addressesOfInode, addressesOfNode, type Inode } from './inode.js';
import {
  checkLimit,
  countBlock,
  getInode,
  invalid,
  type Recovery,
  readNode,
} from './recovery-state.js';
import { BLOCK_BYTES } from './superblock.js';
import { COMPRESSED, isInMain, isWritten, NO_BLOCK, PROMISED } from './volume.js';

/** Addresses of a node that was fsynced. */
interface Written {
  readonly addresses: Uint32Array;
  /** The block of the file that the first of them is of. */
  readonly first: number;
}

/** @throws FormatError where the kernel gives up. */
export async function takeOver(
  recovery: Recovery,
  inode: Inode,
  slot: AddressSlot,
  { addresses, first }: Written,
): Promise<void> {
  const { segmentTable } = recovery;
  for (let i = 0; i < addresses.length; i++) {
    const at = slot.before + i;
    const old = slot.addresses[at] ?? NO_BLOCK;
    const address = addresses[i] ?? NO_BLOCK;
    checkBlock(recovery, inode, old);
    checkBlock(recovery, inode, address);
    if (old === address) continue;
    checkLimit(++recovery.addressCount, MAX_ROLLED_BLOCKS, 'fsynced blocks');
    if (!segmentTable.isLoaded(old)) await segmentTable.load(old);
    if (!segmentTable.isLoaded(address)) await segmentTable.load(address);
    if (address !== NO_BLOCK) growTo(inode, first + i);
    if (address === NO_BLOCK) {
      await freeBlocks(recovery, inode, slot.addresses, at, 1);
    } else if (address === PROMISED) {
      await freeBlocks(recovery, inode, slot.addresses, at, 1);
      countBlock(recovery, inode);
      slot.addresses[at] = PROMISED;
    } else if (address !== COMPRESSED) {
      if (old === NO_BLOCK) {
        countBlock(recovery, inode);
        slot.addresses[at] = PROMISED;
      }
      if (segmentTable.isUsed(address)) await takeFromOthers(recovery, inode, slot, address);
      if (segmentTable.isUsed(address)) throw invalid(`block ${address} is taken already`);
      segmentTable.use(address, { node: slot.node, index: i });
      if (isWritten(old)) segmentTable.release(old);
      slot.addresses[at] = address;
    }
  }
}

/** The inode may not have been written since the file grew. Example: of a file of 2 blocks only the node with block 5000 came. */
function growTo(inode: Inode, fileBlock: number): void {
  if (inode.keepsSize || inode.sizeBytes > fileBlock * BLOCK_BYTES) return;
  inode.sizeBytes = (fileBlock + 1) * BLOCK_BYTES;
}

function checkBlock({ volume }: Recovery, { number }: Inode, address: number): void {
  if (!isWritten(address) || isInMain(volume, address)) return;
  throw invalid(`block ${address} of inode ${number} is not in the main area`);
}

/**
 * Takes a block away from the address that still has it. Example: a file was cut, its block became another file's, and only
 * the other one was fsynced: by the checkpoint the first one still has the block.
 */
async function takeFromOthers(
  recovery: Recovery,
  inode: Inode,
  slot: AddressSlot,
  block: number,
): Promise<void> {
  const { node, index } = await recovery.segmentTable.ownerOf(block);
  const most = slot.offset === 0 ? addressesOfInode(inode) : addressesOfNode(inode);
  if (index >= most) throw invalid(`the owner of block ${block} has no address ${index}`);
  const found = await ownerSlot(recovery, inode, slot, node, index);
  if (found === null) return;
  const at = found.slot.before + found.slot.index;
  if (found.slot.addresses[at] !== block) return;
  await freeBlocks(recovery, found.inode, found.slot.addresses, at, 1);
}

async function ownerSlot(
  recovery: Recovery,
  inode: Inode,
  slot: AddressSlot,
  node: number,
  index: number,
): Promise<{ inode: Inode; slot: AddressSlot } | null> {
  if (node === inode.number) return { inode, slot: addressSlotIn(inode, null, index) };
  if (node === slot.node) return { inode, slot: { ...slot, index } };
  const { owner, offset } = await nodeOf(recovery, node);
  const other = owner === inode.number ? inode : await getInode(recovery, owner);
  if (other === null) throw invalid(`inode ${owner} of node ${node} is missing`);
  const fileBlock = firstBlockOfNode(other, offset) + index;
  const found = await findAddressSlot(recovery, other, fileBlock, false);
  return found === null ? null : { inode: other, slot: found };
}

async function nodeOf(recovery: Recovery, number: number) {
  const inode = recovery.inodes.get(number);
  if (inode !== undefined) return { owner: number, offset: 0 };
  const node = recovery.nodes.get(number);
  if (node !== undefined) return { owner: node.inode, offset: node.offset };
  const read = await readNode(recovery, number);
  if (read === null) throw invalid(`node ${number} is missing`);
  return { owner: read.footer.inode, offset: read.footer.offset };
}
