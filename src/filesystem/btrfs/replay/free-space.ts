// The free space tree, when an extent is used or freed. Example: 64 KiB are used in the middle of 1 MiB of free space; its
// item becomes two, before and behind them.
// References: Linux 6.18 fs/btrfs/free-space-tree.c: remove_free_space_extent, add_free_space_extent,
// modify_free_space_bitmap. Groups do not change between extents and bitmaps here.
import type { Chunk } from '../chunks.js';
import type { Item } from '../tree.js';
import { findBefore, findNext, insert, remove, touch } from './edit.js';
import type { EditTree } from './node.js';

const FREE_SPACE_INFO = 198;
const FREE_SPACE_EXTENT = 199;
const NOTHING = new Uint8Array(0);

function isExtent(item: Item | null): item is Item {
  return item?.type === FREE_SPACE_EXTENT;
}

/** A stretch of addresses becomes free, or is no longer. */
export async function changeFreeSpace(
  tree: EditTree,
  chunk: Chunk,
  address: number,
  sizeBytes: number,
  isFreed: boolean,
): Promise<void> {
  const start = BigInt(address);
  const end = BigInt(address + sizeBytes);
  const info = {
    object: BigInt(chunk.address),
    type: FREE_SPACE_INFO,
    offset: BigInt(chunk.sizeBytes),
  };
  const before = await findBefore(tree, { object: start, type: 255, offset: 0n });
  if (!isFreed) {
    if (isExtent(before)) await take(tree, before, start, end);
  } else {
    const next = await findNext(tree, { object: end, type: FREE_SPACE_EXTENT, offset: 0n });
    await give(tree, isExtent(before) ? before : null, isExtent(next) ? next : null, start, end);
  }
  await touch(tree, info);
}

async function take(tree: EditTree, item: Item, start: bigint, end: bigint): Promise<void> {
  const itemEnd = item.object + item.offset;
  if (itemEnd < end) return;
  await remove(tree, item);
  if (item.object < start) await add(tree, item.object, start);
  if (end < itemEnd) await add(tree, end, itemEnd);
}

async function give(
  tree: EditTree,
  before: Item | null,
  next: Item | null,
  start: bigint,
  end: bigint,
): Promise<void> {
  let [from, to] = [start, end];
  if (before !== null && before.object + before.offset === start) {
    from = before.object;
    await remove(tree, before);
  }
  if (next !== null && next.object === end) {
    to = next.object + next.offset;
    await remove(tree, next);
  }
  await add(tree, from, to);
}

async function add(tree: EditTree, start: bigint, end: bigint): Promise<void> {
  await insert(tree, {
    object: start,
    type: FREE_SPACE_EXTENT,
    offset: end - start,
    data: NOTHING,
  });
}
