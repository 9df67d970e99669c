// The names in a directory, in the order in which they were given.
// References: Linux 6.18 fs/btrfs/inode.c: btrfs_real_readdir, btrfs_lookup_dentry, new_simple_dir; tree-checker.c:
// check_dir_item.
import {
  type GuestBtrfsDirectoryEntry,
  parseBtrfsDirectoryEntry,
} from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { equals, u8, u64 } from '../../validation/guest.js';
import { isDots, kindOfEntry } from '../file-kinds.js';
import { type DirectoryEntry, type FileId, type FileNode, guestName } from '../files.js';
import { type BtrfsFile, itemPages } from './file-items.js';
import { ROOT_ITEM } from './roots.js';
import { FIRST_SUBVOLUME, type Item } from './tree.js';
import { type BtrfsVolume, fileId, tell, toldOf } from './volume-files.js';

export const DIR_INDEX = 96;
const INODE_ITEM = 1;
const SLASH = 0x2f;
const MODE_OF_STAND_IN = 0o040_755;

export async function* entryPages(
  volume: BtrfsVolume,
  file: BtrfsFile,
): AsyncGenerator<readonly DirectoryEntry[], void, undefined> {
  // The root tree has a directory of subvolumes, which no path leads to.
  if (file.kind !== 'directory' || volume.trees.isOwn(file.tree.number)) return;
  const id = fileId(file.tree.number, file.number);
  for await (const { items } of toldOf(volume, id, itemPages(volume, file, DIR_INDEX))) {
    yield items.flatMap((item) => {
      try {
        return entryOf(volume, file, parseBtrfsDirectoryEntry(item.data));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        tell(volume, id, error);
        return [];
      }
    });
  }
}

function entryOf(
  volume: BtrfsVolume,
  { tree, object, number }: BtrfsFile,
  entry: GuestBtrfsDirectoryEntry,
): DirectoryEntry {
  const { name } = entry;
  if (name.length === 0 || name.includes(SLASH) || name.includes(0) || isDots(name)) {
    const message = "btrfs: a directory's entry has a slash or a zero in its name, or none";
    throw new FormatError('INVALID', message);
  }
  const kind = kindOfEntry(u8(entry.type));
  const target = u64(entry.object);
  const isFile = equals(entry.objectType, INODE_ITEM);
  const isWrong = (isFile ? target : BigInt.asIntN(64, target)) < FIRST_SUBVOLUME;
  if (
    isWrong ||
    target > Number.MAX_SAFE_INTEGER ||
    !(isFile || equals(entry.objectType, ROOT_ITEM))
  ) {
    const message = `btrfs: an entry of directory ${number} leads to ${target}, where no file can be`;
    throw new FormatError('INVALID', message);
  }
  const id = isFile
    ? fileId(tree.number, Number(target))
    : subvolumeId(volume, tree.number, object, target);
  return { name: guestName(name), id, kind };
}

function subvolumeId(
  { trees }: BtrfsVolume,
  tree: bigint,
  directory: bigint,
  child: bigint,
): FileId {
  if (trees.isIn(child, tree, directory)) return fileId(child, Number(FIRST_SUBVOLUME));
  return fileId(tree, -Number(child));
}

/** The subvolume that an item of a directory names and that does not lie there; null for any other item. */
export function strayChild(volume: BtrfsVolume, tree: bigint, item: Item): number | null {
  if (item.type !== DIR_INDEX) return null;
  const { object, objectType } = parseBtrfsDirectoryEntry(item.data);
  if (!equals(objectType, ROOT_ITEM)) return null;
  const child = u64(object);
  const isPlace = child >= FIRST_SUBVOLUME && child <= Number.MAX_SAFE_INTEGER;
  return isPlace && !volume.trees.isIn(child, tree, item.object) ? Number(child) : null;
}

/**
 * In a snapshot the empty directory that stands for a subvolume within the original. It has no inode; the kernel gives all of
 * them number 2, and here each has the subvolume's with a minus.
 */
export function standIn(tree: bigint, child: number): FileNode {
  const nothing = { userId: 0, groupId: 0, generation: null };
  const times = { accessedNs: null, modifiedNs: null, changedNs: null, createdNs: null };
  return {
    id: fileId(tree, -child),
    kind: 'directory',
    system: null,
    sizeBytes: 0,
    allocatedBytes: 0,
    linkCount: 1,
    record: null,
    stat: () => ({ mode: MODE_OF_STAND_IN, ...nothing, ...times }),
    async *extents() {},
    async *entries() {},
  };
}
