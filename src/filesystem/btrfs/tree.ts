// The trees of btrfs: nodes read through chunks and devices, items of a range of keys.
// References: Linux 6.18 fs/btrfs/disk-io.c: btrfs_validate_extent_buffer; tree-checker.c: __btrfs_check_node,
// __btrfs_check_leaf, btrfs_verify_level_key. Every check of theirs that ends a loop is made here too: a child lies one
// level lower, begins with the key of its pointer, and ends before the next pointer's.
import {
  btrfsItemRecords,
  btrfsPointerRecords,
  parseBtrfsNode,
} from '../../../generated/filesystem/btrfs.js';
import { countBefore } from '../../bytes/search.js';
import { firstSound, isAnyProblem } from '../../bytes/sound.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int, u8, u64, uuidText } from '../../validation/guest.js';
import { verify } from './checksum.js';
import type { Superblock, TreeRoot } from './superblock.js';

export const HEAD_BYTES = 101;
export const POINTER_BYTES = 33;
export const ITEM_BYTES = 25;
export const U64_MAX = 2n ** 64n - 1n;
/** BTRFS_HEADER_FLAG_WRITTEN */
const WRITTEN = 1n;
/** BTRFS_FS_TREE_OBJECTID: the subvolume that is there from the beginning. */
export const TOP = 5n;
/** BTRFS_FIRST_FREE_OBJECTID: the first number of other subvolumes, and every subvolume's top directory. */
export const FIRST_SUBVOLUME = 256n;
const METADATA_ITEM = 169;
/** The trees of roots, of extents, of chunks and of devices. */
const NEVER_EMPTY: ReadonlySet<bigint | null> = new Set([1n, 2n, 3n, 4n]);
/** Nodes that one reading of a filesystem may visit: those of block groups of 64 TiB, if each takes a search of its own. */
const MAX_NODES = 2 ** 16;
/** Nodes that are kept decoded: one has at most 2,618 items. */
const MAX_KEPT_NODES = 64;

export interface Key {
  readonly object: bigint;
  readonly type: number;
  readonly offset: bigint;
}

export interface Item extends Key {
  readonly data: Uint8Array;
}

export interface Pointer extends Key {
  readonly address: number;
  readonly generation: bigint;
}

interface Inner {
  readonly level: number;
  readonly pointers: readonly Pointer[];
}

export interface Leaf {
  readonly level: 0;
  readonly items: readonly Item[];
  /** All of the node; the items' data are parts of it. */
  readonly bytes: Uint8Array;
}

export type Node = Inner | Leaf;

/** A node as its parent describes it: a node of another level or generation, or with keys outside of these, is damaged. */
export interface ExpectedNode extends Omit<TreeRoot, 'name'> {
  /** null for a root. */
  readonly firstKey: Key | null;
  /** The first key that lies behind the node; null if there is none. */
  readonly endKey: Key | null;
}

/** Reads by logical address: of a RAID1 chunk there are two copies, 0 and 1. */
export interface LogicalSource {
  /** @throws FormatError OUT_OF_BOUNDS when no chunk holds the address. */
  copies(address: number): number;
  read(address: number, lengthBytes: number, copy: number): Promise<Uint8Array>;
}

/** Is told of items; false ends it. */
type Visit = (item: Item) => unknown;

/** A node as it was checked. */
interface Kept extends Pick<ExpectedNode, 'generation' | 'owner'> {
  readonly node: Node;
}

/** What is asked of a leaf besides that it can be read; `owner` is the number that it bears. @throws FormatError */
export type LeafCheck = (items: readonly Item[], owner: bigint, superblock: Superblock) => void;

export interface TreeReader {
  readonly superblock: Superblock;
  readonly source: LogicalSource;
  readonly kept: Map<number, Kept>;
  readonly visited: { count: number; most: number };
  readonly checkLeaf?: LeafCheck;
}

/** @param most nodes that may be visited. */
export function treeReader(
  superblock: Superblock,
  source: LogicalSource,
  most = MAX_NODES,
): TreeReader {
  return { superblock, source, kept: new Map(), visited: { count: 0, most } };
}

/** Whether files may lie in the tree of this number: is_fstree. */
export function isSubvolume(tree: bigint): boolean {
  return tree === TOP || BigInt.asIntN(64, tree) >= FIRST_SUBVOLUME;
}

export function compareKeys(a: Key, b: Key): number {
  if (a.object !== b.object) return a.object < b.object ? -1 : 1;
  if (a.type !== b.type) return a.type - b.type;
  if (a.offset !== b.offset) return a.offset < b.offset ? -1 : 1;
  return 0;
}

/** The lowest key of an object's items of a type. */
export function firstKey(object: bigint, type: number, offset = 0n): Key {
  return { object, type, offset };
}

