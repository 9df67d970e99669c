// The tree of checksums while a log is replayed: an extent that is added brings its checksums (256 for 1 MiB in sectors of
// 4 KiB), and an extent that nobody uses any more loses them.
// References: Linux 6.18 fs/btrfs/file-item.c: btrfs_csum_file_blocks, btrfs_del_csums, btrfs_lookup_csum,
// find_next_csum_offset, max_ordered_sum_bytes; tree-log.c: replay_one_extent.
// Of an item only its key and its size matter here, so the checksums themselves are not copied.
import { ITEM_BYTES, type Item } from '../tree.js';
import { find, findBefore, findNext, insert, itemOf, remove, removeAt, shrink } from './edit.js';
import { CHECKSUMS, EXTENT_CSUM } from './items.js';
import { type EditTree, freeBytes, nodeOf, type Path } from './node.js';
import type { SubvolumeReplay } from './replay.js';
import { lowerBound, search } from './tree.js';

/** A page, which holds a list of checksums, less the list's head. */
const PAGE_BYTES = 4096;
const LIST_HEAD_BYTES = 40;

type Sizes = Pick<SubvolumeReplay, 'checksums' | 'sectorBytes' | 'checksumBytes'>;

function keyOf(address: number) {
  return { object: CHECKSUMS, type: EXTENT_CSUM, offset: BigInt(address) };
}

function isChecksum(item: Item | null): item is Item {
  return item?.object === CHECKSUMS && item.type === EXTENT_CSUM;
}

function endOf({ sectorBytes, checksumBytes }: Sizes, item: Item): number {
  return Number(item.offset) + Math.floor(item.data.length / checksumBytes) * sectorBytes;
}

function mostOf({ checksums, checksumBytes }: Sizes): number {
  return Math.min(
    Math.floor((checksums.leafBytes - ITEM_BYTES * 2) / checksumBytes) - 1,
    PAGE_BYTES,
  );
}

/** Replaces the checksums of a range of addresses by the log's, as far as the log has some. */
export async function copyChecksums(
  replay: SubvolumeReplay,
  from: number,
  to: number,
): Promise<void> {
  const { log, sectorBytes, checksumBytes } = replay;
  const most = Math.floor((PAGE_BYTES - LIST_HEAD_BYTES) / checksumBytes) * sectorBytes;
  for (let i = Math.max(0, lowerBound(log.items, keyOf(from)) - 1); i < log.items.length; i++) {
    const item = log.items[i];
    if (item === undefined || (isChecksum(item) && Number(item.offset) >= to)) return;
    if (!isChecksum(item)) continue;
    const end = Math.min(to, endOf(replay, item));
    for (let at = Math.max(from, Number(item.offset)); at < end; at += most) {
      const length = Math.min(most, end - at);
      await deleteChecksums(replay, at, length);
      await addChecksums(replay, at, length);
    }
  }
}

async function addChecksums(sizes: Sizes, address: number, lengthBytes: number): Promise<void> {
  for (let done = 0; done < lengthBytes; ) {
    done += await addSome(sizes, address + done, lengthBytes - done);
  }
}

/** @returns how many bytes of data have their checksums then. */
async function addSome(sizes: Sizes, address: number, leftBytes: number): Promise<number> {
  const { checksums: tree, checksumBytes, sectorBytes } = sizes;
  const wanted = Math.max(1, Math.floor(leftBytes / sectorBytes));
  const path = await search(tree, keyOf(address), 0, true);
  const before = path.isFound ? itemOf(path) : await findBefore(tree, keyOf(address));
  const endBefore = isChecksum(before) ? endOf(sizes, before) : -1;
  if (isChecksum(before) && endBefore > address) return Math.min(leftBytes, endBefore - address);
  if (isChecksum(before) && endBefore === address) {
    const count = before.data.length / checksumBytes;
    if (count < mostOf(sizes)) {
      const extended = await extend(sizes, path, before, address, wanted);
      if (extended > 0) return extended * sectorBytes;
    }
    await insertSome(tree, address, checksumBytes);
    return sectorBytes;
  }
  const next = await findNext(tree, keyOf(address));
  const room = isChecksum(next)
    ? Math.floor((Number(next.offset) - address) / sectorBytes)
    : wanted;
  const count = Math.min(Math.max(1, Math.min(wanted, room)), mostOf(sizes));
  await insertSome(tree, address, count * checksumBytes);
  return count * sectorBytes;
}

async function insertSome(tree: EditTree, address: number, bytes: number): Promise<void> {
  await insert(tree, { ...keyOf(address), data: new Uint8Array(bytes) });
}

/** More checksums at the end of an item. @returns how many. */
async function extend(
  sizes: Sizes,
  found: Path,
  before: Item,
  address: number,
  wanted: number,
): Promise<number> {
  const { checksums: tree, checksumBytes } = sizes;
  let path = found;
  let slot = nodeOf(path, 0).items.indexOf(before);
  if (slot < 0 || freeBytes(tree, nodeOf(path, 0)) < checksumBytes) {
    path = await search(tree, keyOf(address), checksumBytes + (found.isFound ? ITEM_BYTES : 0));
    slot = nodeOf(path, 0).items.indexOf(before);
    if (slot < 0) return 0;
  }
  const count = before.data.length / checksumBytes;
  const room = Math.floor(freeBytes(tree, nodeOf(path, 0)) / checksumBytes);
  const added = Math.min(wanted, mostOf(sizes) - count, room);
  if (added <= 0) return 0;
  const data = new Uint8Array((count + added) * checksumBytes);
  nodeOf(path, 0).items[slot] = { ...before, data };
  return added;
}

/** Takes away the checksums of a range of addresses. */
export async function deleteChecksums(
  sizes: Sizes,
  address: number,
  lengthBytes: number,
): Promise<void> {
  const { checksums: tree } = sizes;
  const end = address + lengthBytes;
  for (;;) {
    const path = await search(tree, keyOf(end - 1), -1);
    const item = path.isFound ? itemOf(path) : await findBefore(tree, keyOf(end - 1));
    if (!isChecksum(item)) return;
    const itemEnd = endOf(sizes, item);
    if (itemEnd <= address) return;
    if (Number(item.offset) >= address && itemEnd <= end) await removeRun(sizes, item, address);
    else await cut(sizes, item, address, end);
  }
}

/** Deletes the item and those before it in its leaf that begin within the range. */
async function removeRun({ checksums: tree }: Sizes, item: Item, from: number): Promise<void> {
  const path = await search(tree, item, -1);
  const { items } = nodeOf(path, 0);
  const last = path.slots[0] ?? 0;
  let first = last;
  while (first > 0) {
    const before = items[first - 1] ?? null;
    if (!isChecksum(before) || Number(before.offset) < from) break;
    first--;
  }
  await removeAt(tree, path, first, last - first + 1);
}

/** Shortens an item of checksums to those of addresses outside of the range, which may be two items then. */
async function cut(sizes: Sizes, item: Item, from: number, to: number): Promise<void> {
  const { checksums: tree, sectorBytes, checksumBytes } = sizes;
  const [start, end] = [Number(item.offset), endOf(sizes, item)];
  const bytesOf = (bytes: number) =>
    new Uint8Array(Math.max(0, Math.floor(bytes / sectorBytes)) * checksumBytes);
  const head = { ...item, data: bytesOf(from - start) };
  const tail = { ...keyOf(to), data: bytesOf(end - to) };
  if (start >= from) await remove(tree, item);
  else await shrink(tree, head);
  if (end > to && (await find(tree, tail)) === null) await insert(tree, tail);
}
