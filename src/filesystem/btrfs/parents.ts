// The directories that have a name of a file, by the references of its inode; of a subvolume the one that it lies in.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: struct btrfs_inode_ref, struct btrfs_inode_extref; fs/btrfs/backref.c:
// iterate_inode_refs.
import {
  BtrfsExtendedReferenceFields,
  parseBtrfsExtendedReference,
} from '../../../generated/filesystem/btrfs.js';
import { VirtDfError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import type { FileId } from '../files.js';
import type { BtrfsFile } from './file-items.js';
import { eachItem, FIRST_SUBVOLUME, firstKey, type Item, lastKey } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';

const INODE_REF = 12;
const INODE_EXTREF = 13;
const HEAD_BYTES = BtrfsExtendedReferenceFields.name.at;

/** None where that is damaged. */
export async function parentsOf(volume: BtrfsVolume, file: BtrfsFile): Promise<readonly FileId[]> {
  const said = await orDoubt(() => saidParents(volume, file));
  return said instanceof VirtDfError ? [] : said;
}

async function saidParents(
  { trees, recovered }: BtrfsVolume,
  { tree, object }: BtrfsFile,
): Promise<readonly FileId[]> {
  if (object === FIRST_SUBVOLUME) {
    const above = trees.above(tree.number);
    return above === null ? [] : [fileId(above.tree, Number(above.directory))];
  }
  const found = new Set<number>();
  const [from, to] = [firstKey(object, INODE_REF), lastKey(object, INODE_EXTREF)];
  await eachItem(recovered.pool.reader, tree.root, from, to, (item) => {
    for (const directory of directoriesOf(item)) found.add(directory);
  });
  return [...found].map((directory) => fileId(tree.number, directory));
}

/** Names in one directory are in one item; of others those whose hashes are the same. */
function* directoriesOf({ type, offset, data }: Item): Generator<number> {
  if (type === INODE_REF) {
    yield Number(offset);
    return;
  }
  for (let at = 0; at < data.length; ) {
    const { directory, name } = parseBtrfsExtendedReference(data.subarray(at));
    yield int(directory, 'btrfs: directory of a name', 0, Number.MAX_SAFE_INTEGER);
    at += HEAD_BYTES + name.length;
  }
}
