// The trees of btrfs in the state in which a mount has them once the log is replayed, for whoever reads files. A file that was
// made and fsynced before a crash is in the log alone: here its inode, its names and its extents are items of its subvolume.
// References: Linux 6.18 fs/btrfs/tree-log.c: btrfs_recover_log_trees.
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import type { Pool } from './devices.js';
import type { EditNode, EditTree } from './replay/node.js';
import { EXTENT_TREE, readRoot } from './roots.js';
import { compareKeys, descend, eachItem, firstChild, type Key, type Visit } from './tree.js';

interface RecoveredTrees {
  /**
   * Calls `visit` with every item of a tree whose key lies within `from`..`to` (inclusive), in order, until it returns
   * false. Subvolumes are as the kernel has them after the replay, but for times and numbers of transactions; the extent
   * tree and the tree of checksums are as before it. Orphans, which a mount frees, are still there.
   * @throws FormatError when no copy of a node is sound, or there is no such tree; LIMIT
   */
  eachItem(tree: bigint, from: Key, to: Key, visit: Visit): Promise<void>;
  /** Why the trees are not in that state but as the superblock names them; empty where they are. */
  readonly doubts: readonly VirtDfError[];
}

export async function recoveredTrees(pool: Pool): Promise<RecoveredTrees> {
  const { reader, superblock } = pool;
  const replayed = await orDoubt(async () => {
    if (superblock.logRoot === null) return new Map<bigint, EditTree>();
    const { replayedTrees } = await import('./log.js');
    return replayedTrees(pool, await readRoot(reader, superblock.root, EXTENT_TREE));
  });
  const isReplayed = !(replayed instanceof VirtDfError);
  return {
    doubts: isReplayed ? [] : [replayed],
    async eachItem(number, from, to, visit) {
      const tree = isReplayed ? replayed.get(number) : undefined;
      if (tree !== undefined) await walk(tree, tree.root, from, to, visit);
      else await eachItem(reader, await readRoot(reader, superblock.root, number), from, to, visit);
    },
  };
}

/** Nodes that the replay did not come to are read as they lie, and not kept. @returns whether it was not ended. */
async function walk(
  tree: EditTree,
  { level, items, children }: EditNode,
  from: Key,
  to: Key,
  visit: Visit,
): Promise<boolean> {
  for (const item of items) {
    const isWanted = compareKeys(item, from) >= 0 && compareKeys(item, to) <= 0;
    if (isWanted && visit(item) === false) return false;
  }
  const keys = children.map(({ key }) => key);
  for (let i = firstChild(keys, from); i < children.length; i++) {
    const child = children[i];
    if (child === undefined || compareKeys(child.key, to) > 0) break;
    const { node, pointer, endKey } = child;
    if (node !== null) {
      if (!(await walk(tree, node, from, to, visit))) return false;
    } else if (pointer !== null) {
      const place = { level: level - 1, owner: null, firstKey: pointer, endKey };
      const wanted = { ...pointer, ...place };
      if (!(await descend(tree.reader, wanted, from, to, visit))) return false;
    }
  }
  return true;
}