/** The highest key of an object's items of a type. */
export function lastKey(object: bigint, type: number): Key {
  return { object, type, offset: U64_MAX };
}

/**
 * Calls `visit` with every item whose key lies within `from`..`to` (inclusive), in order, until it returns false.
 * @throws FormatError when no copy of a node is sound; LIMIT
 */
export async function eachItem(
  reader: TreeReader,
  root: TreeRoot,
  from: Key,
  to: Key,
  visit: Visit,
): Promise<void> {
  await descend(reader, { ...root, firstKey: null, endKey: null }, from, to, visit);
}

/** The first node of a tree. @throws as `readNode` */
export function readRootNode(reader: TreeReader, root: TreeRoot): Promise<Node> {
  return readNode(reader, { ...root, firstKey: null, endKey: null });
}

/** The item with this key; null if there is none. */
export async function findItem(reader: TreeReader, root: TreeRoot, key: Key): Promise<Item | null> {
  let found: Item | null = null;
  await eachItem(reader, root, key, key, (item) => {
    found = item;
  });
  return found;
}

/** As `eachItem`, below a node. @returns whether it was not ended. */
async function descend(
  reader: TreeReader,
  wanted: ExpectedNode,
  from: Key,
  to: Key,
  visit: Visit,
): Promise<boolean> {
  const node = await readNode(reader, wanted);
  if ('items' in node) {
    for (const item of node.items) {
      const isWanted = compareKeys(item, from) >= 0 && compareKeys(item, to) <= 0;
      if (isWanted && visit(item) === false) return false;
    }
    return true;
  }
  const { pointers, level } = node;
  for (let i = firstChild(pointers, from); i < pointers.length; i++) {
    const pointer = pointers[i];
    if (pointer === undefined || compareKeys(pointer, to) > 0) break;
    const { address, generation } = pointer;
    const endKey = pointers[i + 1] ?? wanted.endKey;
    const { owner } = wanted;
    const child = { address, generation, owner, level: level - 1, firstKey: pointer, endKey };
    if (!(await descend(reader, child, from, to, visit))) return false;
  }
  return true;
}

/** The last pointer whose key is not above `key`, or the first one. */
export function firstChild(pointers: readonly Key[], key: Key): number {
  const count = countBefore(pointers.length, (i) => {
    const pointer = pointers[i];
    return pointer !== undefined && compareKeys(pointer, key) <= 0;
  });
  return Math.max(0, count - 1);
}

/** The first copy that is sound. @throws FormatError of the first copy, when none is sound. */
export async function readNode(reader: TreeReader, wanted: ExpectedNode): Promise<Node> {
  const known = reader.kept.get(wanted.address);
  // The same address under another level, generation or key is another claim, and is checked anew.
  if (known !== undefined && isAsWanted(known, wanted)) {
    keep(reader, wanted.address, known);
    return known.node;
  }
  const { visited } = reader;
  if (++visited.count > visited.most) {
    throw new FormatError('LIMIT', `btrfs: more than ${visited.most} nodes of trees would be read`);
  }
  const copies = Array(reader.source.copies(wanted.address)).keys();
  const found = await firstSound(copies, (copy) => readCopy(reader, wanted, copy), isAnyProblem);
  if (found === null) {
    throw new FormatError('INVALID', `btrfs: nothing holds node ${wanted.address}`);
  }
  const { generation, owner } = wanted;
  const { node } = found;
  // The kernel looks at it when it has taken a copy, and takes no other one then.
  if (!isOwnedBy(found.owner, owner)) {
    const message = `btrfs: the node at ${wanted.address} is of tree ${found.owner}, not of ${owner}; the kernel does not mount it`;
    throw new FormatError('INVALID', message);
  }
  keep(reader, wanted.address, { node, generation, owner });
  return node;
}

function isAsWanted({ node, generation, owner }: Kept, wanted: ExpectedNode): boolean {
  return (
    node.level === wanted.level &&
    generation === wanted.generation &&
    (wanted.owner === null || owner === wanted.owner) &&
    isWithin(keysOf(node), wanted)
  );
}

/** The one that was not asked for the longest goes. */
function keep({ kept }: TreeReader, address: number, node: Kept): void {
  kept.delete(address);
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT_NODES && oldest !== undefined) kept.delete(oldest);
  kept.set(address, node);
}

/** A node, and the number of the tree whose it is, by its own account. */
interface ReadCopy {
  readonly node: Node;
  readonly owner: bigint;
}

