// The names in a directory, in the order in which they were given.
// References: Linux 6.18 fs/btrfs/inode.c: btrfs_real_readdir, btrfs_lookup_dentry, new_simple_dir; tree-checker.c:
// check_dir_item.
import {
  type GuestBtrfsDirectoryEntry,
  parseBtrfsDirectoryEntry,
} from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { big, equals, int } from '../../validation/guest.js';
import { kindOfEntry, nameFault } from '../file-kinds.js';
import { type DirectoryEntry, type FileId, type FileNode, guestName } from '../files.js';
import { tell, toldOf } from '../told.js';
import { type BtrfsFile, itemPages } from './file-items.js';
import { ROOT_ITEM } from './roots.js';
import { FIRST_SUBVOLUME, findItem, firstKey, type Item } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';

export const DIR_INDEX = 96;
const INODE_ITEM = 1;
/** BTRFS_FT_XATTR */
const MAX_TYPE = 8;
const MODE_OF_STAND_IN = 0o040_755;
/** A position in a directory has a sign (loff_t). */
const MAX_INDEX = 2n ** 63n - 1n;

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
        tell(volume, id, error);
        return [];
      }
    });
  }
}

/** The index at which a name stands in its directory. */
export function readIndex(index: GuestInteger): bigint {
  return big(index, 'btrfs: index of a name', 0n, MAX_INDEX);
}

/** The name at an index of a directory; null: there is none. @throws FormatError for a damaged one; LIMIT. */
export async function entryAt(
  volume: BtrfsVolume,
  place: { readonly tree: bigint; readonly directory: bigint },
  index: bigint,
): Promise<DirectoryEntry | null> {
  const tree = await volume.trees.tree(place.tree);
  if (tree === null) return null;
  const { reader } = volume.recovered.pool;
  const key = firstKey(place.directory, DIR_INDEX, index);
  const item = await findItem(reader, tree.root, key);
  if (item === null) return null;
  const directory = { tree, object: place.directory, number: Number(place.directory) };
  return entryOf(volume, directory, parseBtrfsDirectoryEntry(item.data));
}

function entryOf(
  volume: BtrfsVolume,
  { tree, object, number }: Pick<BtrfsFile, 'tree' | 'object' | 'number'>,
  entry: GuestBtrfsDirectoryEntry,
): DirectoryEntry {
  const { name } = entry;
  const fault = nameFault('btrfs', name);
  if (fault !== null) throw fault;
  const kind = kindOfEntry(int(entry.type, 'btrfs: type of a name', 0, MAX_TYPE));
  const target = targetOf(entry);
  const isFile = equals(entry.objectType, INODE_ITEM);
  if (!isFile && !equals(entry.objectType, ROOT_ITEM)) {
    const message = `btrfs: an entry of directory ${number} leads neither to a file nor to a subvolume`;
    throw new FormatError('INVALID', message);
  }
  const id = isFile
    ? fileId(tree.number, Number(target))
    : subvolumeId(volume, tree.number, object, target);
  return { name: guestName(name), id, kind };
}

/** The number of the inode or of the subvolume. */
function targetOf({ object }: GuestBtrfsDirectoryEntry): bigint {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return big(object, 'btrfs: where a name leads', FIRST_SUBVOLUME, most);
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
  const entry = parseBtrfsDirectoryEntry(item.data);
  if (!equals(entry.objectType, ROOT_ITEM)) return null;
  const child = targetOf(entry);
  return volume.trees.isIn(child, tree, item.object) ? null : Number(child);
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
