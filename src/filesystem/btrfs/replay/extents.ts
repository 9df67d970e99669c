// The replay of where files lie: an extent of the log replaces the file's old ones. Example: the file has one from 0 to 1 MiB
// and the log one from 256 to 512 KiB; the old one is cut into two, and the new one lies between them.
// References: Linux 6.18 fs/btrfs/tree-log.c: replay_one_extent; file.c: btrfs_drop_extents; file-item.c.
import {
  BtrfsFileExtentFields,
  parseBtrfsFileExtent,
} from '../../../../generated/filesystem/btrfs.js';
import { setField } from '../../../kaitai/index.js';
import { int } from '../../../validation/guest.js';
import { readStretch, type Stretch } from '../stretch.js';
import type { Item, Key } from '../tree.js';
import { copyChecksums } from './checksums.js';
import { find, findBefore, findNext, insert, remove, removeAt, shrink } from './edit.js';
import { EXTENT_DATA, INODE_ITEM } from './items.js';
import { nodeOf } from './node.js';
import { addLogged, change } from './references.js';
import { changeStored, replayItem, type SubvolumeReplay } from './replay.js';
import { search } from './tree.js';

/** Takes away a file's extents, or parts of them, between two offsets. @returns how many stored bytes these were. */
export async function dropExtents(
  replay: SubvolumeReplay,
  inode: bigint,
  start: number,
  end: number,
): Promise<number> {
  const { tree, sectorBytes, references } = replay;
  let key = await firstStretch(replay, inode, start);
  let droppedBytes = 0;
  for (;;) {
    const item = await findNext(tree, key);
    if (item === null || item.object !== inode || item.type !== EXTENT_DATA) return droppedBytes;
    if (Number(item.offset) >= end) return droppedBytes;
    key = { ...item, offset: item.offset + 1n };
    const stretch = readStretch(item, sectorBytes);
    if (stretch.end <= start && stretch.end > stretch.start) continue;
    const { address, extentBytes, isInline } = stretch;
    if (start <= stretch.start && stretch.end <= end) {
      droppedBytes += await removeRun(replay, item, start, end);
      continue;
    }
    // The kernel never cuts content that lies in the item itself.
    if (isInline) return droppedBytes;
    if (address > 0) {
      droppedBytes += Math.min(end, stretch.end) - Math.max(start, stretch.start);
    }
    if (start > stretch.start) await shrink(tree, cutTo(item, start - stretch.start));
    if (stretch.end <= end) continue;
    const rest = { ...item, offset: BigInt(end), data: restOf(item, end - stretch.start) };
    if (start <= stretch.start) await remove(tree, item);
    else if (address > 0) change(references, address, extentBytes, 1);
    await insert(tree, rest);
    return droppedBytes;
  }
}

/** The same stretch, shorter. */
function cutTo(item: Item, lengthBytes: number): Item {
  const data = Buffer.from(item.data);
  setField(data, BtrfsFileExtentFields.lenStretch, lengthBytes);
  return { ...item, data };
}

/** The same extent from a later place of the file on. */
function restOf({ data }: Item, skippedBytes: number): Uint8Array {
  const copy = Buffer.from(data);
  const { ofsInExtent, lenStretch } = parseBtrfsFileExtent(data);
  const most = Number.MAX_SAFE_INTEGER - skippedBytes;
  const before = int(ofsInExtent, 'btrfs: offset in an extent', 0, most);
  const length = int(lenStretch, 'btrfs: length of a stretch', skippedBytes, most);
  setField(copy, BtrfsFileExtentFields.ofsInExtent, before + skippedBytes);
  setField(copy, BtrfsFileExtentFields.lenStretch, length - skippedBytes);
  return copy;
}

async function firstStretch({ tree }: SubvolumeReplay, inode: bigint, start: number): Promise<Key> {
  const key = { object: inode, type: EXTENT_DATA, offset: BigInt(start) };
  if ((await find(tree, key)) !== null) return key;
  const before = await findBefore(tree, key);
  return before?.object === inode && before.type === EXTENT_DATA ? before : key;
}

/** Deletes the item and those behind it in its leaf that lie within the range too, in one step as the kernel does. */
async function removeRun(
  replay: SubvolumeReplay,
  item: Item,
  start: number,
  end: number,
): Promise<number> {
  const path = await search(replay.tree, item, -1);
  const slot = path.slots[0] ?? 0;
  const { items } = nodeOf(path, 0);
  let count = 0;
  let storedBytes = 0;
  for (let i = slot; i < items.length; i++) {
    const one = items[i];
    if (one?.object !== item.object || one.type !== EXTENT_DATA) break;
    const stretch = readStretch(one, replay.sectorBytes);
    if (stretch.start < start || stretch.end > end) break;
    if (stretch.address > 0) change(replay.references, stretch.address, stretch.extentBytes, -1);
    storedBytes += storedIn(stretch);
    count++;
  }
  await removeAt(replay.tree, path, slot, count);
  return storedBytes;
}

/** The bytes that a file stores by a stretch: a hole none, content in the item its own length. */
function storedIn({ start, end, isInline, address, contentBytes }: Stretch): number {
  if (isInline) return contentBytes;
  return address > 0 ? end - start : 0;
}

/** Puts an extent of the log into the file. */
export async function replayExtent(replay: SubvolumeReplay, item: Item): Promise<void> {
  const { tree, references } = replay;
  const inode = { object: item.object, type: INODE_ITEM, offset: 0n };
  if ((await find(tree, inode)) === null) return;
  const stretch = readStretch(item, replay.sectorBytes);
  const before = await find(tree, item);
  const isSame = before !== null && Buffer.from(before.data).equals(item.data);
  if (isSame && !stretch.isInline) return;
  const dropped = await dropExtents(replay, item.object, stretch.start, stretch.end);
  if (stretch.isInline) await replayItem(replay, item);
  else if (stretch.address > 0) {
    await insert(tree, item);
    const { address, extentBytes: sizeBytes } = stretch;
    await addLogged(references, replay.extents, { address, sizeBytes }, () =>
      replay.takeSpace(address, sizeBytes),
    );
    await replayChecksums(replay, stretch);
  } else if (!replay.hasNoHoles) await insert(tree, item);
  await changeStored(replay, item.object, storedIn(stretch) - dropped);
}

async function replayChecksums(replay: SubvolumeReplay, stretch: Stretch): Promise<void> {
  const { address, extentBytes, isCompressed, skippedBytes, start, end } = stretch;
  const from = isCompressed ? address : address + skippedBytes;
  const bytes = isCompressed ? extentBytes : end - start;
  await copyChecksums(replay, from, from + bytes);
}
