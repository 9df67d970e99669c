// A log of btrfs and the subvolume that it is replayed into, in memory: what no kernel writes within a test's time.
import { resolve } from 'node:path';
import { openDisk } from '../../src/container/open.js';
import type { Breathe } from '../../src/filesystem/breath.js';
import { budget } from '../../src/filesystem/btrfs/replay/budget.js';
import { insert } from '../../src/filesystem/btrfs/replay/edit.js';
import {
  DIR_INDEX,
  entryKey,
  INODE_ITEM,
  INODE_REF,
  makeEntry,
  makeReference,
  readEntries,
  readReferences,
} from '../../src/filesystem/btrfs/replay/items.js';
import { nameCache } from '../../src/filesystem/btrfs/replay/name-cache.js';
import type { EditTree } from '../../src/filesystem/btrfs/replay/node.js';
import type { SubvolumeReplay } from '../../src/filesystem/btrfs/replay/replay.js';
import { lowerBound } from '../../src/filesystem/btrfs/replay/tree.js';
import { readSuperblock, type Superblock } from '../../src/filesystem/btrfs/superblock.js';
import {
  compareKeys,
  HEAD_BYTES,
  type Item,
  POINTER_BYTES,
  treeReader,
} from '../../src/filesystem/btrfs/tree.js';
import { openScope } from '../../src/host/local-scope.js';

const INODE_BYTES = 160;
const DIRECTORY_MODE = 0o040755;
const FILE_MODE = 0o100644;
/** The subvolume's own directory. */
export const TOP = 256n;

export function inodeItem(object: bigint, linkCount = 1): Item {
  const data = Buffer.alloc(INODE_BYTES);
  data.writeBigUInt64LE(1n, 0);
  data.writeUInt32LE(linkCount, 40);
  data.writeUInt32LE(object === TOP ? DIRECTORY_MODE : FILE_MODE, 52);
  return { object, type: INODE_ITEM, offset: 0n, data };
}

/** The top directory, which has a name as any other. */
export function topItems(): readonly Item[] {
  return [inodeItem(TOP), referenceItem(TOP, new Map([[0n, '..']]))];
}

/** All names that an inode has in the top directory. */
export function referenceItem(object: bigint, names: ReadonlyMap<bigint, string>): Item {
  const data = Buffer.concat([...names].map(([index, name]) => makeReference(index, name)));
  return { object, type: INODE_REF, offset: TOP, data };
}

/** A name of the top directory: by its index, and by its hash. */
export function entryItems(object: bigint, index: bigint, name: string): readonly [Item, Item] {
  const data = makeEntry(object, name, 1);
  return [
    { object: TOP, type: DIR_INDEX, offset: index, data },
    { ...entryKey(TOP, name), data },
  ];
}

export interface ReplayOptions {
  readonly breathe?: Breathe;
  /** Is told how many names were read of an item. */
  readonly onRead?: (names: number) => void;
}

/** A replay of a log with these items into a subvolume with those; its nodes have 64 KiB. */
export async function replayOf(
  logged: readonly Item[],
  before: readonly Item[],
  { breathe = () => null, onRead = () => {} }: ReplayOptions = {},
): Promise<SubvolumeReplay> {
  const superblock = await superblockOf('btrfs-64k');
  const inner = budget(breathe);
  const limits = {
    ...inner,
    read(names: number) {
      onRead(names);
      inner.read(names);
    },
  };
  const tree = emptyTree(superblock, limits);
  for (const item of before) await insert(tree, item);
  const extents = emptyTree(superblock, limits);
  const items = [...logged].sort(compareKeys);
  return {
    log: {
      items,
      get(key) {
        const item = items[lowerBound(items, key)];
        return item !== undefined && compareKeys(item, key) === 0 ? item : null;
      },
    },
    tree,
    checksums: emptyTree(superblock, limits),
    extents,
    references: {
      reader: extents.reader,
      extents: superblock.root,
      budget: limits,
      changes: new Map(),
      settled: new Map(),
      inserted: new Set(),
    },
    takeSpace: () => Promise.resolve(),
    sectorBytes: 4096,
    checksumBytes: 4,
    hasNoHoles: true,
    pendingNames: new Map(),
    linkCounts: new Map(),
    entries: nameCache(limits, readEntries),
    links: nameCache(limits, readReferences),
  };
}

async function superblockOf(name: string): Promise<Superblock> {
  const scope = openScope({ deadlineMs: null });
  try {
    const path = resolve('images', `${name}.qcow2`);
    return await readSuperblock((await openDisk(path, { format: 'auto', scope })).content);
  } finally {
    await scope.close();
  }
}

function emptyTree(superblock: Superblock, limits: EditTree['budget']): EditTree {
  const { nodeBytes } = superblock;
  const reader = treeReader(superblock, {
    copies: () => 0,
    read: () => Promise.reject(new Error('nothing is read')),
  });
  let nodes = 1;
  return {
    reader,
    leafBytes: nodeBytes - HEAD_BYTES,
    maxChildren: Math.floor((nodeBytes - HEAD_BYTES) / POINTER_BYTES),
    sharing: { isShared: () => Promise.resolve(false), onLeafCopied() {} },
    blocks: { allocate: () => Promise.resolve(nodes++ * nodeBytes), release() {} },
    budget: limits,
    root: {
      level: 0,
      items: [],
      children: [],
      generation: 1n,
      address: 0,
      isFresh: false,
      isShared: false,
    },
    origin: 0,
    reshapedCount: 0,
    tightCount: 0,
    leastFreeBytes: nodeBytes,
  };
}

/** All items of a tree, in order. */
export function itemsOf(tree: EditTree): readonly Item[] {
  const walk = (node: EditTree['root'] | null): readonly Item[] =>
    node === null ? [] : [...node.items, ...node.children.flatMap((child) => walk(child.node))];
  return walk(tree.root);
}
