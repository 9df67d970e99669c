// The items of a subvolume that a replay looks into: inodes, names, references.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h; fs/btrfs/dir-item.c, inode-item.c, hash in ctree.h:
// btrfs_name_hash, btrfs_extref_hash.
import {
  BtrfsDirectoryEntryFields,
  BtrfsExtendedReferenceFields,
  BtrfsInodeFields,
  BtrfsReferenceFields,
  parseBtrfsDirectoryEntry,
  parseBtrfsExtendedReference,
  parseBtrfsInode,
  parseBtrfsReference,
} from '../../../../generated/filesystem/btrfs.js';
import { crc32c } from '../../../bytes/crc32c.js';
import { type Field, setField } from '../../../kaitai/index.js';
import { int, u8, u16, u32, u64 } from '../../../validation/guest.js';
import type { Item, Key } from '../tree.js';
import type { Budget } from './budget.js';

export const INODE_ITEM = 1;
export const INODE_REF = 12;
export const INODE_EXTREF = 13;
export const XATTR_ITEM = 24;
export const ORPHAN_ITEM = 48;
export const DIR_LOG_INDEX = 72;
export const DIR_ITEM = 84;
export const DIR_INDEX = 96;
export const EXTENT_DATA = 108;
export const EXTENT_CSUM = 128;

/** BTRFS_ORPHAN_OBJECTID, BTRFS_TREE_LOG_FIXUP_OBJECTID, BTRFS_EXTENT_CSUM_OBJECTID */
export const ORPHANS = 2n ** 64n - 5n;
export const FIXUPS = 2n ** 64n - 7n;
export const CHECKSUMS = 2n ** 64n - 10n;

const ENTRY_HEAD_BYTES = BtrfsDirectoryEntryFields.name.at;
const REFERENCE_HEAD_BYTES = BtrfsReferenceFields.name.at;
const EXTENDED_HEAD_BYTES = BtrfsExtendedReferenceFields.name.at;
const NAME_SEED = 0xfffffffe;
const MODE_KIND = 0xf000;
const DIRECTORY = 0x4000;
const REGULAR = 0x8000;
export const TYPE_DIRECTORY = 2;
/** By the upper four bits of the mode: a regular file, a directory, devices, FIFO, socket, link. */
const ENTRY_TYPES: Readonly<Record<number, number>> = {
  8: 1,
  4: TYPE_DIRECTORY,
  2: 3,
  6: 4,
  1: 5,
  12: 6,
  10: 7,
};

export interface Inode {
  readonly sizeBytes: number;
  readonly linkCount: number;
  readonly isDirectory: boolean;
  readonly isRegular: boolean;
  readonly generation: bigint;
  /** BTRFS_FT_*, as names say it. */
  readonly entryType: number;
}

export function readInode(data: Uint8Array): Inode {
  const guest = parseBtrfsInode(data);
  const mode = u32(guest.mode);
  const kind = mode - (mode % 0x1000);
  return {
    sizeBytes: int(guest.lenContent, 'btrfs: size of an inode', 0, Number.MAX_SAFE_INTEGER),
    linkCount: u32(guest.numLinks),
    isDirectory: kind % (MODE_KIND + 1) === DIRECTORY,
    isRegular: kind % (MODE_KIND + 1) === REGULAR,
    generation: u64(guest.generation),
    entryType: ENTRY_TYPES[(kind % (MODE_KIND + 1)) / 0x1000] ?? 0,
  };
}

/** The bytes that a file's extents take, as st_blocks counts. In an item of the log the number means nothing. */
export function storedBytesOf(data: Uint8Array): number {
  const { numBytes } = parseBtrfsInode(data);
  return int(numBytes, 'btrfs: nbytes of an inode', 0, Number.MAX_SAFE_INTEGER);
}

/** The item of an inode with other numbers; a negative one becomes 0. */
export function changedInode(
  item: Item,
  {
    sizeBytes,
    storedBytes,
    linkCount,
  }: Partial<Pick<Inode, 'sizeBytes' | 'linkCount'>> & { readonly storedBytes?: number },
): Item {
  const data = Uint8Array.from(item.data);
  const set = (field: Field, value: number | undefined): void => {
    if (value !== undefined) setField(data, field, Math.max(0, value));
  };
  set(BtrfsInodeFields.lenContent, sizeBytes);
  set(BtrfsInodeFields.numBytes, storedBytes);
  set(BtrfsInodeFields.numLinks, linkCount);
  return { ...item, data };
}

