// The tree of a cache: of every device that is cached, which of its extents lie in the cache. A node is a log of sets, each of
// them sorted; of keys that overlap those of the later set count.
// References: Linux drivers/md/bcache/btree.c (bch_btree_node_read_done, bch_initial_mark_key), extents.c
// (bch_extent_sort_fixup, bch_btree_ptr_bad), bset.c.
import { parseBcacheKeySet } from '../../../generated/volume/bcache.js';
import { crc64 } from '../../bytes/crc64.js';
import { countBefore } from '../../bytes/search.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { type Extent, type Extents, laidOverEachOther } from './extents.js';
import type { Generations } from './generations.js';
import { comesBefore, isStale, type Key, keyAt, LAST_SECTOR } from './keys.js';
import type { CacheDevice } from './superblock.js';
import { wordOf } from './word.js';

const SET_MAGIC = 0x90135c78b99e07f5n;
const HEAD_BYTES = 32;
const WORD_BYTES = 8;
const SUMMED_OFFSET = 8;
const SEEDED_VERSION = 1;
const MAX_NODE_BYTES = 2 ** 20;
const MAX_LEVELS = 8;
/** Nodes that are kept as they were put together, and their keys, of some 100 bytes of memory each. */
const KEPT_NODES = 32;
const KEPT_KEYS = 2 ** 19;

interface Inner {
  readonly kind: 'inner';
  readonly children: readonly Key[];
}

interface Leaf {
  readonly kind: 'leaf';
  readonly extents: Extents;
}

/** What lies in the cache at a place, or how far nothing does. */
interface Found {
  readonly endSector: number;
  /** Some key is of it. */
  readonly isKnown: boolean;
  /** null: the cached device has it. */
  readonly cacheSector: number | null;
}

export interface CacheTree {
  readonly device: ByteSource;
  readonly cache: CacheDevice;
  readonly generations: Generations;
  readonly root: Key;
  readonly rootLevel: number;
  /** By level and place: a node that leads to itself is read as that of the next level then, and ends as a leaf. */
  readonly kept: Map<string, Inner | Leaf>;
}

/** @throws FormatError for a damaged node, or a tree that does not end. */
export async function findInTree(tree: CacheTree, inode: number, sector: number): Promise<Found> {
  let [key, endSector] = [tree.root, LAST_SECTOR];
  if (tree.rootLevel >= MAX_LEVELS) {
    throw new FormatError('LIMIT', `bcache: the tree has ${tree.rootLevel + 1} levels`);
  }
  for (let level = tree.rootLevel; ; level--) {
    const node = await nodeOf(tree, key, level);
    if (node.kind === 'leaf') {
      const found = foundIn(node.extents, inode, sector);
      return { ...found, endSector: Math.min(found.endSector, endSector) };
    }
    const { children } = node;
    const index = countBefore(children.length, (i) => {
      const child = children[i];
      return child !== undefined && comesBefore(child, inode, sector + 1);
    });
    const child = children[index];
    if (child === undefined) return { endSector, isKnown: false, cacheSector: null };
    if (child.inode === inode) endSector = Math.min(endSector, child.end);
    key = child;
  }
}

export function foundIn(extents: Extents, inode: number, sector: number): Found {
  const index = countBefore(extents.length, (i) => {
    const extent = extents[i];
    return extent !== undefined && comesBefore(extent, inode, sector + 1);
  });
  const extent = extents[index];
  if (extent === undefined || extent.inode !== inode) {
    return { endSector: LAST_SECTOR, isKnown: false, cacheSector: null };
  }
  if (sector < extent.start) {
    return { endSector: extent.start, isKnown: false, cacheSector: null };
  }
  const { cacheSector } = extent;
  const at = cacheSector === null ? null : cacheSector + sector - extent.start;
  return { endSector: extent.end, isKnown: true, cacheSector: at };
}

async function nodeOf(tree: CacheTree, key: Key, level: number): Promise<Inner | Leaf> {
  const { place } = key;
  if (place === null) throw new FormatError('INVALID', 'bcache: a node of the tree lies nowhere');
  const id = `${level}:${place.word}`;
  const known = tree.kept.get(id);
  if (known !== undefined) return known;
  const sets = await readSets(tree, key);
  const node = level === 0 ? leafOf(tree, sets) : innerOf(tree, sets);
  keep(tree.kept, id, node);
  return node;
}

