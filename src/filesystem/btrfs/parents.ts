// The directories that have a name of a file, and the names themselves, by the references of its inode; of a subvolume the directory that
// it lies in. A reference says at which index of the directory the name stands.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: struct btrfs_inode_ref, struct btrfs_inode_extref; fs/btrfs/backref.c:
// iterate_inode_refs.
import {
  BtrfsExtendedReferenceFields,
  BtrfsReferenceFields,
  parseBtrfsExtendedReference,
  parseBtrfsReference,
} from '../../../generated/filesystem/btrfs.js';
import { VirtDfError } from '../../errors.js';
import { big } from '../../validation/guest.js';
import { orDoubt } from '../doubts.js';
import type { FileId, FileName } from '../files.js';
import { entryAt, readIndex } from './file-entries.js';
import type { BtrfsFile } from './file-items.js';
import { eachItem, FIRST_SUBVOLUME, firstKey, type Item, lastKey } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';

const INODE_REF = 12;
const INODE_EXTREF = 13;
const HEAD_BYTES = BtrfsReferenceFields.name.at;
const EXTENDED_HEAD_BYTES = BtrfsExtendedReferenceFields.name.at;
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** Where a name stands. */
interface Reference {
  readonly tree: bigint;
  readonly directory: bigint;
  readonly index: bigint;
  /** null: only the directory tells. */
  readonly name: Uint8Array | null;
}

/** None where that is damaged. */
export async function parentsOf(volume: BtrfsVolume, file: BtrfsFile): Promise<readonly FileId[]> {
  const said = await orDoubt(() => referencesOf(volume, file));
  if (said instanceof VirtDfError) return [];
  const directories = new Map(said.map((one) => [one.directory, one]));
  return [...directories.values()].map(idOf);
}

function idOf({ tree, directory }: Reference): FileId {
  return fileId(tree, Number(directory));
}

/** Each is looked for in its directory; null: one of them is not there, or damaged. */
export async function namesOf(
  volume: BtrfsVolume,
  file: BtrfsFile,
): Promise<readonly FileName[] | null> {
  const names = await orDoubt(async () => {
    const found: FileName[] = [];
    for (const reference of await referencesOf(volume, file)) {
      const name = await nameOf(volume, file, reference);
      if (name === null) return null;
      found.push(name);
    }
    return found;
  });
  return names instanceof VirtDfError ? null : names;
}

async function nameOf(
  volume: BtrfsVolume,
  file: BtrfsFile,
  reference: Reference,
): Promise<FileName | null> {
  const entry = await entryAt(volume, reference, reference.index);
  if (entry === null) return null;
  const own = fileId(file.tree.number, file.number);
  if (entry.id.tree !== own.tree || entry.id.number !== own.number) return null;
  const { name } = reference;
  if (name !== null && Buffer.compare(name, entry.name.bytes) !== 0) return null;
  return { directory: idOf(reference), entry };
}

async function referencesOf(
  { trees, recovered }: BtrfsVolume,
  { tree, object }: BtrfsFile,
): Promise<readonly Reference[]> {
  if (object === FIRST_SUBVOLUME) {
    const above = trees.above(tree.number);
    return above === null ? [] : [{ ...above, index: readIndex(above.index), name: null }];
  }
  const found: Reference[] = [];
  const [from, to] = [firstKey(object, INODE_REF), lastKey(object, INODE_EXTREF)];
  await eachItem(recovered.pool.reader, tree.root, from, to, (item) => {
    for (const one of referencesIn(item)) found.push({ tree: tree.number, ...one });
  });
  return found;
}

/** Names in one directory are in one item; of others those whose hashes are the same. */
function* referencesIn({ type, offset, data }: Item): Generator<Omit<Reference, 'tree'>> {
  for (let at = 0; at < data.length; ) {
    if (type === INODE_REF) {
      const { index, name } = parseBtrfsReference(data.subarray(at));
      yield { directory: offset, index: readIndex(index), name };
      at += HEAD_BYTES + name.length;
    } else {
      const { directory, index, name } = parseBtrfsExtendedReference(data.subarray(at));
      const number = big(directory, 'btrfs: directory of a name', 0n, MOST);
      yield { directory: number, index: readIndex(index), name };
      at += EXTENDED_HEAD_BYTES + name.length;
    }
  }
}
