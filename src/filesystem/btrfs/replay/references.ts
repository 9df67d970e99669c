// The references to extents of data: their counts in the extent tree, and the changes of a replay. Example: the extent tree
// says that two files share an extent; the replay takes it from both, so that it is free.
// References: Linux 6.18 fs/btrfs/extent-tree.c: btrfs_lookup_data_extent, btrfs_inc_extent_ref, btrfs_free_extent,
// btrfs_lookup_extent_info.
import {
  parseBtrfsExtent,
  parseBtrfsFileExtent,
  parseBtrfsFileExtentHead,
} from '../../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../../errors.js';
import { equals, int } from '../../../validation/guest.js';
import type { TreeRoot } from '../superblock.js';
import { findItem, type Item, type Key, type TreeReader } from '../tree.js';
import type { Budget } from './budget.js';
import { find, insert } from './edit.js';
import { EXTENT_DATA } from './items.js';
import type { EditNode, EditTree } from './node.js';

const EXTENT_ITEM = 168;
const METADATA_ITEM = 169;
const INLINE = 0;
/** btrfs_extent_item with one reference in it. */
export const DATA_EXTENT_BYTES = 24 + 29;
/** Extents of all logged files: the log of a transaction of thirty seconds has some thousands. */
const MAX_EXTENTS = 1_000_000;

interface Change {
  readonly sizeBytes: number;
  readonly count: number;
}

export interface References {
  readonly reader: TreeReader;
  readonly extents: TreeRoot;
  readonly budget: Budget;
  /** Of this transaction, by address. */
  readonly changes: Map<number, Change>;
  /** How often extents are used after the transactions before. */
  readonly settled: Map<number, number>;
  /** Extents that this transaction put into the extent tree already. */
  readonly inserted: Set<number>;
}

/** An extent that is used for the first time or no longer. */
interface ExtentChange {
  readonly address: number;
  readonly sizeBytes: number;
  readonly isAdded: boolean;
  /** The extent tree has it already. */
  readonly isNoted: boolean;
}

export function change(
  { changes }: References,
  address: number,
  sizeBytes: number,
  count: 1 | -1,
): void {
  const before = changes.get(address)?.count ?? 0;
  changes.set(address, { sizeBytes, count: before + count });
  if (changes.size > MAX_EXTENTS) {
    throw new FormatError('LIMIT', `btrfs: the log has more than ${MAX_EXTENTS} extents`);
  }
}

/** The extent on disk that an item of a file refers to; null if it is of something else. */
export function extentOf({
  type,
  data,
}: Item): { readonly address: number; readonly sizeBytes: number } | null {
  if (type !== EXTENT_DATA || equals(parseBtrfsFileExtentHead(data).type, INLINE)) return null;
  const extent = parseBtrfsFileExtent(data);
  const most = Number.MAX_SAFE_INTEGER;
  const address = int(extent.address, 'btrfs: address of an extent', 0, most);
  if (address === 0) return null;
  const sizeBytes = int(extent.lenExtent, 'btrfs: length of an extent', 1, most - address);
  return { address, sizeBytes };
}

/** Ends a transaction. @returns the extents that are used for the first time or no longer, in ascending order. */
export async function changedExtents(references: References): Promise<readonly ExtentChange[]> {
  const { changes, settled, inserted, budget } = references;
  const changed: ExtentChange[] = [];
  const ascending = [...changes].sort(([a], [b]) => a - b);
  changes.clear();
  for (const [address, { sizeBytes, count }] of ascending) {
    const pause = budget.breathe();
    if (pause !== null) await pause;
    const isNoted = inserted.delete(address);
    if (isNoted) changed.push({ address, sizeBytes, isAdded: true, isNoted });
    if (count === 0 && !isNoted) continue;
    const before =
      settled.get(address) ?? (await countOf(references, address, EXTENT_ITEM, sizeBytes));
    settled.set(address, before + count);
    const wasThere = before > 0 || isNoted;
    const isThere = before + count > 0;
    if (wasThere !== isThere) {
      changed.push({ address, sizeBytes, isAdded: isThere, isNoted: false });
    }
  }
  return changed;
}

/** A reference to an extent of the log, which goes into the extent tree at once if it is new. */
export async function addLogged(
  references: References,
  extents: EditTree,
  { address, sizeBytes }: Pick<ExtentChange, 'address' | 'sizeBytes'>,
  onInsert: () => Promise<void>,
): Promise<void> {
  const key = { object: BigInt(address), type: EXTENT_ITEM, offset: BigInt(sizeBytes) };
  if (await insertNew(extents, key)) {
    references.inserted.add(address);
    await onInsert();
  }
  change(references, address, sizeBytes, 1);
}

async function insertNew(extents: EditTree, key: Key): Promise<boolean> {
  if ((await find(extents, key)) !== null) return false;
  return insert(extents, { ...key, data: new Uint8Array(DATA_EXTENT_BYTES) });
}

async function countOf(
  { reader, extents }: References,
  address: number,
  type: number,
  offset: number,
): Promise<number> {
  const key = { object: BigInt(address), type, offset: BigInt(offset) };
  const item = await findItem(reader, extents, key);
  if (item === null) return 0;
  const { numReferences } = parseBtrfsExtent(item.data);
  return int(numReferences, 'btrfs: references of an extent', 0, Number.MAX_SAFE_INTEGER);
}

/** Whether a node of a subvolume is in another one too. */
export async function isSharedNode(
  references: References,
  { address, level }: EditNode,
): Promise<boolean> {
  const { nodeBytes } = references.reader.superblock;
  const skinny = await countOf(references, address, METADATA_ITEM, level);
  if (skinny > 0) return skinny > 1;
  return (await countOf(references, address, EXTENT_ITEM, nodeBytes)) > 1;
}
