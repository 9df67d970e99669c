// What the kernel asks of the names in a directory, of extended attributes, and of the extents of a file, when it reads a leaf.
// References: Linux 6.1 fs/btrfs/tree-checker.c: check_dir_item, check_root_key, check_inode_key, check_extent_data_item.
import {
  BtrfsDirectoryEntryFields,
  BtrfsFileExtentFields,
  type GuestBtrfsDirectoryEntry,
  parseBtrfsDirectoryEntry,
  parseBtrfsFileExtent,
  parseBtrfsFileExtentHead,
} from '../../../generated/filesystem/btrfs.js';
import { crc32c } from '../../bytes/crc32c.js';
import { big, equals, hasFlag, int } from '../../validation/guest.js';
import { bad, isFile, type PlacedItem } from './placed-item.js';
import { HEAD_BYTES, ITEM_BYTES, type Item, isSubvolume, TOP, U64_MAX } from './tree.js';

const INODE_ITEM = 1;
const XATTR_ITEM = 24;
const DIR_INDEX = 96;
const EXTENT_DATA = 108;
const ROOT_ITEM = 132;
const ENTRY_HEAD_BYTES = BtrfsDirectoryEntryFields.name.at;
/** BTRFS_FT_XATTR */
const ATTRIBUTE = 8;
const MAX_NAME_BYTES = 255;
/** Of a name's hash: ~1. */
const NAME_SEED = 0xffff_fffe;
const INLINE = 0;
const MAX_EXTENT_TYPE = 2;
/** zlib, LZO, zstd */
const MAX_COMPRESSION = 3;
const EXTENT_HEAD_BYTES = BtrfsFileExtentFields.address.at;
const EXTENT_BYTES = EXTENT_HEAD_BYTES + 4 * 8;

/** Entries whose names have the same hash are in one item. */
export function checkEntries({ item, superblock }: PlacedItem): void {
  const { type, offset, data } = item;
  const mostBytes = superblock.nodeBytes - HEAD_BYTES - ITEM_BYTES - ENTRY_HEAD_BYTES;
  for (let at = 0; at < data.length; ) {
    const entry = parseBtrfsDirectoryEntry(data.subarray(at));
    checkTarget(entry, type);
    const isAttribute = equals(entry.type, ATTRIBUTE);
    int(entry.type, 'btrfs: kind of an entry', 0, ATTRIBUTE);
    if (isAttribute !== (type === XATTR_ITEM)) throw bad('has an entry of another kind');
    const nameBytes = int(entry.lenName, 'btrfs: length of a name', 0, MAX_NAME_BYTES);
    const mostValueBytes = isAttribute ? mostBytes - nameBytes : 0;
    const valueBytes = int(entry.lenValue, 'btrfs: length of a value', 0, mostValueBytes);
    at += ENTRY_HEAD_BYTES + nameBytes + valueBytes;
    if (at > data.length) throw bad(`has ${data.length} bytes, and its entries ${at}`);
    if (type === DIR_INDEX) continue;
    const hash = crc32c(NAME_SEED, entry.name);
    if (offset !== BigInt(hash))
      throw bad(`has a name whose hash is ${hash}, under the key ${offset}`);
  }
}

/** What an entry leads to: an inode, or a subvolume; of an attribute nothing. */
function checkTarget(entry: GuestBtrfsDirectoryEntry, type: number): void {
  const { object, objectType, objectOffset } = entry;
  const what = 'btrfs: where a name leads to';
  if (type === XATTR_ITEM) {
    if ([object, objectType, objectOffset].every((part) => equals(part, 0))) return;
    throw bad('is an attribute that leads somewhere');
  }
  if (equals(objectType, ROOT_ITEM)) {
    if (isSubvolume(big(object, what, TOP, U64_MAX))) return;
    throw bad('leads to a tree that is no subvolume');
  }
  const isInode = equals(objectType, INODE_ITEM) || equals(objectType, 0);
  if (!isInode) throw bad('leads to something that is neither an inode nor a subvolume');
  if (isFile(big(object, what, 1n, U64_MAX)) && equals(objectOffset, 0)) return;
  throw bad('leads to something that is no inode of a file');
}

export function checkFileExtent({ item, before, superblock }: PlacedItem): void {
  const { offset, data } = item;
  const { sectorBytes } = superblock;
  if (offset % BigInt(sectorBytes) !== 0n) throw bad(`is an extent at ${offset} of a file`);
  const head = parseBtrfsFileExtentHead(data);
  int(head.type, 'btrfs: type of an extent of a file', 0, MAX_EXTENT_TYPE);
  int(head.compression, 'btrfs: compression of an extent of a file', 0, MAX_COMPRESSION);
  int(head.encryption, 'btrfs: encryption of an extent of a file', 0, 0);
  if (equals(head.type, INLINE)) {
    if (offset !== 0n) throw bad(`has content of a file in it, at ${offset}`);
    const isPlain = equals(head.compression, 0);
    if (!isPlain || equals(head.lenContent, data.length - EXTENT_HEAD_BYTES)) return;
    throw bad('has content of a file in it, of another length than its own');
  }
  if (data.length !== EXTENT_BYTES) throw bad(`is an extent of a file of ${data.length} bytes`);
  const extent = parseBtrfsFileExtent(data);
  const { address, lenExtent, lenContent, ofsInExtent, lenStretch } = extent;
  for (const place of [address, lenExtent, lenContent, ofsInExtent, lenStretch]) {
    if (hasFlag(place, sectorBytes - 1)) throw bad('is an extent within a sector');
  }
  big(lenStretch, 'btrfs: length of an extent of a file', 0n, U64_MAX - offset);
  if (before?.type !== EXTENT_DATA || before.object !== item.object) return;
  if (endOf(before, sectorBytes) > offset)
    throw bad('is an extent of a file that overlaps another');
}

/** Where in its file an extent ends. */
function endOf({ data, offset }: Item, sectorBytes: number): bigint {
  const { type, lenContent } = parseBtrfsFileExtentHead(data);
  const isInline = equals(type, INLINE);
  const length = isInline ? lenContent : parseBtrfsFileExtent(data).lenStretch;
  const lengthBytes = big(length, 'btrfs: length of an extent of a file', 0n, U64_MAX - offset);
  const unit = BigInt(sectorBytes);
  return offset + ((lengthBytes + unit - 1n) / unit) * unit;
}
