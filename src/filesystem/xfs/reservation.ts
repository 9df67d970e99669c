// The blocks that a writable mount keeps back: a pool for root and, in each group, room for its trees to grow.
// References: Linux 6.1 fs/xfs/xfs_mount.c: xfs_default_resblks, xfs_mod_fdblocks; xfs_fsops.c: xfs_reserve_blocks;
// libxfs/xfs_ag_resv.c: xfs_ag_resv_init; xfs_btree.c: xfs_btree_calc_size; xfs_ialloc_btree.c, xfs_refcount_btree.c,
// xfs_rmap_btree.c: *_calc_reserves. The same in 6.18.
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';
import type { Group } from './groups.js';

/** Bytes of the head of a tree's block in version 5; only there are such trees. */
const TREE_HEAD_BYTES = 56;
const INODE_RECORD_BYTES = 16;
const INODE_KEY_AND_POINTER_BYTES = 8;
const REFCOUNT_RECORD_BYTES = 12;
const REFCOUNT_KEY_AND_POINTER_BYTES = 8;
const REVERSE_MAP_RECORD_BYTES = 24;
/** Two keys, of the lowest and of the highest record, and a pointer. */
const REVERSE_MAP_KEYS_AND_POINTER_BYTES = 44;
const INODES_PER_CHUNK = 64;

const POOL_FRACTION = 20;
const MAX_POOL_BLOCKS = 8192;

/** How few records a leaf and an inner block of a tree may hold. */
interface TreeLimits {
  readonly leaf: number;
  readonly inner: number;
}

/** The blocks to which one of a group's trees may grow, and those that it has. */
interface Reservation {
  readonly asked: number;
  readonly used: number;
}

/** A group's trees whose blocks count as used, and the reverse map, whose blocks count as free. */
interface GroupReservations {
  readonly refcount: Reservation;
  readonly freeInodes: Reservation;
  readonly reverseMap: Reservation;
}

/**
 * The free blocks that are left to a writable mount.
 * @param freeBlockCount as the superblock or the groups count them.
 * @param unavailable blocks that the kernel never gives to files; it stops reserving when only these are left.
 * @param treeBlocks the blocks of each group's tree of free inodes.
 */
export function afterReservations(
  freeBlockCount: number,
  unavailable: number,
  geometry: Geometry,
  features: Features,
  groups: readonly Group[],
  treeBlocks: readonly number[],
): number {
  const wanted = Math.min(Math.floor(geometry.blockCount / POOL_FRACTION), MAX_POOL_BLOCKS);
  let pool = Math.min(wanted, Math.max(0, freeBlockCount - unavailable));
  let free = freeBlockCount - pool;
  /** Takes blocks from the free ones, or, when these are short, from the pool; all or none. */
  const take = (blocks: number): boolean => {
    if (free - blocks >= unavailable) free -= blocks;
    else if (pool >= blocks) pool -= blocks;
    else return false;
    return true;
  };
  for (const [i, group] of groups.entries()) {
    const { refcount, freeInodes, reverseMap } = groupReservations(
      geometry,
      features,
      group,
      treeBlocks[i] ?? 0,
    );
    const asked = refcount.asked + freeInodes.asked;
    const used = refcount.used + freeInodes.used;
    if (!take(Math.max(0, asked - used))) take(Math.max(0, refcount.asked - refcount.used));
    take(Math.max(reverseMap.asked, reverseMap.used));
  }
  return free;
}

function groupReservations(
  geometry: Geometry,
  features: Features,
  group: Group,
  freeInodeTreeBlocks: number,
): GroupReservations {
  const { blockSizeBytes, inodesPerBlock, log } = geometry;
  // The log never moves, so no tree will have to describe it.
  const blocks = group.blockCount - (log?.group === group.number ? log.blockCount : 0);
  const none: Reservation = { asked: 0, used: 0 };
  const inodeLimits = limits(blockSizeBytes, INODE_RECORD_BYTES, INODE_KEY_AND_POINTER_BYTES);
  const refcountLimits = limits(
    blockSizeBytes,
    REFCOUNT_RECORD_BYTES,
    REFCOUNT_KEY_AND_POINTER_BYTES,
  );
  const reverseMapLimits = limits(
    blockSizeBytes,
    REVERSE_MAP_RECORD_BYTES,
    REVERSE_MAP_KEYS_AND_POINTER_BYTES,
  );
  const chunks = Math.floor((blocks * inodesPerBlock) / INODES_PER_CHUNK);
  return {
    refcount: features.hasReflink
      ? { asked: treeBlockCount(refcountLimits, blocks), used: group.refcountBlockCount }
      : none,
    freeInodes: features.hasFreeInodeTree
      ? { asked: treeBlockCount(inodeLimits, chunks), used: freeInodeTreeBlocks }
      : none,
    reverseMap: features.hasReverseMap
      ? {
          asked: Math.max(Math.floor(blocks / 100), treeBlockCount(reverseMapLimits, blocks)),
          used: group.reverseMapBlockCount,
        }
      : none,
  };
}

function limits(blockSizeBytes: number, recordBytes: number, innerBytes: number): TreeLimits {
  const room = blockSizeBytes - TREE_HEAD_BYTES;
  // A block is at least half full.
  return {
    leaf: Math.floor(Math.floor(room / recordBytes) / 2),
    inner: Math.floor(Math.floor(room / innerBytes) / 2),
  };
}

/** The blocks of a tree of `records` records whose blocks are as empty as they may be. */
function treeBlockCount({ leaf, inner }: TreeLimits, records: number): number {
  let level = Math.ceil(records / leaf);
  let total = level;
  while (level > 1) {
    level = Math.ceil(level / inner);
    total += level;
  }
  return total;
}
