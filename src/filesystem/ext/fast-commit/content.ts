// How a recovery changes the blocks of a file: "8 blocks from 5000 on are block 16 of the file" puts an extent into its tree,
// marks the blocks as used, and frees those that the file had there before.
// References: Linux 6.18 fs/ext4/extents.c: ext4_ext_clear_bb, ext4_ext_replay_update_ex, ext4_ext_replay_shrink_inode,
// ext4_ext_remove_space, ext4_ext_map_blocks; fs/ext4/fast_commit.c: ext4_fc_set_bitmaps_and_counters.

import type { ExtentRun } from '../extent-node.js';
import type { Geometry } from '../geometry.js';
import type { BlockCache } from './cache.js';
import { endOf } from './extent.js';
import type { Space } from './space.js';
import {
  correctIndexes,
  extentAt,
  extentsOf,
  findExtent,
  goalOf,
  leafOf,
  type Node,
  nextAllocated,
  nodesBelow,
  type Tree,
  tryToMerge,
} from './tree.js';
import { insertExtent, splitExtent } from './tree-insert.js';

/** The bitmaps and the blocks in memory that a change of a file's blocks goes to. */
export interface Editor {
  readonly geometry: Geometry;
  readonly space: Space;
  readonly cache: BlockCache;
}

/** A file from one of its blocks on: a run of blocks, or a hole (`block` is null). */
interface Mapping {
  readonly block: number | null;
  readonly count: number;
}

/** @param limit the most blocks that are asked for. */
export function mapAt(tree: Tree, fileBlock: number, limit: number): Mapping {
  const path = findExtent(tree, fileBlock);
  const extent = extentAt(path);
  if (extent === undefined) return { block: null, count: limit };
  if (fileBlock < extent.fileBlock) {
    return { block: null, count: Math.min(limit, extent.fileBlock - fileBlock) };
  }
  if (fileBlock < endOf(extent)) {
    const count = Math.min(limit, endOf(extent) - fileBlock);
    return { block: extent.block + (fileBlock - extent.fileBlock), count };
  }
  return { block: null, count: Math.min(limit, nextAllocated(path) - fileBlock) };
}

/** Marks all blocks of a file as free, and keeps them from being allocated: those that it still has are marked at the end. */
export async function clearBlocks({ space, cache }: Editor, { root }: Tree): Promise<void> {
  for (const block of nodesBelow(root)) {
    cache.work(1);
    await space.mark(block, 1, false);
    space.exclude(block, 1);
  }
  for (const { block, count } of extentsOf(root)) {
    cache.work(1);
    await space.mark(block, count, false);
    space.exclude(block, count);
  }
}

/** Marks all that a file has as in use. */
export async function markBlocks({ space, cache }: Editor, { root }: Tree): Promise<void> {
  for (const block of nodesBelow(root)) {
    cache.work(1);
    await space.mark(block, 1, true);
  }
  for (const { block, count } of extentsOf(root)) {
    cache.work(1);
    await space.mark(block, count, true);
  }
}

export function hasExtents({ root }: Tree): boolean {
  return root.extents.length > 0 || root.branches.length > 0;
}

/** Puts an extent into a file, where it replaces the blocks that are there. */
export async function addRange(editor: Editor, tree: Tree, added: ExtentRun): Promise<void> {
  const { space, cache } = editor;
  const end = endOf(added);
  for (let fileBlock = added.fileBlock; fileBlock < end; ) {
    cache.work(1);
    const block = added.block + (fileBlock - added.fileBlock);
    const found = mapAt(tree, fileBlock, end - fileBlock);
    const part = { ...added, fileBlock, block, count: found.count };
    if (found.block === null) await insertExtent(tree, space, part, true);
    else {
      await updateExtent(tree, space, part);
      if (found.block !== block) await space.mark(found.block, found.count, false);
      else await shrink(editor, tree, end);
    }
    fileBlock += found.count;
  }
}

