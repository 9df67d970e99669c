// What the kernel asks of each item of a leaf that it reads: it takes no leaf with an item that contradicts itself, and a mount that
// needs the leaf is refused. Example: a name in a directory, under a key that is the checksum of another one.
// References: Linux 6.1 fs/btrfs/tree-checker.c: check_leaf_item and what it calls for the items of files and roots.
import {
  BtrfsReferenceFields,
  parseBtrfsInode,
  parseBtrfsReference,
} from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { big, int, unknownFlags } from '../../validation/guest.js';
import { typeOfMode } from '../file-kinds.js';
import { EXTENT_ITEM, METADATA_ITEM } from './allocation.js';
import type { Pool } from './devices.js';
import { checkEntries, checkFileExtent } from './entry-rules.js';
import {
  checkBlockGroup,
  checkChecksums,
  checkDataReferences,
  checkExtent,
  checkReference,
} from './extent-rules.js';
import { bad, isFile, type PlacedItem } from './placed-item.js';
import { ROOT_ITEM, rootOf } from './roots.js';
import { isSubvolume, type LeafCheck } from './tree.js';

/** @throws FormatError with what the kernel takes no leaf with. */
type Rule = (placed: PlacedItem) => void;

const INODE_ITEM = 1;
const INODE_REF = 12;
const XATTR_ITEM = 24;
const DIR_ITEM = 84;
const DIR_INDEX = 96;
const EXTENT_DATA = 108;
const EXTENT_CSUM = 128;
const TREE_BLOCK_REF = 176;
const EXTENT_DATA_REF = 178;
const SHARED_BLOCK_REF = 182;
const SHARED_DATA_REF = 184;
const BLOCK_GROUP_ITEM = 192;

const RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [INODE_ITEM, checkInode],
  [INODE_REF, checkNames],
  [XATTR_ITEM, checkEntries],
  [DIR_ITEM, checkEntries],
  [DIR_INDEX, checkEntries],
  [EXTENT_DATA, checkFileExtent],
  [EXTENT_CSUM, checkChecksums],
  [ROOT_ITEM, checkRootItem],
  [EXTENT_ITEM, checkExtent],
  [METADATA_ITEM, checkExtent],
  [TREE_BLOCK_REF, checkReference],
  [SHARED_BLOCK_REF, checkReference],
  [SHARED_DATA_REF, checkReference],
  [EXTENT_DATA_REF, checkDataReferences],
  [BLOCK_GROUP_ITEM, checkBlockGroup],
]);

/** Items whose neighbours in the tree of a subvolume are of the same file, since its inode comes first. */
const OF_A_FILE: ReadonlySet<number> = new Set([
  INODE_REF,
  XATTR_ITEM,
  DIR_ITEM,
  DIR_INDEX,
  EXTENT_DATA,
]);

const INODE_BYTES = 160;
const KNOWN_INODE_FLAGS = 0xfffn | (1n << 31n) | (0xffff_ffffn << 32n);
const MODE_MASK = 0o177777;
/** FIFO, character device, directory, block device, file, link, socket. */
const TYPES = [1, 2, 4, 6, 8, 10, 12];
const DIRECTORY = 4;
const REFERENCE_HEAD_BYTES = BtrfsReferenceFields.name.at;

/** The same filesystem, whose leaves are held to the rules when they are read. */
export function withLeafRules(pool: Pool): Pool {
  return { ...pool, reader: { ...pool.reader, checkLeaf } };
}

const checkLeaf: LeafCheck = (items, owner, superblock) => {
  items.forEach((item, i) => {
    const before = items[i - 1];
    try {
      if (before !== undefined && OF_A_FILE.has(item.type) && isSubvolume(owner)) {
        if (before.object !== item.object) throw bad('comes without its inode');
      }
      RULES.get(item.type)?.({ item, before, superblock });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const where = `item ${i} of a leaf, with the key ${item.object} ${item.type} ${item.offset}`;
      throw new FormatError(error.code, `${error.message} (${where})`, { data: error.data });
    }
  });
};

function checkInode({ item, superblock }: PlacedItem): void {
  const { object, offset, data } = item;
  if (!isFile(object) || offset !== 0n) throw bad('is no inode of a file');
  if (data.length !== INODE_BYTES) throw bad(`is an inode of ${data.length} bytes`);
  const { generation, transaction, mode, numLinks, flags } = parseBtrfsInode(data);
  const newest = superblock.generation + 1n;
  big(generation, 'btrfs: generation of an inode', 0n, newest);
  big(transaction, 'btrfs: transaction of an inode', 0n, newest);
  const type = typeOfMode(int(mode, 'btrfs: mode of an inode', 0, MODE_MASK));
  if (!TYPES.includes(type)) throw bad(`is an inode of type ${type}`);
  if (type === DIRECTORY) int(numLinks, 'btrfs: links of a directory', 0, 1);
  const unknown = unknownFlags(flags, KNOWN_INODE_FLAGS);
  if (unknown !== null) throw bad(`is an inode with unknown flags ${unknown}`);
}

/** The names of a file in a directory, one behind the other. */
function checkNames({ item: { data } }: PlacedItem): void {
  if (data.length <= REFERENCE_HEAD_BYTES) throw bad(`is a name of ${data.length} bytes`);
  for (let at = 0; at < data.length; ) {
    const rest = data.subarray(at);
    const { lenName } = parseBtrfsReference(rest);
    at += REFERENCE_HEAD_BYTES + int(lenName, 'btrfs: length of a name', 0, rest.length);
  }
}

function checkRootItem({ item, superblock }: PlacedItem): void {
  if (item.object === 0n) throw bad('is the root of a tree 0');
  rootOf({ superblock }, item, `the tree ${BigInt.asIntN(64, item.object)}`);
}
