// Takes the addresses of a node that was fsynced over into the file.
// References: Linux 6.1 fs/f2fs/recovery.c: do_recover_data, check_index_in_prev_nodes.
import { MAX_ROLLED_BLOCKS } from '../../limits.js';
import { findPlace, firstBlockOfNode, type Place, placeIn } from './file-map.js';
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
import { COMPRESSED, isInMain, isWritten, NO_BLOCK, PROMISED } from './volume.js';

/** @throws FormatError where the kernel gives up. */
export async function takeOver(
  recovery: Recovery,
  inode: Inode,
  place: Place,
  addresses: Uint32Array,
): Promise<void> {
  const { segmentTable } = recovery;
  for (let i = 0; i < addresses.length; i++) {
    const at = place.before + i;
    const old = place.addresses[at] ?? NO_BLOCK;
    const address = addresses[i] ?? NO_BLOCK;
    checkBlock(recovery, inode, old);
    checkBlock(recovery, inode, address);
    if (old === address) continue;
    checkLimit(++recovery.addressCount, MAX_ROLLED_BLOCKS, 'blocks were fsynced');
    if (!segmentTable.isLoaded(old)) await segmentTable.load(old);
    if (!segmentTable.isLoaded(address)) await segmentTable.load(address);
    if (address === NO_BLOCK) {
      await freeBlocks(recovery, inode, place.addresses, at, 1);
    } else if (address === PROMISED) {
      await freeBlocks(recovery, inode, place.addresses, at, 1);
      countBlock(recovery, inode);
      place.addresses[at] = PROMISED;
    } else if (address !== COMPRESSED) {
      if (old === NO_BLOCK) {
        countBlock(recovery, inode);
        place.addresses[at] = PROMISED;
      }
      if (segmentTable.isUsed(address)) await takeFromOthers(recovery, inode, place, address);
      if (segmentTable.isUsed(address)) throw invalid(`block ${address} is taken already`);
      segmentTable.use(address, { node: place.node, index: i });
      if (isWritten(old)) segmentTable.release(old);
      place.addresses[at] = address;
    }
  }
}

function checkBlock({ volume }: Recovery, { number }: Inode, address: number): void {
  if (!isWritten(address) || isInMain(volume, address)) return;
  throw invalid(`block ${address} of inode ${number} is not in the main area`);
}

/** A block that another place has still, because the file was fsynced before that was cut, is taken from there. */
async function takeFromOthers(
  recovery: Recovery,
  inode: Inode,
  place: Place,
  block: number,
): Promise<void> {
  const { node, index } = await recovery.segmentTable.ownerOf(block);
  const most = place.offset === 0 ? addressesOfInode(inode) : addressesOfNode(inode);
  if (index >= most) throw invalid(`the owner of block ${block} has no address ${index}`);
  const found = await ownerPlace(recovery, inode, place, node, index);
  if (found === null) return;
  const at = found.place.before + found.place.index;
  if (found.place.addresses[at] !== block) return;
  await freeBlocks(recovery, found.inode, found.place.addresses, at, 1);
}

async function ownerPlace(
  recovery: Recovery,
  inode: Inode,
  place: Place,
  node: number,
  index: number,
): Promise<{ inode: Inode; place: Place } | null> {
  if (node === inode.number) return { inode, place: placeIn(inode, null, index) };
  if (node === place.node) return { inode, place: { ...place, index } };
  const { owner, offset } = await nodeOf(recovery, node);
  const other = owner === inode.number ? inode : await getInode(recovery, owner);
  if (other === null) throw invalid(`inode ${owner} of node ${node} is missing`);
  const fileBlock = firstBlockOfNode(other, offset) + index;
  const found = await findPlace(recovery, other, fileBlock, false);
  return found === null ? null : { inode: other, place: found };
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
