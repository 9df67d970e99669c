// Puts the files that were fsynced after the checkpoint into place, in memory: first they are found, and made if they are new,
// then every node of theirs is taken over in the order in which it was written.
// References: Linux 6.1 fs/f2fs/recovery.c: find_fsync_dnodes, recover_data, recover_inode, do_recover_data;
// fs/f2fs/node.c: f2fs_recover_inode_page, f2fs_recover_inline_xattr, f2fs_recover_xattr_data;
// fs/f2fs/inline.c: f2fs_recover_inline_data.
import { type ChainNode, eachChainNode } from './chain.js';
import { restoreName } from './directory.js';
import { findAddressSlot, firstBlockOfNode } from './file-map.js';
import { freeContent, freeInode } from './free.js';
import {
  addressesOfInode,
  addressesOfNode,
  type Inode,
  inlineBytes,
  inlineStart,
  readInode,
} from './inode.js';
import { readNodePointers } from './node.js';
import {
  countNode,
  dropNode,
  getInode,
  invalid,
  keepInode,
  makeNode,
  type Recovery,
} from './recovery-state.js';
import { takeOver } from './take-over.js';
import { NO_BLOCK } from './volume.js';

/** The place of a node with extended attributes. */
const ATTRIBUTES_OFFSET = 2 ** 29 - 1;
/** Numbers of inodes before the root directory's are no files'. */
const FIRST_INODE = 3;

/** A file that was fsynced. */
interface Entry {
  readonly inode: Inode;
  /** The block of the last node that was fsynced: nodes of the file behind it are not taken over. */
  lastBlock: number;
  /** The last one that bears its name; null: it had one in the checkpoint. */
  nameBlock: number | null;
}

/** @throws FormatError where the kernel gives up. */
export async function rollForward(recovery: Recovery): Promise<void> {
  const entries = await findEntries(recovery);
  const open = new Map(entries);
  if (entries.size > 0) {
    await eachChainNode(recovery.volume, async (node) => {
      const entry = open.get(node.footer.inode);
      if (entry === undefined) return;
      await takeOverNode(recovery, entry, node, (number) => entries.has(number));
      if (entry.lastBlock === node.block) open.delete(node.footer.inode);
    });
  }
  // Those that lost their name to another one on the way.
  for (const { inode } of entries.values()) {
    if (inode.linkCount === 0) await freeInode(recovery, inode);
  }
}

async function findEntries(recovery: Recovery): Promise<ReadonlyMap<number, Entry>> {
  const entries = new Map<number, Entry>();
  await eachChainNode(recovery.volume, async (node) => {
    const { footer, block } = node;
    if (!footer.isFsynced) return;
    const isNamed = footer.isInode && footer.isNamed;
    let entry = entries.get(footer.inode);
    if (entry === undefined) {
      if (footer.inode < FIRST_INODE) throw invalid(`inode ${footer.inode} is no file`);
      if (isNamed) await makeInode(recovery, node);
      const inode = await getInode(recovery, footer.inode);
      // It may come later, with its name.
      if (inode === null) return;
      entry = { inode, lastBlock: block, nameBlock: null };
      entries.set(footer.inode, entry);
    }
    entry.lastBlock = block;
    if (isNamed) entry.nameBlock = block;
  });
  return entries;
}

/** An inode that is not in the checkpoint begins empty, with one name. */
async function makeInode(recovery: Recovery, node: ChainNode): Promise<void> {
  const { superblock } = recovery.volume;
  const { footer } = node;
  if ((await recovery.nodeTable.blockOf(footer.inode)) !== NO_BLOCK) {
    throw invalid(`inode ${footer.inode} is new, and exists`);
  }
  const inode = readInode(superblock, node);
  // The sizes of its clusters are not restored, and without them it is refused.
  if (inode.clusterBlocks !== 0) throw invalid(`inode ${footer.inode} is new, and compressed`);
  // Whether its owner had a place in the files of quotas is not known.
  if (superblock.features.hasQuota && (inode.owner !== 0 || inode.group !== 0)) {
    recovery.unfollowed.add(
      'a file with an owner other than root is new, and whether the files of quotas have a place for the owner is not known',
    );
  }
  countNode(recovery, footer.inode, footer.inode);
  keepInode(recovery, {
    ...inode,
    sizeBytes: 0,
    linkCount: 1,
    blockCount: 0,
    attributeNode: 0,
    hasInlineData: false,
    hasInlineEntries: false,
    addresses: new Uint32Array(inode.addresses.length),
    nodes: new Uint32Array(inode.nodes.length),
    inline: new Uint8Array(inode.inline.length),
  });
}

async function takeOverNode(
  recovery: Recovery,
  entry: Entry,
  node: ChainNode,
  isListed: (number: number) => boolean,
): Promise<void> {
  const { inode } = entry;
  const { footer, bytes, block } = node;
  const written = footer.isInode ? readInode(recovery.volume.superblock, node) : null;
  if (written !== null) takeOverFields(inode, written);
  if (entry.nameBlock === block && written !== null) {
    await restoreName(recovery, inode, written, isListed);
  }
  if (written !== null) {
    inode.hasInlineAttributes = written.hasInlineAttributes;
  } else if (footer.holdsAttributes) {
    await takeOverAttributes(recovery, inode);
    return;
  }
  if (await takeOverInline(recovery, inode, written)) return;
  const first = firstBlockOfNode(inode, footer.offset);
  const place = await findAddressSlot(recovery, inode, first, true);
  if (place === null || place.offset !== footer.offset) {
    throw invalid(`a node of inode ${inode.number} at place ${footer.offset} belongs elsewhere`);
  }
  const count = written === null ? addressesOfNode(inode) : addressesOfInode(inode);
  const addresses = written?.addresses ?? readNodePointers(bytes);
  const before = written === null ? 0 : inode.extraAddresses;
  await takeOver(recovery, inode, place, {
    addresses: addresses.subarray(before, before + count),
    first,
  });
}

function takeOverFields(inode: Inode, written: Inode): void {
  inode.mode = written.mode;
  inode.owner = written.owner;
  inode.group = written.group;
  inode.sizeBytes = written.sizeBytes;
  inode.keepsSize = written.keepsSize;
  inode.times = written.times;
  inode.recordBlock = written.recordBlock;
}

/** The node with the attributes is written anew, so the one before goes. */
async function takeOverAttributes(recovery: Recovery, inode: Inode): Promise<void> {
  if (inode.attributeNode !== 0) await dropNode(recovery, inode, inode.attributeNode);
  inode.attributeNode = makeNode(recovery, inode, ATTRIBUTES_OFFSET).number;
}

/** @returns whether the inode holds its content itself, so that there are no blocks. */
async function takeOverInline(
  recovery: Recovery,
  inode: Inode,
  written: Inode | null,
): Promise<boolean> {
  const start = inlineStart(inode);
  const end = start + inlineBytes(inode) / 4;
  if (written?.hasInlineData) {
    if (!inode.hasInlineData) await freeContent(recovery, inode);
    inode.hasInlineData = true;
    inode.addresses.set(written.addresses.subarray(start, end), start);
    return true;
  }
  if (inode.hasInlineData) {
    inode.addresses.fill(NO_BLOCK, start, end);
    inode.hasInlineData = false;
  }
  return false;
}
