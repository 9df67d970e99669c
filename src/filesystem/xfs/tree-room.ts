// Whether the trees of a group stay as large as they are when extents are freed and inodes deleted: a block of a tree
// is not free, so each that comes or goes would move the numbers.
// References: Linux 6.18 fs/xfs/libxfs/xfs_btree.c: xfs_btree_insrec, xfs_btree_delrec; xfs_alloc.c: xfs_free_ag_extent.
import type { GuestXfsAgf, GuestXfsAgi } from '../../../generated/filesystem/xfs.js';
import { readTreeBlock, type TreePlace, treePlace, treeRoomBytes } from './group-tree.js';
import type { GroupContext } from './groups.js';

const INODE_RECORD_BYTES = 16;
const FREE_SPACE_RECORD_BYTES = 8;

/**
 * Whether the trees stay as large as they are. Where one has several levels, freeing an extent may add a block to it or
 * take one away, and a block of the free-space trees is not free.
 */
export async function haveTreesRoom(
  context: GroupContext,
  group: number,
  agf: GuestXfsAgf,
  agi: GuestXfsAgi,
  extents: number,
  chunks: number,
): Promise<boolean> {
  const hasRoom = async (place: TreePlace, more: number, recordBytes: number) => {
    if (more === 0) return true;
    if (place.levels !== 1) return false;
    const { recordCount } = await readTreeBlock(context, group, place.root, 0);
    return recordCount + more <= Math.floor(treeRoomBytes(context) / recordBytes);
  };
  const byBlock = treePlace(group, agf.bnoRoot, agf.bnoLevel);
  const bySize = treePlace(group, agf.cntRoot, agf.cntLevel);
  const inodes = treePlace(group, agi.inodeRoot, agi.inodeLevel);
  return (
    (await hasRoom(byBlock, extents, FREE_SPACE_RECORD_BYTES)) &&
    (await hasRoom(bySize, extents, FREE_SPACE_RECORD_BYTES)) &&
    (chunks === 0 || inodes.levels === 1) &&
    (!context.features.hasFreeInodeTree ||
      (await hasRoom(
        treePlace(group, agi.freeInodeRoot, agi.freeInodeLevel),
        chunks,
        INODE_RECORD_BYTES,
      )))
  );
}
