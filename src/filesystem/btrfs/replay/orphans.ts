// Files that have no name any more and were still open: a writable mount frees them.
// References: Linux 6.18 fs/btrfs/inode.c: btrfs_orphan_cleanup, btrfs_evict_inode; inode-item.c:
// btrfs_truncate_inode_items; disk-io.c: btrfs_start_pre_rw_mount.
import type { Item } from '../tree.js';
import { find, findBefore, remove, removeAt } from './edit.js';
import { INODE_ITEM, ORPHAN_ITEM, ORPHANS, readInode } from './items.js';
import { type EditTree, nodeOf } from './node.js';
import { change, extentOf, type References } from './references.js';
import { search } from './tree.js';

const U64_MAX = 2n ** 64n - 1n;

/** From the highest inode down; `linkCounts` has the links of the inodes that a replay counted. */
export async function freeOrphans(
  tree: EditTree,
  references: References,
  linkCounts: ReadonlyMap<bigint, number>,
): Promise<void> {
  const end = { object: ORPHANS, type: ORPHAN_ITEM, offset: U64_MAX };
  for (;;) {
    const item = await findBefore(tree, end);
    if (item === null || item.object !== ORPHANS || item.type !== ORPHAN_ITEM) return;
    const inode = await find(tree, { object: item.offset, type: INODE_ITEM, offset: 0n });
    if (inode !== null) {
      const count = linkCounts.get(item.offset) ?? readInode(inode.data).linkCount;
      if (count === 0) await freeInode(tree, references, item.offset);
    }
    if (!(await remove(tree, item))) return;
  }
}

/** From the last item to the first, all that lie in one leaf in one step, as the kernel goes. */
async function freeInode(tree: EditTree, references: References, inode: bigint): Promise<void> {
  const end = { object: inode, type: 255, offset: U64_MAX };
  for (;;) {
    const last = await findBefore(tree, end);
    if (last === null || last.object !== inode) return;
    const path = await search(tree, last, -1);
    if (!path.isFound) return;
    const { items } = nodeOf(path, 0);
    const slot = path.slots[0] ?? 0;
    let first = slot;
    while (first > 0 && items[first - 1]?.object === inode) first--;
    for (const item of items.slice(first, slot + 1)) release(references, item);
    await removeAt(tree, path, first, slot + 1 - first);
  }
}

function release(references: References, item: Item): void {
  const extent = extentOf(item);
  if (extent !== null) change(references, extent.address, extent.sizeBytes, -1);
}
