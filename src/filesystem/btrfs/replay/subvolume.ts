// The replay of one subvolume's log, which has the files that were fsynced after the last transaction, as at a mount.
// References: Linux 6.18 fs/btrfs/tree-log.c: btrfs_recover_log_trees, replay_one_buffer, replay_xattr_deletes,
// fixup_inode_link_counts.
// It goes through the log three times, in the kernel's order, for how a tree's nodes split depends on the order.
import type { TreeRoot } from '../superblock.js';
import {
  compareKeys,
  type ExpectedNode,
  type Item,
  type Key,
  readNode,
  type TreeReader,
} from '../tree.js';
import {
  changeItem,
  find,
  findBefore,
  findNext,
  insert,
  overwrite,
  remove,
  shrink,
} from './edit.js';
import { dropExtents, replayExtent } from './extents.js';
import {
  changedInode,
  DIR_INDEX,
  EXTENT_DATA,
  FIXUPS,
  INODE_EXTREF,
  INODE_ITEM,
  INODE_REF,
  type Inode,
  ORPHAN_ITEM,
  ORPHANS,
  readEntries,
  readInode,
  storedBytesOf,
  XATTR_ITEM,
} from './items.js';
import { deleteNames, flushNames, replayName, replayReferences } from './names.js';
import { changeStored, countAgain, type Log, replayItem, type SubvolumeReplay } from './replay.js';
import { lowerBound } from './tree.js';

const U64_MAX = 2n ** 64n - 1n;

/** `onNode` is told of every node that the log lies on. */
export async function readLog(
  reader: TreeReader,
  root: TreeRoot,
  onNode: (address: number) => void,
): Promise<Log> {
  const items: Item[] = [];
  const walk = async (wanted: ExpectedNode): Promise<void> => {
    onNode(wanted.address);
    const node = await readNode(reader, wanted);
    if ('items' in node) {
      items.push(...node.items);
      return;
    }
    for (const [i, pointer] of node.pointers.entries()) {
      const { address, generation } = pointer;
      const endKey = node.pointers[i + 1] ?? wanted.endKey;
      const level = node.level - 1;
      await walk({ address, generation, level, owner: null, firstKey: pointer, endKey });
    }
  };
  await walk({ ...root, firstKey: null, endKey: null });
  return { items, get: (key) => at(items, key) };
}

function at(items: readonly Item[], key: Key): Item | null {
  const item = items[lowerBound(items, key)];
  return item !== undefined && compareKeys(item, key) === 0 ? item : null;
}

/** The first pass: inodes. Attributes, names and blocks behind the end go that an inode no longer has. */
export async function replayInodes(replay: SubvolumeReplay): Promise<void> {
  for (const item of replay.log.items) {
    if (item.type !== INODE_ITEM) continue;
    const inode = readInode(item.data);
    if (inode.linkCount > 0) await replayInode(replay, item, inode);
  }
}

async function replayInode(replay: SubvolumeReplay, item: Item, inode: Inode): Promise<void> {
  const { tree, sectorBytes } = replay;
  await deleteAttributes(replay, item.object);
  if (inode.isDirectory) await deleteNames(replay, item.object, false);
  const before = await find(tree, item);
  if (before === null || !Buffer.from(before.data).equals(item.data)) {
    await overwrite(tree, mergedInode(item, inode, before));
  }
  if (inode.isRegular) {
    const kept = before !== null && inode.generation === 0n && inode.sizeBytes === 0;
    const { sizeBytes } = kept ? readInode(before.data) : inode;
    const from = Math.ceil(sizeBytes / sectorBytes) * sectorBytes;
    const dropped = await dropExtents(replay, item.object, from, Number.MAX_SAFE_INTEGER);
    await changeStored(replay, item.object, -dropped);
  }
  await countAgain(replay, item.object);
}

/**
 * The item of an inode as the kernel copies it from the log. A directory keeps its old size and a file its old count of stored
 * bytes, since later steps add to these with every name and extent. An inode of generation 0 is in the log to say that it
 * exists, and at most how long it is.
 */
