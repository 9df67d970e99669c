// The replay of names: those that were deleted from directories, and those that were added.
// References: Linux 6.18 fs/btrfs/tree-log.c: replay_dir_deletes, find_dir_range, check_item_in_log, replay_one_name,
// add_inode_ref, __add_inode_ref, unlink_old_inode_refs; inode.c: btrfs_unlink_inode, btrfs_add_link;
// dir-item.c: btrfs_insert_dir_item; delayed-inode.c: btrfs_run_delayed_items.
import { parseBtrfsDirectoryRange } from '../../../../generated/filesystem/btrfs.js';
import { u64 } from '../../../validation/guest.js';
import { compareKeys, type Item, type Key } from '../tree.js';
import { changeItem, find, findNext, insertAll, overwrite, remove, shrink, touch } from './edit.js';
import {
  changedInode,
  DIR_INDEX,
  DIR_LOG_INDEX,
  type Entry,
  entryKey,
  extendedKey,
  INODE_ITEM,
  INODE_REF,
  isEntryOf,
  makeEntry,
  makeReference,
  type Name,
  placeOf,
  type Reference,
  readInode,
  TYPE_DIRECTORY,
} from './items.js';
import type { NameCache } from './name-cache.js';
import { type EditTree, usedBytes } from './node.js';
import { countAgain, replayItem, type SubvolumeReplay } from './replay.js';
import { lowerBound } from './tree.js';

const U64_MAX = 2n ** 64n - 1n;
const NAME_COUNT = 2;

