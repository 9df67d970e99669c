// What the kernel asks of the items of the trees of extents and of checksums, when it reads a leaf.
// References: Linux 6.1 fs/btrfs/tree-checker.c: check_extent_item, check_simple_keyed_refs, check_extent_data_ref,
// check_block_group_item, check_csum_item.
import {
  BtrfsDataReferenceFields,
  BtrfsExtentFields,
  BtrfsExtentReferenceFields,
  BtrfsOldNodeFields,
  type GuestBtrfsExtent,
  parseBtrfsBlockGroup,
  parseBtrfsDataReference,
  parseBtrfsExtent,
  parseBtrfsExtentReference,
  parseBtrfsOldNode,
  parseBtrfsSharedReference,
} from '../../../generated/filesystem/btrfs.js';
import { big, equals, hasFlag, int, u32 } from '../../validation/guest.js';
import { EXTENT_ITEM, METADATA_ITEM } from './allocation.js';
import { CHUNKS_OBJECT } from './devices.js';
import { bad, type PlacedItem } from './placed-item.js';
import { readType } from './profile.js';
import { type Item, U64_MAX } from './tree.js';

const EXTENT_CSUM = 128;
const OWNER_REF = 172;
const TREE_REF = 176;
const DATA_REF = 178;
const SHARED_TREE_REF = 182;
const SHARED_DATA_REF = 184;
/** BTRFS_EXTENT_CSUM_OBJECTID */
const CHECKSUMS = 2n ** 64n - 10n;
const DATA = 1n;
const NODE = 2n;
/** BTRFS_BLOCK_FLAG_FULL_BACKREF */
const FULL_REFERENCES = 0x100n;
const MAX_LEVEL = 7;
const EXTENT_BYTES = BtrfsExtentFields.flags.at + 8;
const OLD_NODE_BYTES = BtrfsOldNodeFields.level.at + 1;
const REFERENCE_BYTES = BtrfsExtentReferenceFields.offset.at + 8;
const COUNT_BYTES = 4;
const DATA_REFERENCE_BYTES = BtrfsDataReferenceFields.count.at + COUNT_BYTES;
const BLOCK_GROUP_BYTES = 24;

/** Bytes of a reference that lies in the item, by its type. */
const REFERENCES: ReadonlyMap<number, number> = new Map([
  [OWNER_REF, REFERENCE_BYTES],
  [TREE_REF, REFERENCE_BYTES],
  [SHARED_TREE_REF, REFERENCE_BYTES],
  [SHARED_DATA_REF, REFERENCE_BYTES + COUNT_BYTES],
  [DATA_REF, 1 + DATA_REFERENCE_BYTES],
]);

export function checkExtent(placed: PlacedItem): void {
  const { item, before, superblock } = placed;
  const { object, type, data } = item;
  const { sectorBytes, nodeBytes, generation } = superblock;
  if (object % BigInt(sectorBytes) !== 0n) throw bad('is an extent within a sector');
  const extent = parseBtrfsExtent(data);
  big(extent.generation, 'btrfs: generation of an extent', 0n, generation + 1n);
  const isNode = hasFlag(extent.flags, NODE);
  if (isNode === hasFlag(extent.flags, DATA)) throw bad('is an extent of no kind, or of two');
  if (isNode) checkNode(item, nodeBytes);
  else checkData(item, extent, sectorBytes);
  const isOldNode = isNode && type === EXTENT_ITEM;
  const count = countReferences(placed, EXTENT_BYTES + (isOldNode ? OLD_NODE_BYTES : 0));
  big(extent.numReferences, 'btrfs: references of an extent', count, U64_MAX);
  if (before !== undefined && endOf(before, nodeBytes) > object) {
    throw bad('is an extent that overlaps the one before it');
  }
}

function checkNode({ type, offset, data }: Item, nodeBytes: number): void {
  if (type === METADATA_ITEM) {
    if (offset > MAX_LEVEL) throw bad(`is a node of level ${offset}`);
    return;
  }
  if (offset !== BigInt(nodeBytes)) throw bad(`is a node of ${offset} bytes`);
  int(parseBtrfsOldNode(data.subarray(EXTENT_BYTES)).level, 'btrfs: level of a node', 0, MAX_LEVEL);
}

