// Whether the trees of a group stay as large as they are when extents are freed and inodes deleted: a block of a tree
// is not free, so each that comes or goes would move the numbers.
// References: Linux 6.18 fs/xfs/libxfs/xfs_btree.c: xfs_btree_insrec, xfs_btree_delrec; xfs_alloc.c: xfs_free_ag_extent.
import type { GuestXfsAgf, GuestXfsAgi } from '../../../generated/filesystem/xfs.js';
import type { GroupContext } from './group-headers.js';
import { readTreeBlock, type TreePlace, treePlace, treeRoomBytes } from './group-tree.js';

const INODE_RECORD_BYTES = 16;
const FREE_SPACE_RECORD_BYTES = 8;

/** Whether a tree stays as large as it is: one of a single block may get so many more records, a larger one none. */
export async function hasRoom(
  context: GroupContext,
  { group, root, levels }: TreePlace,
  more: number,
  recordBytes: number,
): Promise<boolean> {
  if (more === 0) return true;
  if (levels !== 1) return false;
  const { recordCount } = await readTreeBlock(context, group, root, 0);
  return recordCount + more <= Math.floor(treeRoomBytes(context) / recordBytes);
}

/** Whether the trees of free space and of inodes stay as large as they are. */
export async function haveTreesRoom(
  context: GroupContext,
  group: number,
  agf: GuestXfsAgf,
  agi: GuestXfsAgi,
  extents: number,
  chunks: number,
): Promise<boolean> {
  const byBlock = treePlace(group, agf.bnoRoot, agf.bnoLevel);
  const bySize = treePlace(group, agf.cntRoot, agf.cntLevel);
  const inodes = treePlace(group, agi.inodeRoot, agi.inodeLevel);
  return (
    (await hasRoom(context, byBlock, extents, FREE_SPACE_RECORD_BYTES)) &&
    (await hasRoom(context, bySize, extents, FREE_SPACE_RECORD_BYTES)) &&
    (chunks === 0 || inodes.levels === 1)
  );
}

/** The same of the tree of free inodes, for which a writable mount reserves room. */
export async function haveReservedTreesRoom(
  context: GroupContext,
  group: number,
  agi: GuestXfsAgi,
  chunks: number,
): Promise<boolean> {
  if (!context.features.hasFreeInodeTree) return true;
  const tree = treePlace(group, agi.freeInodeRoot, agi.freeInodeLevel);
  return hasRoom(context, tree, chunks, INODE_RECORD_BYTES);
}
