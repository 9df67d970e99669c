// An item of a leaf as the rules for it see it, and what they say of one that breaks them.
// References: Linux 6.1 fs/btrfs/tree-checker.c.
import { FormatError } from '../../errors.js';
import type { Superblock } from './superblock.js';
import { FIRST_SUBVOLUME, type Item } from './tree.js';

/** BTRFS_ROOT_TREE_DIR_OBJECTID, BTRFS_FREE_INO_OBJECTID, BTRFS_LAST_FREE_OBJECTID */
const ROOTS_DIRECTORY = 6n;
const FREE_INODES = 2n ** 64n - 12n;
const LAST_FILE = 2n ** 64n - 256n;

export interface PlacedItem {
  readonly item: Item;
  /** The one before it in the leaf. */
  readonly before: Item | undefined;
  readonly superblock: Superblock;
}

/** The error of an item with which the kernel takes no leaf. */
export function bad(what: string): FormatError {
  return new FormatError('INVALID', `btrfs: an item ${what}; the kernel takes no leaf with it`);
}

/** Whether a number is that of a file. */
export function isFile(object: bigint): boolean {
  if (object >= FIRST_SUBVOLUME && object <= LAST_FILE) return true;
  return object === ROOTS_DIRECTORY || object === FREE_INODES;
}