async function readCopy(
  { superblock, source, checkLeaf }: TreeReader,
  wanted: ExpectedNode,
  copy: number,
): Promise<ReadCopy> {
  const { address, level } = wanted;
  const { nodeBytes, checksum, metadataUuid } = superblock;
  const what = `the node at ${address}`;
  const bytes = await source.read(address, nodeBytes, copy);
  verify(checksum, bytes, what);
  const head = parseBtrfsNode(bytes);
  const { generation } = wanted;
  if (
    !equals(head.address, address) ||
    !equals(head.level, level) ||
    !equals(head.generation, generation) ||
    !hasFlag(head.flags, WRITTEN) ||
    uuidText(head.fsid) !== metadataUuid
  ) {
    const expected = `level ${level} and generation ${generation} of ${metadataUuid}`;
    throw new FormatError(
      'INVALID',
      `btrfs: ${what} is not the one that was expected: ${expected}`,
    );
  }
  const count = int(
    head.numItems,
    `btrfs: items of ${what}`,
    // Only a whole tree may be empty, and not every one.
    level > 0 || wanted.firstKey !== null || NEVER_EMPTY.has(wanted.owner) ? 1 : 0,
    Math.floor((nodeBytes - HEAD_BYTES) / (level > 0 ? POINTER_BYTES : ITEM_BYTES)),
  );
  const body = bytes.subarray(HEAD_BYTES);
  const node =
    level > 0
      ? { level, pointers: readPointers(body, count, what, superblock) }
      : { level: 0 as const, items: readItems(body, count, what, superblock), bytes };
  checkOrder(keysOf(node), wanted, what);
  const owner = u64(head.owner);
  if ('items' in node) checkLeaf?.(node.items, owner, superblock);
  return { node, owner };
}

/** A subvolume shares nodes with its snapshots, and they keep the number of that which wrote them: btrfs_check_eb_owner. */
function isOwnedBy(owner: bigint, wanted: bigint | null): boolean {
  return wanted === null || owner === wanted || (isSubvolume(owner) && isSubvolume(wanted));
}

function keysOf(node: Node): readonly Key[] {
  return 'items' in node ? node.items : node.pointers;
}

function readPointers(
  body: Uint8Array,
  count: number,
  what: string,
  { sectorBytes }: Superblock,
): readonly Pointer[] {
  const records = btrfsPointerRecords(body.subarray(0, count * POINTER_BYTES));
  return Array.from({ length: count }, (_, i) => {
    const record = records.at(i);
    // One that no chunk has is no fault of this copy of the node: the kernel follows it, and fails there.
    const address = Number(u64(record.address));
    if (address === 0 || address % sectorBytes !== 0) {
      throw new FormatError('INVALID', `btrfs: ${what} has the pointer ${address}`);
    }
    // Field by field: with the key spread, a df took a tenth longer.
    const { object, type, offset } = readKey(record);
    return { object, type, offset, address, generation: u64(record.generation) };
  });
}

function readItems(
  body: Uint8Array,
  count: number,
  what: string,
  { features }: Superblock,
): readonly Item[] {
  const records = btrfsItemRecords(body.subarray(0, count * ITEM_BYTES));
  let end = body.length;
  return Array.from({ length: count }, (_, i) => {
    const record = records.at(i);
    const lengthBytes = int(record.lenData, `btrfs: size of an item of ${what}`, 0, body.length);
    const start = int(
      record.ofsData,
      `btrfs: offset of an item of ${what}`,
      count * ITEM_BYTES,
      body.length - lengthBytes,
    );
    if (start + lengthBytes !== end) {
      throw new FormatError('INVALID', `btrfs: item ${i} of ${what} does not end at ${end}`);
    }
    end = start;
    if (equals(record.type, METADATA_ITEM) && !features.hasSkinnyMetadata) {
      throw new FormatError('INVALID', `btrfs: ${what} has skinny items, and the filesystem none`);
    }
    const { object, type, offset } = readKey(record);
    return { object, type, offset, data: body.subarray(start, start + lengthBytes) };
  });
}

/** A key from its three fields. */
export function readKey(record: {
  object: GuestInteger;
  type: GuestInteger;
  offset: GuestInteger;
}): Key {
  return {
    object: u64(record.object),
    type: u8(record.type),
    offset: u64(record.offset),
  };
}

/** @throws FormatError INVALID unless the keys ascend and lie where the parent says: so no node is met twice. */
function checkOrder(keys: readonly Key[], wanted: ExpectedNode, what: string): void {
  const ascends = keys.every((key, i) => {
    const before = keys[i - 1];
    return before === undefined || compareKeys(before, key) < 0;
  });
  if (ascends && isWithin(keys, wanted)) return;
  throw new FormatError('INVALID', `btrfs: the keys of ${what} are out of order`);
}

function isWithin(keys: readonly Key[], { firstKey: first, endKey }: ExpectedNode): boolean {
  const [head] = keys;
  const last = keys[keys.length - 1];
  if (head === undefined || last === undefined) return first === null;
  if (first !== null && compareKeys(head, first) !== 0) return false;
  return endKey === null || compareKeys(last, endKey) < 0;
}
