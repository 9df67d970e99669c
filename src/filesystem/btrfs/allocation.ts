// What is allocated, in the order of addresses: extents of data and nodes of trees, from the extent tree.
// References: Linux 6.18 include/uapi/linux/btrfs_tree.h: struct btrfs_extent_item; fs/btrfs/tree-checker.c:
// check_extent_item.
import {
  parseBtrfsExtent,
  parseBtrfsExtentReference,
} from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { big, equals, hasFlag, int } from '../../validation/guest.js';
import type { Recovered } from './recovered.js';
import { EXTENT_TREE } from './roots.js';
import { eachItem, firstKey, type Item, lastKey, U64_MAX } from './tree.js';
import { treeLeaves } from './walk.js';

export const EXTENT_ITEM = 168;
export const METADATA_ITEM = 169;
/** Before the references. */
export const EXTENT_BYTES = 24;
const FIRST_KEY_BYTES = 18;
const TREE_REFERENCE = 176;
const REFERENCE_BYTES = 9;
const DATA_FLAG = 1n;

interface Allocated {
  readonly address: number;
  readonly sizeBytes: number;
  readonly isData: boolean;
  /** How many items of files, or nodes above it, refer to it. */
  readonly references: number;
  /** Of a node the tree that it is of; null where it does not say, since subvolumes share it. */
  readonly tree: bigint | null;
}

/**
 * Those that begin within `start`..`end`, in pages.
 * @param onDamage told of each node that cannot be read, and what it has is missing.
 * @throws FormatError INVALID for some that overlap; LIMIT.
 */
export async function* allocations(
  { pool: { reader }, rootOf, counts }: Recovered,
  onDamage: (error: FormatError) => void,
  { start, end }: { readonly start: number; readonly end: number } = { start: 0, end: MAX_END },
): AsyncGenerator<readonly Allocated[], void, undefined> {
  const from = { object: BigInt(start), type: 0, offset: 0n };
  const to = { object: BigInt(end - 1), type: 255, offset: U64_MAX };
  const { nodeBytes } = reader.superblock;
  let endOfLast = start;
  const root = await rootOf(EXTENT_TREE);
  for await (const { node } of treeLeaves(reader, root, { from, to, onDamage })) {
    const page: Allocated[] = [];
    for (const item of node.items) {
      if (item.type !== EXTENT_ITEM && item.type !== METADATA_ITEM) continue;
      if (item.object < from.object || item.object > to.object) continue;
      const allocated = readAllocated(item, nodeBytes, counts);
      if (allocated.address < endOfLast) {
        const message = `btrfs: what is allocated at ${allocated.address} overlaps what lies before it`;
        throw new FormatError('INVALID', message);
      }
      endOfLast = allocated.address + allocated.sizeBytes;
      page.push(allocated);
    }
    if (page.length > 0) yield page;
  }
}

/** How many refer to what is allocated at an address. @throws FormatError as reading the tree. */
export async function referencesAt(
  { pool: { reader }, rootOf, counts }: Recovered,
  address: number,
): Promise<number> {
  const found = { references: 1 };
  const from = firstKey(BigInt(address), EXTENT_ITEM);
  const to = lastKey(BigInt(address), METADATA_ITEM);
  await eachItem(reader, await rootOf(EXTENT_TREE), from, to, (item) => {
    found.references = readAllocated(item, reader.superblock.nodeBytes, counts).references;
    return false;
  });
  return found.references;
}

const MAX_END = Number.MAX_SAFE_INTEGER;

function readAllocated(
  { object, type, offset, data }: Item,
  nodeBytes: number,
  counts: Recovered['counts'],
): Allocated {
  const address = Number(object);
  const { numReferences, flags } = parseBtrfsExtent(data);
  const isData = type === EXTENT_ITEM && hasFlag(flags, DATA_FLAG);
  const sizeBytes = type === METADATA_ITEM ? nodeBytes : Number(offset);
  const most = Number.MAX_SAFE_INTEGER;
  const references = int(numReferences, 'btrfs: references of an extent', 0, most);
  if (sizeBytes < 1 || !Number.isSafeInteger(address + sizeBytes)) {
    throw new FormatError('INVALID', `btrfs: the extent at ${address} has ${sizeBytes} bytes`);
  }
  return {
    address,
    sizeBytes,
    isData,
    references: counts.get(address) ?? references,
    tree: isData ? null : ownerOf(type, data),
  };
}

function ownerOf(type: number, data: Uint8Array): bigint | null {
  const at = EXTENT_BYTES + (type === EXTENT_ITEM ? FIRST_KEY_BYTES : 0);
  if (data.length < at + REFERENCE_BYTES) return null;
  const reference = parseBtrfsExtentReference(data.subarray(at));
  if (!equals(reference.type, TREE_REFERENCE)) return null;
  return big(reference.offset, 'btrfs: the tree of a node', 1n, U64_MAX);
}
