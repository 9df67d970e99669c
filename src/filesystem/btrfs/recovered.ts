// A btrfs in the state in which a mount has it once the log is replayed and before files without a name are freed, for whoever
// reads files. A file that was made and fsynced before a crash is in the log alone: here its inode, its names and its extents
// are items of its subvolume, in nodes that lie over the devices' bytes.
// References: Linux 6.18 fs/btrfs/tree-log.c: btrfs_recover_log_trees; disk-io.c: btrfs_start_pre_rw_mount.
import { type Change, writtenChanges } from '../../bytes/changes.js';
import { overlay } from '../../bytes/overlay.js';
import { VirtDfError } from '../../errors.js';
import { MAX_BLOCK_VISITS } from '../../limits.js';
import { orDoubt } from '../doubts.js';
import { type Pool, poolOn } from './devices.js';
import { committedUsages, type GroupUsage } from './groups.js';
import type { BeforeCleanup } from './log.js';
import { placed } from './placed.js';
import { hasOrphans } from './recovery.js';
import { EXTENT_TREE, ROOT_TREE, type Root, readRoot } from './roots.js';
import { TOP } from './tree.js';

export interface Recovered {
  /** After the replay: `superblock.root` is the root tree that it leaves. */
  readonly pool: Pool;
  /** @throws FormatError INVALID when there is no such tree. */
  rootOf(tree: bigint): Promise<Root>;
  readonly usages: readonly GroupUsage[];
  /** Bytes of the devices that a mount frees behind the replay. */
  readonly freedBytes: number;
  /** Subvolumes whose files without a name a mount frees. */
  readonly cleaned: ReadonlySet<bigint>;
  /** What the replay changed of how often extents and nodes are referred to. */
  readonly counts: ReadonlyMap<number, number>;
  readonly sharedNodes: ReadonlySet<number>;
  /** There was a log: the extent tree has the extents that its files have, and not all who refer to them. */
  readonly hasReplayed: boolean;
  /** Why the trees are not in that state but as the superblock names them; empty where they are. */
  readonly doubts: readonly VirtDfError[];
}

/**
 * @param isLive the guest runs, and its files without a name are open.
 * @throws FormatError where no kernel mounts it; SourceError.
 */
export async function recovered(pool: Pool, isLive = false): Promise<Recovered> {
  const usages = await committedUsages(pool);
  const replay = await orDoubt(() => replayOf(pool, usages));
  const isReplayed = !(replay instanceof VirtDfError);
  const { nodes, roots, logged, ...state } = isReplayed ? replay : unchanged(usages);
  const { superblock } = pool;
  const root = { ...superblock.root, ...roots.get(ROOT_TREE) };
  const after = poolOn(pool, overlaid(pool, nodes), { ...superblock, root }, mostNodes(pool));
  return {
    pool: after,
    rootOf: async (tree) => ({ ...(await readRoot(after.reader, root, tree)), ...roots.get(tree) }),
    ...state,
    ...(isLive ? { freedBytes: 0 } : {}),
    cleaned: new Set(isReplayed && !isLive ? [...logged, TOP] : []),
    hasReplayed: nodes.size > 0,
    doubts: isReplayed ? [] : [replay],
  };
}

async function replayOf(pool: Pool, usages: readonly GroupUsage[]): Promise<BeforeCleanup> {
  const { reader, superblock } = pool;
  if (superblock.logRoot === null && !(await hasOrphans(pool))) return unchanged(usages);
  const { beforeCleanup } = await import('./log.js');
  const extents = await readRoot(reader, superblock.root, EXTENT_TREE);
  return beforeCleanup(pool, extents, usages);
}

function unchanged(usages: readonly GroupUsage[]): BeforeCleanup {
  return {
    nodes: new Map(),
    roots: new Map(),
    sharedNodes: new Set(),
    counts: new Map(),
    logged: new Set(),
    usages,
    freedBytes: 0,
  };
}

/** The devices with the nodes of a replay over them. */
function overlaid(pool: Pool, nodes: ReadonlyMap<number, Uint8Array>): Pool['sources'] {
  const changes = pool.sources.map((): Change[] => []);
  for (const [address, bytes] of nodes) {
    let done = 0;
    for (const { at, copies } of placed(pool, address, bytes.length)) {
      const content = bytes.subarray(done, done + at.lengthBytes);
      for (const { volumeIndex, offsetBytes, lengthBytes } of [at, ...copies]) {
        changes[volumeIndex]?.push({ offsetBytes, lengthBytes, content });
      }
      done += at.lengthBytes;
    }
  }
  return pool.sources.map((source, i) => {
    const own = changes[i] ?? [];
    return own.length === 0 ? source : overlay(source, writtenChanges(own));
  });
}

/** So many trees have files: a node is come to again in each snapshot that has it. */
export function allowTrees({ pool }: Recovered, treeCount: number): void {
  pool.reader.visited.most = mostNodes(pool) * Math.max(1, treeCount);
}

/** In one tree each node is come to several times, for its files' names and pieces. */
function mostNodes({ sources, superblock }: Pool): number {
  const sizeBytes = sources.reduce((sum, source) => sum + source.sizeBytes, 0);
  return MAX_BLOCK_VISITS * Math.ceil(sizeBytes / superblock.nodeBytes);
}