function keep(kept: CacheTree['kept'], id: string, node: Inner | Leaf): void {
  kept.set(id, node);
  let keyCount = 0;
  for (const one of kept.values()) keyCount += keyCountOf(one);
  for (const [oldest, one] of kept) {
    if (kept.size <= KEPT_NODES && keyCount <= KEPT_KEYS) return;
    keyCount -= keyCountOf(one);
    kept.delete(oldest);
  }
}

function keyCountOf(node: Inner | Leaf): number {
  return node.kind === 'leaf' ? node.extents.length : node.children.length;
}

/** The keys of a node's sets, the oldest set first. */
async function readSets(
  { device, cache }: CacheTree,
  { place, length }: Key,
): Promise<readonly (readonly Key[])[]> {
  const { sector = 0, word = 0n } = place ?? {};
  const start = sector * SECTOR_BYTES;
  const nodeBytes = Math.min(MAX_NODE_BYTES, length * SECTOR_BYTES, device.sizeBytes - start);
  if (nodeBytes < HEAD_BYTES) {
    throw new FormatError('OUT_OF_BOUNDS', `bcache: a node of the tree begins at byte ${start}`);
  }
  const bytes = await device.read(start, nodeBytes);
  const sets: (readonly Key[])[] = [];
  let number: bigint | null = null;
  for (let at = 0; at + HEAD_BYTES <= nodeBytes; ) {
    const head = parseBcacheKeySet(bytes.subarray(at, at + HEAD_BYTES));
    // Sets of another number are left from an older use of the bucket.
    number ??= wordOf(head.seqNumber);
    if (!equals(head.seqNumber, number)) break;
    const room = Math.floor((nodeBytes - at - HEAD_BYTES) / WORD_BYTES);
    const end = at + HEAD_BYTES + int(head.numWords, 'bcache: keys of a set', 0, room) * WORD_BYTES;
    const isSound = equals(head.magic, cache.setMagic ^ SET_MAGIC);
    const seed = equals(head.version, SEEDED_VERSION) ? word : null;
    if (!isSound || !equals(head.checksum, crc64(bytes.subarray(at + SUMMED_OFFSET, end), seed))) {
      const message = `bcache: the set of keys at byte ${start + at} of the cache is damaged`;
      throw new FormatError('BAD_CHECKSUM', message);
    }
    sets.push(keysIn(bytes.subarray(at + HEAD_BYTES, end), cache.deviceNumber));
    at += Math.ceil((end - at) / cache.blockBytes) * cache.blockBytes;
  }
  return sets;
}

export function keysIn(bytes: Uint8Array, deviceNumber: number): readonly Key[] {
  const keys: Key[] = [];
  for (let word = 0; word * WORD_BYTES < bytes.length; ) {
    const key = keyAt(bytes, word, deviceNumber);
    keys.push(key);
    word = key.nextWord;
  }
  return keys;
}

/** What a key says of its extent: the cache has what is newer there, or the cached device has it. */
export function extentOf(key: Key, generations: Generations): Extent {
  const { inode, end, length, isDirty, place } = key;
  const isThere =
    isDirty && place !== null && !isStale(generations.at(place.sector), place.generation);
  const start = Math.max(0, end - length);
  return { inode, start, end, cacheSector: isThere ? place.sector : null };
}

function leafOf({ generations }: CacheTree, sets: readonly (readonly Key[])[]): Leaf {
  const extents = sets.map((keys) =>
    keys.filter(({ length }) => length > 0).map((key) => extentOf(key, generations)),
  );
  return { kind: 'leaf', extents: laidOverEachOther(extents) };
}

/** Keys without a device and a place tell that a node was freed: the generation of its bucket is a newer one since. */
function innerOf({ generations }: CacheTree, sets: readonly (readonly Key[])[]): Inner {
  const all = sets.flat();
  for (const { inode, end, place } of all) {
    if (inode !== 0 || end !== 0 || place === null) continue;
    if (!isStale(generations.at(place.sector), place.generation)) {
      generations.set(place.sector, place.generation);
    }
  }
  const byPlace = new Map<string, Key>();
  for (const key of all) {
    const { inode, end, place } = key;
    if ((inode === 0 && end === 0) || place === null) continue;
    if (!isStale(generations.at(place.sector), place.generation))
      byPlace.set(`${inode}:${end}`, key);
  }
  const children = [...byPlace.values()].sort((a, b) => a.inode - b.inode || a.end - b.end);
  return { kind: 'inner', children };
}
