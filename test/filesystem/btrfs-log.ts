// A log of btrfs and the subvolume that it is replayed into, in memory: what no kernel writes within a test's time.
import { resolve } from 'node:path';
import { openDisk } from '../../src/container/open.js';
import { type Breathe, breathing } from '../../src/filesystem/breath.js';
import { budget } from '../../src/filesystem/btrfs/replay/budget.js';
import {
  DIR_INDEX,
  entryKey,
  INODE_ITEM,
  INODE_REF,
  makeEntry,
  makeReference,
} from '../../src/filesystem/btrfs/replay/items.js';
import { lowerBound, type Replay } from '../../src/filesystem/btrfs/replay/subvolume.js';
import type { EditTree } from '../../src/filesystem/btrfs/replay/tree.js';
import { readSuperblock, type Superblock } from '../../src/filesystem/btrfs/superblock.js';
import {
  compareKeys,
  HEAD_BYTES,
  type Item,
  POINTER_BYTES,
  treeReader,
} from '../../src/filesystem/btrfs/tree.js';
import { openScope } from '../../src/source/local-scope.js';

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

/** All names that an inode has in the top directory. */
export function referenceItem(object: bigint, names: ReadonlyMap<bigint, string>): Item {
  const data = Buffer.concat([...names].map(([index, name]) => makeReference(index, name)));
  return { object, type: INODE_REF, offset: TOP, data };
}

/** A name of the top directory: by its index, and by its hash. */
export function entryItems(object: bigint, index: bigint, name: string): readonly [Item, Item] {
  const data = makeEntry(object, name, false);
  return [
    { object: TOP, type: DIR_INDEX, offset: index, data },
    { ...entryKey(TOP, name), data },
  ];
}

/** A replay of a log with these items into a subvolume with those; its nodes have 64 KiB. */
export async function replayOf(
  logged: readonly Item[],
  before: readonly Item[],
  breathe: Breathe = breathing({ sizeBytes: 1, read: async () => new Uint8Array(1) }, 0),
): Promise<Replay> {
  const superblock = await superblockOf('btrfs-64k');
  const limits = budget(breathe);
  const treeOf = (items: readonly Item[]) => memoryTree(superblock, items, limits);
  const tree = treeOf(before);
  const extents = treeOf([]);
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
    checksums: treeOf([]),
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

function memoryTree(
  superblock: Superblock,
  items: readonly Item[],
  limits: EditTree['budget'],
): EditTree {
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
      items: [...items].sort(compareKeys),
      children: [],
      generation: 1n,
      address: 0,
      isFresh: false,
      isShared: false,
    },
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