function checkData({ type, offset }: Item, { flags }: GuestBtrfsExtent, sectorBytes: number): void {
  if (type !== EXTENT_ITEM) throw bad('is one of nodes, and says that it is of data');
  if (offset % BigInt(sectorBytes) !== 0n) throw bad(`is an extent of ${offset} bytes`);
  if (hasFlag(flags, FULL_REFERENCES)) throw bad('is an extent of data with a flag of nodes');
}

/** Where an extent ends; 0 of what is none. */
function endOf({ object, type, offset }: Item, nodeBytes: number): bigint {
  if (type === METADATA_ITEM) return object + BigInt(nodeBytes);
  return type === EXTENT_ITEM ? object + offset : 0n;
}

/** References in the item itself, from a byte of it on. */
function countReferences({ item: { data }, superblock }: PlacedItem, from: number): bigint {
  let count = 0n;
  for (let at = from; at < data.length; ) {
    const reference = data.subarray(at);
    const { type } = parseBtrfsExtentReference(reference);
    const number = int(type, 'btrfs: type of a reference', OWNER_REF, SHARED_DATA_REF);
    const lengthBytes = REFERENCES.get(number);
    if (lengthBytes === undefined) throw bad(`has a reference of the type ${number}`);
    if (lengthBytes > reference.length) throw bad('ends within a reference');
    count += countOf(number, reference, superblock.sectorBytes);
    at += lengthBytes;
  }
  return count;
}

/** How many references one is. */
function countOf(type: number, reference: Uint8Array, sectorBytes: number): bigint {
  if (type === OWNER_REF) return 0n;
  if (type === TREE_REF) return 1n;
  if (type === DATA_REF) return dataReferences(reference.subarray(1), sectorBytes);
  const { offset } = parseBtrfsExtentReference(reference);
  if (hasFlag(offset, sectorBytes - 1)) throw bad('has a reference of a node within a sector');
  if (type === SHARED_TREE_REF) return 1n;
  return BigInt(u32(parseBtrfsSharedReference(reference.subarray(REFERENCE_BYTES)).count));
}

function dataReferences(bytes: Uint8Array, sectorBytes: number): bigint {
  const { offset, count } = parseBtrfsDataReference(bytes);
  if (hasFlag(offset, sectorBytes - 1)) throw bad('has a reference from within a sector of a file');
  return BigInt(u32(count));
}

/** One of an extent that has too many to hold them in its own item. */
export function checkReference({ item, superblock }: PlacedItem): void {
  const { object, type, offset, data } = item;
  const unit = BigInt(superblock.sectorBytes);
  const lengthBytes = type === SHARED_DATA_REF ? COUNT_BYTES : 0;
  if (data.length !== lengthBytes) throw bad(`is a reference of ${data.length} bytes`);
  const isShared = type !== TREE_REF;
  if (object % unit === 0n && !(isShared && offset % unit !== 0n)) return;
  throw bad('is a reference within a sector');
}

export function checkDataReferences({ item, superblock }: PlacedItem): void {
  const { object, data } = item;
  const unit = BigInt(superblock.sectorBytes);
  if (object % unit !== 0n || data.length % DATA_REFERENCE_BYTES !== 0) {
    throw bad(`has references of ${data.length} bytes to ${object}`);
  }
  for (let at = 0; at < data.length; at += DATA_REFERENCE_BYTES) {
    dataReferences(data.subarray(at), superblock.sectorBytes);
  }
}

export function checkBlockGroup({ item: { offset, data } }: PlacedItem): void {
  if (data.length !== BLOCK_GROUP_BYTES) throw bad(`is a block group of ${data.length} bytes`);
  const { numUsedBytes, chunkObject, flags } = parseBtrfsBlockGroup(data);
  if (!equals(chunkObject, CHUNKS_OBJECT)) throw bad('is a block group of another kind of chunk');
  big(numUsedBytes, 'btrfs: used of a block group', 0n, offset);
  readType(flags, 'a block group');
}

export function checkChecksums({ item, before, superblock }: PlacedItem): void {
  const { sectorBytes, checksumBytes } = superblock;
  const { object, offset, data } = item;
  if (object !== CHECKSUMS || offset % BigInt(sectorBytes) !== 0n) {
    throw bad(`has checksums of data at ${offset}`);
  }
  if (data.length % checksumBytes !== 0) throw bad(`has checksums of ${data.length} bytes`);
  if (before?.type !== EXTENT_CSUM) return;
  const sectors = Math.floor(before.data.length / checksumBytes);
  if (before.offset + BigInt(sectors * sectorBytes) > offset) {
    throw bad('has checksums of data that the item before it has as well');
  }
}