/** Gives a mapped part of a file another place or state. */
async function updateExtent(tree: Tree, space: Space, part: ExtentRun): Promise<void> {
  await splitExtent(tree, space, part.fileBlock);
  await splitExtent(tree, space, endOf(part));
  const { node, index } = leafOf(findExtent(tree, part.fileBlock));
  if (node.extents[index]?.fileBlock === part.fileBlock) node.extents[index] = part;
}

/** Joins the extents before `end` with their neighbours. */
export async function shrink({ space, cache }: Editor, tree: Tree, end: number): Promise<void> {
  for (let fileBlock = 0; fileBlock < end; ) {
    cache.work(1);
    const path = findExtent(tree, fileBlock);
    const extent = extentAt(path);
    if (extent === undefined) return;
    // Behind the last block before a hole the kernel comes to the same extent again and again.
    const next = nextAllocated(path);
    const freed = tryToMerge(tree, path);
    if (freed !== null) await space.mark(freed, 1, false);
    fileBlock = endOf(extent) > fileBlock ? endOf(extent) : Math.max(next, fileBlock + 1);
  }
}

/** Takes a range of blocks out of a file. */
export async function deleteRange(
  editor: Editor,
  tree: Tree,
  first: number,
  count: number,
): Promise<void> {
  const { space, cache } = editor;
  const end = first + count;
  for (let fileBlock = first; fileBlock < end; ) {
    cache.work(1);
    const found = mapAt(tree, fileBlock, end - fileBlock);
    if (found.block !== null) await space.mark(found.block, found.count, false);
    fileBlock += found.count;
  }
  await removeSpace(editor, tree, first, end);
}

/** Frees the blocks of a file from `first` to before `end`, and nodes of the tree that become empty. */
export async function removeSpace(
  { space, geometry, cache }: Editor,
  tree: Tree,
  first: number,
  end: number,
): Promise<void> {
  const { clusterRatio, firstDataBlock } = geometry;
  const free = async ({ block, count }: ExtentRun): Promise<void> => {
    cache.work(1);
    const inCluster = (block - firstDataBlock) % clusterRatio;
    await space.mark(block - inCluster, count + inCluster, false);
  };
  await splitExtent(tree, space, end);
  const trim = async (node: Node): Promise<void> => {
    const kept: ExtentRun[] = [];
    for (const extent of node.extents) {
      const isOutside = endOf(extent) <= first || extent.fileBlock >= end;
      const before = Math.max(0, first - extent.fileBlock);
      if (isOutside || before > 0) kept.push(isOutside ? extent : { ...extent, count: before });
      if (isOutside) continue;
      await free({ ...extent, block: extent.block + before, count: extent.count - before });
    }
    node.extents = kept;
    const branches = node.branches;
    node.branches = [];
    for (const branch of branches) {
      await trim(branch.node);
      const { block, extents, branches: below } = branch.node;
      if (extents.length > 0 || below.length > 0) node.branches.push(branch);
      else if (block !== null) await space.mark(block, 1, false);
    }
  };
  await trim(tree.root);
  if (!hasExtents(tree)) {
    tree.root.depth = 0;
    return;
  }
  correctIndexes(findExtent(tree, end));
}

/** Adds a block to a file (a directory). @returns where it lies. */
export async function appendBlock(
  { space, geometry }: Editor,
  tree: Tree,
  fileBlock: number,
): Promise<number> {
  const { clusterRatio } = geometry;
  const path = findExtent(tree, fileBlock);
  const last = extentAt(path);
  const inCluster = fileBlock % clusterRatio;
  const lastBlock = last === undefined ? null : last.block + last.count - 1;
  // The rest of the cluster in which the file ends is its own.
  const isImplied = last !== undefined && inCluster > 0 && endOf(last) > fileBlock - inCluster;
  const block =
    isImplied && lastBlock !== null && last !== undefined
      ? lastBlock + (fileBlock - endOf(last) + 1)
      : (await space.allocate(goalOf(tree, path, fileBlock))) + inCluster;
  await insertExtent(tree, space, { fileBlock, block, count: 1, isUnwritten: false }, true);
  return block;
}