/** A name; in `bytes` as it lies in the item. */
export interface Name {
  /** Bytes as characters, to compare with. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The key that tells it from the other names of its item. */
  readonly place: string;
}

export interface Entry extends Name {
  readonly target: Key;
  readonly type: number;
}

export interface Reference extends Name {
  readonly directory: bigint;
  readonly index: bigint;
}

/** The names of a directory's item, or of one of extended attributes. @throws FormatError LIMIT */
export function readEntries({ data }: Item, budget: Budget): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < data.length; ) {
    const guest = parseBtrfsDirectoryEntry(data.subarray(at));
    const valueBytes = u16(guest.lenValue);
    const lengthBytes = ENTRY_HEAD_BYTES + guest.name.length + valueBytes;
    const name = Buffer.from(guest.name).toString('latin1');
    entries.push({
      name,
      place: name,
      bytes: data.subarray(at, at + lengthBytes),
      target: {
        object: u64(guest.object),
        type: u8(guest.objectType),
        offset: u64(guest.objectOffset),
      },
      type: u8(guest.type),
    });
    at += lengthBytes;
  }
  budget.read(entries.length);
  return entries;
}

/** The names of an inode's item of references, extended or not. @throws FormatError LIMIT */
export function readReferences(item: Item, budget: Budget): readonly Reference[] {
  const { data } = item;
  const references: Reference[] = [];
  for (let at = 0; at < data.length; ) {
    const reference = readReference(item, data.subarray(at));
    references.push(reference);
    at += reference.bytes.length;
  }
  budget.read(references.length);
  return references;
}

function readReference(key: Key, data: Uint8Array): Reference {
  if (key.type === INODE_REF) {
    const guest = parseBtrfsReference(data);
    const name = Buffer.from(guest.name).toString('latin1');
    return {
      directory: key.offset,
      index: u64(guest.index),
      name,
      place: placeOf(key.offset, name),
      bytes: data.subarray(0, REFERENCE_HEAD_BYTES + guest.name.length),
    };
  }
  const guest = parseBtrfsExtendedReference(data);
  const directory = u64(guest.directory);
  const name = Buffer.from(guest.name).toString('latin1');
  return {
    directory,
    index: u64(guest.index),
    name,
    place: placeOf(directory, name),
    bytes: data.subarray(0, EXTENDED_HEAD_BYTES + guest.name.length),
  };
}

/** A directory's entry as the replay adds it: all fields but name, inode and kind are zero. */
export function makeEntry(inode: bigint, name: string, type: number): Uint8Array {
  const text = Buffer.from(name, 'latin1');
  const bytes = Buffer.alloc(ENTRY_HEAD_BYTES + text.length);
  setField(bytes, BtrfsDirectoryEntryFields.object, inode);
  setField(bytes, BtrfsDirectoryEntryFields.objectType, INODE_ITEM);
  setField(bytes, BtrfsDirectoryEntryFields.lenName, text.length);
  setField(bytes, BtrfsDirectoryEntryFields.type, type);
  text.copy(bytes, ENTRY_HEAD_BYTES);
  return bytes;
}

export function makeReference(index: bigint, name: string): Uint8Array {
  const text = Buffer.from(name, 'latin1');
  const bytes = Buffer.alloc(REFERENCE_HEAD_BYTES + text.length);
  setField(bytes, BtrfsReferenceFields.index, index);
  setField(bytes, BtrfsReferenceFields.lenName, text.length);
  text.copy(bytes, REFERENCE_HEAD_BYTES);
  return bytes;
}

/** The place of a reference. */
export function placeOf(directory: bigint, name: string): string {
  return `${directory} ${name}`;
}

/** Where a directory has the item of a name. */
export function entryKey(directory: bigint, name: string): Key {
  const hash = crc32c(NAME_SEED, Buffer.from(name, 'latin1'));
  return { object: directory, type: DIR_ITEM, offset: BigInt(hash) };
}

/** Where an inode has the extended reference of a name. */
export function extendedKey(inode: bigint, directory: bigint, name: string): Key {
  const seed = Number(directory % 2n ** 32n);
  const hash = crc32c(seed, Buffer.from(name, 'latin1'));
  return { object: inode, type: INODE_EXTREF, offset: BigInt(hash) };
}

export function isEntryOf({ target }: Entry, inode: bigint): boolean {
  return target.object === inode && target.type === INODE_ITEM;
}
