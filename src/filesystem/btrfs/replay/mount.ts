// A mount in memory, step by step: the logs are replayed, the transaction is committed, files without a name are freed.
// References: Linux 6.18 fs/btrfs/tree-log.c: btrfs_recover_log_trees; disk-io.c: btrfs_replay_log,
// btrfs_cleanup_fs_roots.
import { FormatError } from '../../../errors.js';
import { chunkAt } from '../chunks.js';
import type { Pool } from '../devices.js';
import type { GroupUsage } from '../groups.js';
import { holdsData, METADATA } from '../profile.js';
import {
  BLOCK_GROUP_TREE,
  CHECKSUM_TREE,
  EXTENT_TREE,
  FREE_SPACE_TREE,
  type Root,
  readRoot,
  readRoots,
} from '../roots.js';
import { TOP } from '../tree.js';
import { type BlockPool, blockPool } from './blocks.js';
import { type Budget, budget } from './budget.js';
import { commit } from './commit.js';
import { changeFreeSpace } from './free-space.js';
import { readEntries, readReferences } from './items.js';
import { nameCache } from './name-cache.js';
import { type EditTree, settle } from './node.js';
import { freeOrphans } from './orphans.js';
import { change, changedExtents, extentOf, isSharedNode, type References } from './references.js';
import type { Log, SubvolumeReplay } from './replay.js';
import { finish, readLog, replayInodes, replayNames, replayRest } from './subvolume.js';
import { editTree } from './tree.js';

/** BTRFS_TREE_LOG_OBJECTID */
const LOG_TREE = 2n ** 64n - 6n;

/** A mount in memory. */
export interface Recovery {
  readonly pool: Pool;
  readonly references: References;
  readonly blocks: BlockPool;
  readonly budget: Budget;
  readonly root: EditTree;
  /** By number, subvolumes and others. */
  readonly trees: Map<bigint, EditTree>;
  readonly linkCounts: Map<bigint, Map<bigint, number>>;
  /** Bytes of data that are used or freed, by type. */
  readonly data: Map<string, number>;
}

interface Replay {
  readonly recovery: Recovery;
  /** By the number of the subvolume. */
  readonly logs: ReadonlyMap<bigint, Log>;
}

/** All logs are replayed, and nothing is committed. @throws FormatError LIMIT when that is too much work. */
export async function replayAll(pool: Pool, extents: Root): Promise<Replay> {
  const { reader } = pool;
  const taken = new Map<number, number>();
  const limits = budget(pool.breathe);
  const logs = await readLogs(pool, taken, limits);
  const chunks = pool.chunks.filter(({ kind }) => kind >= METADATA);
  const blocks = blockPool({ reader, extents, chunks, taken });
  const recovery: Recovery = {
    pool,
    references: {
      reader,
      extents,
      budget: limits,
      changes: new Map(),
      settled: new Map(),
      inserted: new Set(),
    },
    blocks,
    budget: limits,
    root: await editTree(reader, pool.superblock.root, { blocks, budget: limits }),
    trees: new Map(),
    linkCounts: new Map(),
    data: new Map(),
  };
  await openTrees(recovery);
  await replayLogs(recovery, logs);
  return { recovery, logs };
}

/**
 * The logs of subvolumes, from the highest number down as the kernel takes them. `taken` gets the addresses of their nodes and
 * of the extents that their files refer to: no new node may be put there.
 */
async function readLogs(
  { reader, superblock }: Pool,
  taken: Map<number, number>,
  limits: Budget,
): Promise<ReadonlyMap<bigint, Log>> {
  const logs = new Map<bigint, Log>();
  const { logRoot, nodeBytes } = superblock;
  if (logRoot === null) return logs;
  const onNode = (address: number) => {
    limits.load(nodeBytes);
    taken.set(address, nodeBytes);
  };
  await readLog(reader, logRoot, onNode);
  const roots = await readRoots(reader, logRoot, LOG_TREE, (tree) => `the log of tree ${tree}`);
  for (const root of [...roots].reverse()) {
    const log = await readLog(reader, root, onNode);
    for (const item of log.items) {
      const extent = extentOf(item);
      if (extent !== null) taken.set(extent.address, extent.sizeBytes);
    }
    logs.set(root.offset, log);
  }
  return logs;
}

async function openTrees(recovery: Recovery): Promise<void> {
  const { hasFreeSpaceTree, hasBlockGroupTree } = recovery.pool.superblock.features;
  const numbers = [EXTENT_TREE, CHECKSUM_TREE];
  if (hasFreeSpaceTree) numbers.push(FREE_SPACE_TREE);
  if (hasBlockGroupTree) numbers.push(BLOCK_GROUP_TREE);
  for (const number of numbers) await openTree(recovery, number);
}

