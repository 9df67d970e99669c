// The state of one subvolume's replay (its log, the trees that it changes, names and links that are put off), and three steps
// that files, names and extents share: an item is taken over, a file's stored bytes change, its links are counted again.
// References: Linux 6.18 fs/btrfs/tree-log.c: struct walk_control, overwrite_item, link_to_fixup_dir.
import type { Item, Key } from '../tree.js';
import { changeItem, find, insert, overwrite, touch } from './edit.js';
import {
  changedInode,
  type Entry,
  FIXUPS,
  INODE_ITEM,
  ORPHAN_ITEM,
  type Reference,
  storedBytesOf,
} from './items.js';
import type { NameCache } from './name-cache.js';
import type { EditTree } from './node.js';
import type { References } from './references.js';

export interface Log {
  readonly items: readonly Item[];
  /** null if the log has no item with this key. */
  get(key: Key): Item | null;
}

/** One subvolume while its log is replayed: the trees that are changed, and the work that is put off to the end. */
export interface SubvolumeReplay {
  readonly log: Log;
  readonly tree: EditTree;
  readonly checksums: EditTree;
  readonly extents: EditTree;
  readonly references: References;
  /** Notes that a stretch of addresses is no longer free. */
  readonly takeSpace: (address: number, sizeBytes: number) => Promise<void>;
  readonly sectorBytes: number;
  readonly checksumBytes: number;
  readonly hasNoHoles: boolean;
  /** Names that are added to directories by index, later and together. */
  readonly pendingNames: Map<bigint, Item[]>;
  /** Counted anew at the end. */
  readonly linkCounts: Map<bigint, number>;
  /** Names of directories' items. */
  readonly entries: NameCache<Entry>;
  /** Names of inodes' items. */
  readonly links: NameCache<Reference>;
}

/** Has the links of an inode counted at the end. */
export async function countAgain({ tree }: SubvolumeReplay, inode: bigint): Promise<void> {
  const key = { object: FIXUPS, type: ORPHAN_ITEM, offset: inode };
  await insert(tree, { ...key, data: new Uint8Array(0) });
  await touch(tree, { object: inode, type: INODE_ITEM, offset: 0n });
}

/** Puts an item of the log into the tree, unless it is there as it is. */
export async function replayItem({ tree }: SubvolumeReplay, item: Item): Promise<void> {
  const before = await find(tree, item);
  if (before === null || !Buffer.from(before.data).equals(item.data)) await overwrite(tree, item);
}

/** Adds to the bytes that a file stores: -4096 for a block that it no longer has. */
export async function changeStored(
  { tree }: Pick<SubvolumeReplay, 'tree'>,
  inode: bigint,
  bytes: number,
): Promise<void> {
  await changeItem(tree, { object: inode, type: INODE_ITEM, offset: 0n }, (item) =>
    changedInode(item, { storedBytes: storedBytesOf(item.data) + bytes }),
  );
}