/** Indices of a directory's entries for which the log is complete: an entry that it does not have was deleted. */
interface IndexRange {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Takes away the names that were deleted, or all. Example: the log says that it is complete for the indices 5 to 9 of the
 * directory and has the entry 7 alone; the subvolume has 6 and 7, so that 6 goes.
 */
export async function deleteNames(
  replay: SubvolumeReplay,
  directory: bigint,
  isAll: boolean,
): Promise<void> {
  const ranges = isAll ? [{ first: 0n, last: U64_MAX }] : loggedRanges(replay, directory);
  if ((await inodeOf(replay, directory)) === null) return;
  for (const { first, last } of ranges) {
    for (let offset = first; offset <= last; offset++) {
      const item = await findNext(replay.tree, { object: directory, type: DIR_INDEX, offset });
      if (item === null || item.object !== directory || item.type !== DIR_INDEX) return;
      if (item.offset > last) break;
      offset = item.offset;
      const [entry] = replay.entries.of(item).list;
      if (entry === undefined) continue;
      if (!isAll && nameIn(replay, replay.log.get(item), entry.name)) continue;
      await dropEntry(replay, directory, entry);
    }
  }
}

function loggedRanges({ log }: SubvolumeReplay, directory: bigint): readonly IndexRange[] {
  const ranges: IndexRange[] = [];
  const key = { object: directory, type: DIR_LOG_INDEX, offset: 0n };
  for (let i = lowerBound(log.items, key); i < log.items.length; i++) {
    const item = log.items[i];
    if (item?.object !== directory || item.type !== DIR_LOG_INDEX) break;
    const { end } = parseBtrfsDirectoryRange(item.data);
    ranges.push({ first: item.offset, last: u64(end) });
  }
  return ranges;
}

function nameIn(replay: SubvolumeReplay, item: Item | null, name: string): boolean {
  return entryIn(replay, item, name) !== undefined;
}

function entryIn({ entries }: SubvolumeReplay, item: Item | null, name: string): Entry | undefined {
  return item === null ? undefined : entries.of(item).byPlace.get(name);
}

async function inodeOf({ tree }: SubvolumeReplay, inode: bigint): Promise<Item | null> {
  return find(tree, { object: inode, type: INODE_ITEM, offset: 0n });
}

/** Takes the name from its inode, whose links are counted at the end. */
async function dropEntry(replay: SubvolumeReplay, directory: bigint, entry: Entry): Promise<void> {
  const inode = entry.target.object;
  if (entry.target.type !== INODE_ITEM || (await inodeOf(replay, inode)) === null) return;
  await countAgain(replay, inode);
  await unlink(replay, directory, inode, entry.name);
}

async function unlink(
  replay: SubvolumeReplay,
  directory: bigint,
  inode: bigint,
  name: string,
): Promise<void> {
  const { tree, entries, links } = replay;
  const entry = await removeName(tree, entries, entryKey(directory, name), name);
  const reference = { object: inode, type: INODE_REF, offset: directory };
  const extended = extendedKey(inode, directory, name);
  const place = placeOf(directory, name);
  const removed =
    (await removeName(tree, links, reference, place)) ??
    (await removeName(tree, links, extended, place));
  await resize(replay, directory, entry === null ? 0 : -NAME_COUNT * name.length);
  if (removed !== null) {
    const { index } = removed;
    const pending = replay.pendingNames.get(directory);
    const at = pending?.findIndex(({ offset }) => offset === index) ?? -1;
    if (at >= 0) pending?.splice(at, 1);
    await flushNames(replay);
    if (at < 0) await remove(tree, { object: directory, type: DIR_INDEX, offset: index });
  }
  await touch(tree, { object: inode, type: INODE_ITEM, offset: 0n });
}

/** The size of a directory is that of its names, each of which it has twice: by hash and by index. */
async function resize(replay: SubvolumeReplay, directory: bigint, bytes: number): Promise<void> {
  const key = { object: directory, type: INODE_ITEM, offset: 0n };
  await changeItem(replay.tree, key, (item) =>
    changedInode(item, { sizeBytes: readInode(item.data).sizeBytes + bytes }),
  );
}

/** Takes one name out of an item of several, or takes the item away. */
async function removeName<T extends Name>(
  tree: EditTree,
  names: NameCache<T>,
  key: Key,
  place: string,
): Promise<T | null> {
  const item = await find(tree, key);
  if (item === null) return null;
  const { list, byPlace } = names.of(item);
  const found = byPlace.get(place);
  if (found === undefined) return null;
  if (list.length === 1) await remove(tree, key);
  else await shrink(tree, names.without(item, place));
  return found;
}

/** Adds the name of an entry of the log (an item DIR_INDEX of the directory). */
export async function replayName(replay: SubvolumeReplay, item: Item): Promise<void> {
  const { tree, log } = replay;
  const [entry] = replay.entries.of(item).list;
  const directory = item.object;
  if (entry === undefined || (await inodeOf(replay, directory)) === null) return;
  const { target, name } = entry;
  const exists = (await find(tree, { ...target, offset: 0n })) !== null;
  const named = entryIn(replay, await find(tree, entryKey(directory, name)), name);
  const hasName = await settle(replay, directory, entry, named, exists);
  const indexed = entryIn(replay, await find(tree, item), name);
  const hasIndex = await settle(replay, directory, entry, indexed, exists);
  if (hasName && hasIndex) return;
  const inode = target.object;
  const reference = log.get({ object: inode, type: INODE_REF, offset: directory });
  const extended = log.get(extendedKey(inode, directory, name));
  if (hasReference(replay, reference, directory, name)) return;
  if (hasReference(replay, extended, directory, name)) return;
  if (!exists || target.type !== INODE_ITEM) return;
  const wasAdded = await addLink(replay, { directory, inode, name, index: item.offset }, true);
  if (wasAdded && entry.type !== TYPE_DIRECTORY) await countAgain(replay, inode);
}

/** Whether the name is there already and leads to the same; if it leads elsewhere it is dropped. */
async function settle(
  replay: SubvolumeReplay,
  directory: bigint,
  wanted: Entry,
  found: Entry | undefined,
  exists: boolean,
): Promise<boolean> {
  if (found === undefined) return false;
  if (compareKeys(found.target, wanted.target) === 0 && found.type === wanted.type) return true;
  if (exists) await dropEntry(replay, directory, found);
  return false;
}

function hasReference(
  { links }: SubvolumeReplay,
  item: Item | null,
  directory: bigint,
  name: string,
): boolean {
  return item !== null && links.of(item).byPlace.has(placeOf(directory, name));
}

interface Link {
  readonly directory: bigint;
  readonly inode: bigint;
  readonly name: string;
  readonly index: bigint;
}

async function addLink(
  replay: SubvolumeReplay,
  link: Link,
  withReference: boolean,
): Promise<boolean> {
  const { tree, pendingNames, entries, links } = replay;
  const { directory, inode, name, index } = link;
  if (withReference) {
    const key = { object: inode, type: INODE_REF, offset: directory };
    const before = await find(tree, key);
    if (hasReference(replay, before, directory, name)) return false;
    await append(tree, links, before ?? key, makeReference(index, name));
  }
  const key = entryKey(directory, name);
  const before = await find(tree, key);
  if (nameIn(replay, before, name)) return false;
  const target = await inodeOf(replay, inode);
  const data = makeEntry(inode, name, target === null ? 0 : readInode(target.data).entryType);
  await append(tree, entries, before ?? key, data);
  const pending = pendingNames.get(directory) ?? [];
  pending.push({ object: directory, type: DIR_INDEX, offset: index, data });
  pendingNames.set(directory, pending);
  await resize(replay, directory, NAME_COUNT * name.length);
  return true;
}

/** @param before the item that the name goes into, or the key of a new one. */
async function append<T extends Name>(
  tree: EditTree,
  names: NameCache<T>,
  before: Item | Key,
  bytes: Uint8Array,
): Promise<void> {
  const isThere = 'data' in before;
  const item = isThere ? names.withMore(before, bytes) : { ...before, data: bytes };
  await overwrite(tree, item, bytes.length);
}

/** Adds the entries by index that were put off. Those that follow one another go in one step, as many as a leaf holds. */
export async function flushNames({ tree, pendingNames }: SubvolumeReplay): Promise<void> {
  for (const items of pendingNames.values()) {
    let batch: Item[] = [];
    let batchBytes = 0;
    for (const item of [...items].sort(compareKeys)) {
      const last = batch[batch.length - 1];
      const follows = last === undefined || last.offset + 1n === item.offset;
      const itemBytes = usedBytes([item]);
      if (!follows || batchBytes + itemBytes > tree.leafBytes) {
        await insertAll(tree, batch);
        batch = [];
        batchBytes = 0;
      }
      batch.push(item);
      batchBytes += itemBytes;
    }
    await insertAll(tree, batch);
  }
  pendingNames.clear();
}

/** Adds the names that an inode has by the log, and takes away those that it had in the same place before. */
export async function replayReferences(replay: SubvolumeReplay, item: Item): Promise<void> {
  const inode = item.object;
  if ((await inodeOf(replay, inode)) === null) return;
  const wanted = [...replay.links.of(item).list];
  let areOthersDropped = false;
  for (const reference of wanted) {
    if ((await inodeOf(replay, reference.directory)) === null) return;
    // The top of a subvolume is above itself, and no directory has that name of it.
    if (reference.directory === inode) continue;
    if (await isThere(replay, inode, reference)) continue;
    // Once is enough: until all are added, the subvolume's item gets no others.
    if (!areOthersDropped) await dropOthers(replay, item, wanted);
    areOthersDropped = true;
    await addName(replay, item, reference);
  }
  if (!areOthersDropped) await dropOthers(replay, item, wanted);
  await replayItem(replay, item);
}

async function isThere(
  replay: SubvolumeReplay,
  inode: bigint,
  { directory, index, name }: Reference,
): Promise<boolean> {
  const { tree } = replay;
  const leadsThere = (item: Item | null) => {
    const entry = entryIn(replay, item, name);
    return entry !== undefined && isEntryOf(entry, inode);
  };
  const byIndex = await find(tree, { object: directory, type: DIR_INDEX, offset: index });
  return leadsThere(byIndex) && leadsThere(await find(tree, entryKey(directory, name)));
}

async function addName(
  replay: SubvolumeReplay,
  item: Item,
  { directory, index, name }: Reference,
): Promise<void> {
  const { tree } = replay;
  for (const key of [
    { object: directory, type: DIR_INDEX, offset: index },
    entryKey(directory, name),
  ]) {
    const entry = entryIn(replay, await find(tree, key), name);
    if (entry !== undefined) await dropEntry(replay, directory, entry);
  }
  if (hasReference(replay, await find(tree, item), directory, name)) {
    await unlink(replay, directory, item.object, name);
  }
  await addLink(replay, { directory, inode: item.object, name, index }, false);
  await touch(tree, { object: item.object, type: INODE_ITEM, offset: 0n });
}

/** Unlinks the names of the subvolume's item that are not among those of the log's. */
async function dropOthers(
  replay: SubvolumeReplay,
  item: Item,
  wanted: readonly Reference[],
): Promise<void> {
  const before = await find(replay.tree, item);
  if (before === null) return;
  const places = new Set(wanted.map(({ place }) => place));
  const others = replay.links.of(before).list.filter(({ place }) => !places.has(place));
  for (const { directory, name } of others) await unlink(replay, directory, item.object, name);
}
