// Which files have given bytes of the devices, by the references that the extent tree keeps of each extent: the inode, or the leaf
// that refers to it. A snapshot has the leaves of its original, and no reference of its own: whoever has the inode of the same
// number in any subvolume may be an owner.
// References: Linux 6.18 fs/btrfs/backref.c: add_inline_refs, add_keyed_refs, iterate_inodes_from_logical;
// include/uapi/linux/btrfs_tree.h: struct btrfs_extent_inline_ref.
import {
  parseBtrfsDataReference,
  parseBtrfsExtent,
  parseBtrfsExtentReference,
} from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { MAX_OWNERS } from '../../limits.js';
import { big, equals, hasFlag, int } from '../../validation/guest.js';
import type { FileId, VolumeRange } from '../files.js';
import { EXTENT_BYTES, EXTENT_ITEM, METADATA_ITEM } from './allocation.js';
import { STRIPE_BYTES } from './chunks.js';
import { devicePartsOf } from './free-ranges.js';
import { EXTENT_TREE, type Root } from './roots.js';
import { EXTENT_DATA } from './spread-extents.js';
import { readStretch } from './stretch.js';
import { columnCount, type Interval } from './stripe-ranges.js';
import { compareKeys, eachItem, firstKey, type Item, lastKey, readNode, U64_MAX } from './tree.js';
import { type BtrfsVolume, fileId } from './volume-files.js';
import { treeLeaves } from './walk.js';

const TREE_REFERENCE = 176;
const DATA_REFERENCE = 178;
const SHARED_NODE_REFERENCE = 182;
const SHARED_DATA_REFERENCE = 184;
const OWNER_REFERENCE = 188;
const DATA_FLAG = 1n;
/** Of references within an item, with their types. */
const REFERENCES = [
  [TREE_REFERENCE, 9],
  [SHARED_NODE_REFERENCE, 9],
  [OWNER_REFERENCE, 9],
  [DATA_REFERENCE, 29],
  [SHARED_DATA_REFERENCE, 13],
] as const;
/** BTRFS_FREE_INO_OBJECTID: the greatest number that an inode has. */
const LAST_INODE = U64_MAX - 11n;

/** Each takes a search and all items of a leaf: of more, it costs less to go through all files. */
const MAX_FOLLOWED = 1024;

interface Search {
  readonly volume: BtrfsVolume;
  readonly root: Root;
  /** The inodes that refer to extents, in whatever subvolume. */
  readonly inodes: Set<bigint>;
  /** How many references by leaves were followed. */
  readonly followed: { count: number };
}

/** null: there was a log, or too many files may be owners. @throws FormatError for a damaged tree. */
export async function ownersOf(
  volume: BtrfsVolume,
  ranges: readonly VolumeRange[],
): Promise<readonly FileId[] | null> {
  const { recovered, trees } = volume;
  if (recovered.hasReplayed) return null;
  const root = await recovered.rootOf(EXTENT_TREE);
  const search = { volume, root, inodes: new Set<bigint>(), followed: { count: 0 } };
  for (const range of ranges) {
    for (const addresses of addressesOf(volume, range)) {
      if (!(await addOwners(search, addresses))) return null;
    }
  }
  if (search.inodes.size * trees.numbers.length > MAX_OWNERS) return null;
  return trees.numbers.flatMap((tree) =>
    [...search.inodes].map((inode) => fileId(tree, Number(BigInt.asIntN(64, inode)))),
  );
}

/** The addresses that lie there, and others in the same rows of stripes. */
function* addressesOf(volume: BtrfsVolume, range: VolumeRange): Generator<Interval> {
  const { volumeIndex, offsetBytes, lengthBytes } = range;
  for (const { chunk, start, end } of devicePartsOf(volume.recovered.pool, volumeIndex)) {
    const from = Math.max(start, offsetBytes) - start;
    const to = Math.min(end, offsetBytes + lengthBytes) - start;
    if (to <= from) continue;
    const columns = columnCount(chunk);
    const rows: Interval =
      columns === 1 && chunk.profile.parityStripes === 0
        ? { start: from, end: to }
        : {
            start: Math.floor(from / STRIPE_BYTES) * STRIPE_BYTES * columns,
            end: Math.ceil(to / STRIPE_BYTES) * STRIPE_BYTES * columns,
          };
    const last = Math.min(chunk.sizeBytes, rows.end);
    if (last > rows.start) yield { start: chunk.address + rows.start, end: chunk.address + last };
  }
}

