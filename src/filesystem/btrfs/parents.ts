// The directories that have a name of a file, by the references of its inode; of a subvolume the one that it lies in.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: struct btrfs_inode_ref, struct btrfs_inode_extref; fs/btrfs/backref.c:
// iterate_inode_refs.
import {
  BtrfsExtendedReferenceFields,
  parseBtrfsExtendedReference,
} from '../../../generated/filesystem/btrfs.js';
import { int } from '../../validation/guest.js';
import type { FileId } from '../files.js';
import { eachItem, FIRST_SUBVOLUME, firstKey, type Item, lastKey } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';

const INODE_REF = 12;
const INODE_EXTREF = 13;
const HEAD_BYTES = BtrfsExtendedReferenceFields.name.at;

/** null: of a directory that stands for a subvolume. @throws FormatError */
export async function parentsOf(
  { trees, recovered }: BtrfsVolume,
  id: FileId,
): Promise<readonly FileId[] | null> {
  const number = BigInt.asUintN(64, BigInt(id.tree));
  if (id.number === Number(FIRST_SUBVOLUME)) {
    const above = trees.above(number);
    return above === null ? [] : [fileId(above.tree, Number(above.directory))];
  }
  if (id.number < 0) return null;
  const tree = await trees.tree(number);
  if (tree === null) return [];
  const found = new Set<number>();
  const object = BigInt(id.number);
  const [from, to] = [firstKey(object, INODE_REF), lastKey(object, INODE_EXTREF)];
  await eachItem(recovered.pool.reader, tree.root, from, to, (item) => {
    for (const directory of directoriesOf(item)) found.add(directory);
  });
  return [...found].map((directory) => fileId(number, directory));
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