export async function openTree(recovery: Recovery, number: bigint): Promise<EditTree> {
  const { pool, references, trees, blocks } = recovery;
  const { budget: limits } = recovery;
  const known = trees.get(number);
  if (known !== undefined) return known;
  const root = await readRoot(pool.reader, pool.superblock.root, number);
  const tree = await editTree(
    pool.reader,
    root,
    { blocks, budget: limits },
    {
      isShared: async (node) =>
        node.generation <= root.lastSnapshot && (await isSharedNode(references, node)),
      onLeafCopied(items) {
        for (const item of items) {
          const extent = extentOf(item);
          if (extent !== null) change(references, extent.address, extent.sizeBytes, 1);
        }
      },
    },
  );
  trees.set(number, tree);
  return tree;
}

async function replayLogs(recovery: Recovery, logs: ReadonlyMap<bigint, Log>): Promise<void> {
  const { sectorBytes, checksumBytes, features } = recovery.pool.superblock;
  const replays: SubvolumeReplay[] = [];
  for (const [number, log] of logs) {
    const linkCounts = new Map<bigint, number>();
    recovery.linkCounts.set(number, linkCounts);
    replays.push({
      log,
      tree: await openTree(recovery, number),
      checksums: await openTree(recovery, CHECKSUM_TREE),
      extents: await openTree(recovery, EXTENT_TREE),
      references: recovery.references,
      takeSpace: (address, sizeBytes) => takeSpace(recovery, address, sizeBytes),
      sectorBytes,
      checksumBytes,
      hasNoHoles: features.hasNoHoles,
      pendingNames: new Map(),
      linkCounts,
      entries: nameCache(recovery.budget, readEntries),
      links: nameCache(recovery.budget, readReferences),
    });
  }
  for (const stage of [replayInodes, replayNames, replayRest, finish]) {
    for (const replay of replays) await stage(replay);
  }
}

async function takeSpace(
  { pool, trees }: Recovery,
  address: number,
  sizeBytes: number,
): Promise<void> {
  const tree = trees.get(FREE_SPACE_TREE);
  const chunk = chunkOf(pool, address, sizeBytes);
  if (tree !== undefined) await changeFreeSpace(tree, chunk, address, sizeBytes, false);
}

/** Frees the files without a name of the subvolumes that a mount looks at, in a transaction of its own. */
export async function freeAll(recovery: Recovery, logs: Replay['logs']): Promise<void> {
  for (const number of new Set([...logs.keys(), TOP])) {
    const tree = await openTree(recovery, number);
    await freeOrphans(tree, recovery.references, recovery.linkCounts.get(number) ?? new Map());
  }
  await commitAll(recovery);
}

export async function commitAll(recovery: Recovery): Promise<void> {
  const { pool, references, blocks, root, trees, data } = recovery;
  const { features, sectorBytes, checksumBytes } = pool.superblock;
  for (const { address, sizeBytes, isAdded, isNoted } of await changedExtents(references)) {
    const name = nameOf(chunkOf(pool, address, sizeBytes));
    data.set(name, (data.get(name) ?? 0) + (isAdded ? sizeBytes : -sizeBytes));
    if (!isNoted) blocks.pending.put({ address, isAdded, level: null, sizeBytes });
  }
  await commit({
    blocks,
    chunks: pool.chunks,
    root,
    extents: await openTree(recovery, EXTENT_TREE),
    checksums: await openTree(recovery, CHECKSUM_TREE),
    freeSpace: trees.get(FREE_SPACE_TREE) ?? null,
    blockGroups: trees.get(BLOCK_GROUP_TREE) ?? null,
    trees,
    hasSkinnyMetadata: features.hasSkinnyMetadata,
    sectorBytes,
    checksumBytes,
  });
  for (const tree of [root, ...trees.values()]) settle(tree.root);
}

/** The use of the block groups after what was committed. @throws FormatError OUT_OF_BOUNDS */
export function changedUsages(
  { pool, blocks, data }: Recovery,
  usages: readonly GroupUsage[],
): readonly GroupUsage[] {
  const changes = new Map(data);
  const metadata = usages.findLast(({ kind }) => kind >= METADATA);
  if (metadata !== undefined) {
    const name = nameOf(metadata);
    const bytes = blocks.addedNodes * pool.superblock.nodeBytes;
    changes.set(name, (changes.get(name) ?? 0) + bytes);
  }
  return usages.map((usage) => {
    const usedBytes = usage.usedBytes + (changes.get(nameOf(usage)) ?? 0);
    if (usedBytes >= 0 && usedBytes <= usage.sizeBytes) return { ...usage, usedBytes };
    const message = `btrfs: with its log ${usedBytes} bytes are used, of ${usage.sizeBytes} of that type`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { usedBytes } });
  });
}

export function nameOf({ kind, profile }: Pick<GroupUsage, 'kind' | 'profile'>): string {
  return `${kind} ${profile.name}`;
}

function chunkOf({ chunks }: Pool, address: number, sizeBytes: number) {
  const chunk = chunkAt(chunks, address);
  const isInside = chunk !== null && address + sizeBytes <= chunk.address + chunk.sizeBytes;
  if (isInside && holdsData(chunk)) return chunk;
  throw new FormatError('INVALID', `btrfs: the log has data at ${address}, where no data can be`);
}