/** Items of an extent follow it, with its address. false: there are too many owners, or references to follow. */
async function addOwners(search: Search, { start, end }: Interval): Promise<boolean> {
  const { volume, root, inodes, followed } = search;
  const { reader } = volume.recovered.pool;
  const from = await firstBefore(search, start);
  const to = { object: BigInt(end - 1), type: 255, offset: U64_MAX };
  let current: bigint | null = null;
  for await (const { node } of treeLeaves(reader, root, { from, to })) {
    for (const item of node.items) {
      if (compareKeys(item, from) < 0 || compareKeys(item, to) > 0) continue;
      if (item.type === EXTENT_ITEM) {
        const isThere = item.object + item.offset > BigInt(start) && isData(item);
        current = isThere ? item.object : null;
      }
      if (item.object === current) await addReferences(search, item);
      if (inodes.size > MAX_OWNERS || followed.count > MAX_FOLLOWED) return false;
    }
  }
  return true;
}

function isData({ data }: Item): boolean {
  return hasFlag(parseBtrfsExtent(data).flags, DATA_FLAG);
}

/** The first key of what is allocated last before an address, which may reach over it. */
async function firstBefore({ volume, root }: Search, address: number) {
  const key = firstKey(BigInt(address), 0);
  const { reader } = volume.recovered.pool;
  for await (const { node } of treeLeaves(reader, root, { from: key, to: key })) {
    const before = node.items.findLast((item) => compareKeys(item, key) < 0);
    if (before !== undefined) return firstKey(before.object, 0);
  }
  return key;
}

async function addReferences(search: Search, item: Item): Promise<void> {
  const { type, object, offset, data } = item;
  if (type === DATA_REFERENCE) addInode(search, data);
  if (type === SHARED_DATA_REFERENCE) await addOfLeaf(search, Number(offset), object);
  if (type !== EXTENT_ITEM) return;
  for (let at = EXTENT_BYTES; at < data.length; ) {
    const reference = parseBtrfsExtentReference(data.subarray(at));
    const known = REFERENCES.find(([one]) => equals(reference.type, one));
    if (known === undefined) {
      const message = `btrfs: references of the extent at ${object} are of an unknown type`;
      throw new FormatError('INVALID', message);
    }
    const [kind, lengthBytes] = known;
    if (kind === DATA_REFERENCE) addInode(search, data.subarray(at + 1));
    if (kind === SHARED_DATA_REFERENCE) {
      const most = Number.MAX_SAFE_INTEGER;
      const leaf = int(reference.offset, 'btrfs: a leaf that has references', 0, most);
      await addOfLeaf(search, leaf, object);
    }
    at += lengthBytes;
  }
}

function addInode({ inodes }: Search, data: Uint8Array): void {
  const { object } = parseBtrfsDataReference(data);
  inodes.add(big(object, 'btrfs: inode of a reference', 0n, LAST_INODE));
}

/** The inodes of a leaf that refer to an extent. */
async function addOfLeaf(search: Search, address: number, extent: bigint): Promise<void> {
  const { inodes, volume, followed } = search;
  followed.count += 1;
  const { reader } = volume.recovered.pool;
  const generation = await generationOf(search, address);
  const place = { address, generation, level: 0, owner: null, firstKey: null, endKey: null };
  const node = await readNode(reader, place);
  if (!('items' in node)) return;
  for (const item of node.items) {
    if (item.type !== EXTENT_DATA) continue;
    const stretch = readStretch(item, reader.superblock.sectorBytes);
    if (BigInt(stretch.address) === extent) inodes.add(item.object);
  }
}

/** When a node was written. */
async function generationOf({ volume, root }: Search, address: number): Promise<bigint> {
  const object = BigInt(address);
  const found = { generation: null as bigint | null };
  const newest = volume.recovered.pool.superblock.generation + 1n;
  const [from, to] = [firstKey(object, EXTENT_ITEM), lastKey(object, METADATA_ITEM)];
  await eachItem(volume.recovered.pool.reader, root, from, to, ({ data }) => {
    const { generation } = parseBtrfsExtent(data);
    found.generation = big(generation, 'btrfs: generation of a leaf', 0n, newest);
    return false;
  });
  if (found.generation !== null) return found.generation;
  throw new FormatError(
    'INVALID',
    `btrfs: a leaf at ${address} refers to an extent, and is not allocated`,
  );
}
