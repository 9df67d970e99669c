// The log tree: what was fsynced after the last transaction, which the kernel puts into the trees at mount.
// References: Linux 6.18 fs/btrfs/tree-log.c: btrfs_recover_log_trees, replay_one_extent.
// Counted is what the logged files add to the data. Not counted, so that the numbers are an estimate: nodes of trees that
// split when the items are put in, and extents that lose their last reference.
import { parseBtrfsFileExtent } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { chunkAt } from './chunks.js';
import type { Pool } from './devices.js';
import type { Usage } from './groups.js';
import { holdsData } from './profile.js';
import { readRoots } from './roots.js';
import type { TreeRoot } from './superblock.js';
import { eachItem, findItem, firstKey, lastKey } from './tree.js';

/** BTRFS_TREE_LOG_OBJECTID */
const LOG_TREE = 2n ** 64n - 6n;
const FILE_EXTENT = 108;
const EXTENT_ITEM = 168;
const INLINE = 0;
/** The head of an item that holds the content itself. */
const INLINE_HEAD_BYTES = 21;
const MAX_OBJECT = 2n ** 64n - 1n;
/** Extents of all logged files: the log of a transaction of 30 seconds has some thousands. */
const MAX_EXTENTS = 1_000_000;

/** What the block groups use once the log is in the trees. */
export async function withLog(
  pool: Pool,
  log: TreeRoot,
  extentTree: TreeRoot,
  usages: readonly Usage[],
): Promise<readonly Usage[]> {
  const added = new Map<string, number>();
  for (const [address, sizeBytes] of await loggedExtents(pool, log)) {
    const key = { object: BigInt(address), type: EXTENT_ITEM, offset: BigInt(sizeBytes) };
    // What is in the tree already was there before, or was reflinked.
    if ((await findItem(pool.reader, extentTree, key)) !== null) continue;
    const name = nameOf(chunkOf(pool, address, sizeBytes));
    added.set(name, (added.get(name) ?? 0) + sizeBytes);
  }
  return usages.map((usage) => {
    const usedBytes = usage.usedBytes + (added.get(nameOf(usage)) ?? 0);
    if (usedBytes <= usage.sizeBytes) return { ...usage, usedBytes };
    const message = `btrfs: with its log ${usedBytes} bytes are used, of ${usage.sizeBytes} of that type`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { usedBytes } });
  });
}

function nameOf({ kind, profile }: Pick<Usage, 'kind' | 'profile'>): string {
  return `${kind} ${profile.name}`;
}

function chunkOf({ chunks }: Pool, address: number, sizeBytes: number) {
  const chunk = chunkAt(chunks, address);
  const isInside = chunk !== null && address + sizeBytes <= chunk.address + chunk.sizeBytes;
  if (isInside && holdsData(chunk)) return chunk;
  throw new FormatError('INVALID', `btrfs: the log has data at ${address}, where no data can be`);
}

/** Address and length of every extent on disk that the logged files lie on. */
async function loggedExtents(
  { reader }: Pool,
  log: TreeRoot,
): Promise<ReadonlyMap<number, number>> {
  const extents = new Map<number, number>();
  const roots = await readRoots(reader, log, LOG_TREE, (tree) => `the log of tree ${tree}`);
  for (const root of roots) {
    await eachItem(reader, root, firstKey(0n, 0), lastKey(MAX_OBJECT, FILE_EXTENT), (item) => {
      if (item.type !== FILE_EXTENT || isInline(item.data)) return;
      const { address, lenExtent } = parseBtrfsFileExtent(item.data);
      const at = int(address, 'btrfs: address of an extent', 0, Number.MAX_SAFE_INTEGER);
      if (at === 0) return;
      extents.set(
        at,
        int(lenExtent, 'btrfs: length of an extent', 1, Number.MAX_SAFE_INTEGER - at),
      );
      if (extents.size > MAX_EXTENTS) {
        throw new FormatError('LIMIT', `btrfs: the log has more than ${MAX_EXTENTS} extents`);
      }
    });
  }
  return extents;
}

function isInline(data: Uint8Array): boolean {
  return data.length < INLINE_HEAD_BYTES + 16 || equals(parseBtrfsFileExtent(data).type, INLINE);
}