function mergedInode(item: Item, inode: Inode, before: Item | null): Item {
  const old = before === null ? null : readInode(before.data);
  if (before !== null && old !== null && inode.generation === 0n) {
    const isLonger = inode.isRegular && old.isRegular && inode.sizeBytes !== 0;
    return isLonger ? changedInode(before, { sizeBytes: inode.sizeBytes }) : before;
  }
  const storedBytes = before === null ? 0 : storedBytesOf(before.data);
  if (!inode.isDirectory) return changedInode(item, { storedBytes });
  return changedInode(item, { storedBytes, sizeBytes: old?.isDirectory ? old.sizeBytes : 0 });
}

async function deleteAttributes({ tree, log }: SubvolumeReplay, inode: bigint): Promise<void> {
  for (let offset = 0n; offset <= U64_MAX; offset++) {
    const item = await findNext(tree, { object: inode, type: XATTR_ITEM, offset });
    if (item === null || item.object !== inode || item.type !== XATTR_ITEM) return;
    offset = item.offset;
    const logged = log.get(item);
    const names = new Set(
      logged === null ? [] : readEntries(logged, tree.budget).map(({ name }) => name),
    );
    const entries = readEntries(item, tree.budget);
    const kept = entries.filter(({ name }) => names.has(name));
    if (kept.length === 0) await remove(tree, item);
    else if (kept.length < entries.length) {
      await shrink(tree, { ...item, data: Buffer.concat(kept.map(({ bytes }) => bytes)) });
    }
  }
}

/** The second pass: names of directories. */
export async function replayNames(replay: SubvolumeReplay): Promise<void> {
  await eachLive(replay, async (item) => {
    if (item.type === DIR_INDEX) await replayName(replay, item);
  });
}

/** The third pass: attributes, the names of inodes, and extents; then links are counted. */
export async function replayRest(replay: SubvolumeReplay): Promise<void> {
  await eachLive(replay, async (item) => {
    if (item.type === XATTR_ITEM) await replayItem(replay, item);
    else if (item.type === INODE_REF || item.type === INODE_EXTREF) {
      await replayReferences(replay, item);
    } else if (item.type === EXTENT_DATA) await replayExtent(replay, item);
  });
  await countLinks(replay);
}

/** Visits the items of inodes that have a name. An inode without one (O_TMPFILE) is not replayed: the mount would delete it. */
async function eachLive(
  { log }: SubvolumeReplay,
  visit: (item: Item) => Promise<unknown>,
): Promise<void> {
  let isIgnored = false;
  for (const item of log.items) {
    if (item.type === INODE_ITEM) isIgnored = readInode(item.data).linkCount === 0;
    if (!isIgnored) await visit(item);
  }
}

async function countLinks(replay: SubvolumeReplay): Promise<void> {
  const { tree } = replay;
  const end = { object: FIXUPS, type: ORPHAN_ITEM, offset: U64_MAX };
  for (;;) {
    const item = (await find(tree, end)) ?? (await findBefore(tree, end));
    if (item === null || item.object !== FIXUPS || item.type !== ORPHAN_ITEM) return;
    if (!(await remove(tree, item))) return;
    await countLinksOf(replay, item.offset);
  }
}

async function countLinksOf(replay: SubvolumeReplay, inode: bigint): Promise<void> {
  const { tree, linkCounts } = replay;
  const item = await find(tree, { object: inode, type: INODE_ITEM, offset: 0n });
  if (item === null) return;
  const count = await linksOf(replay, inode);
  linkCounts.set(inode, count);
  await changeItem(tree, item, (one) => changedInode(one, { linkCount: count }));
  if (count > 0) return;
  if (readInode(item.data).isDirectory) await deleteNames(replay, inode, true);
  await insert(tree, {
    object: ORPHANS,
    type: ORPHAN_ITEM,
    offset: inode,
    data: new Uint8Array(0),
  });
}

async function linksOf({ tree, links }: SubvolumeReplay, inode: bigint): Promise<number> {
  let count = 0;
  let key: Key = { object: inode, type: INODE_REF, offset: 0n };
  for (;;) {
    const item = await findNext(tree, key);
    if (item === null || item.object !== inode || item.type > INODE_EXTREF) return count;
    count += links.of(item).list.length;
    key = { ...item, offset: item.offset + 1n };
  }
}

/** The last step, when all logs are replayed. */
export async function finish(replay: SubvolumeReplay): Promise<void> {
  await flushNames(replay);
}
