// The transaction that a mount ends with. Each node that was written is noted in the extent tree; that writes nodes of the
// extent tree, which are noted in turn, until no new one is left.
// References: Linux 6.18 fs/btrfs/extent-tree.c: btrfs_run_delayed_refs, alloc_reserved_file_extent,
// alloc_reserved_tree_block, __btrfs_free_extent; transaction.c: commit_cowonly_roots; block-group.c:
// btrfs_write_dirty_block_groups.
import { type Chunk, chunkAt } from '../chunks.js';
import type { Key } from '../tree.js';
import type { BlockPool } from './blocks.js';
import { deleteChecksums } from './checksums.js';
import { insert, remove, touch } from './edit.js';
import { changeFreeSpace } from './free-space.js';
import type { EditTree } from './node.js';
import type { Pending } from './queue.js';
import { DATA_EXTENT_BYTES } from './references.js';

const ROOT_ITEM = 132;
const EXTENT_ITEM = 168;
const METADATA_ITEM = 169;
const BLOCK_GROUP_ITEM = 192;
/** btrfs_extent_item with one reference in it; and with the first key of the node. */
const SKINNY_BYTES = 24 + 9;
const FULL_BYTES = 24 + 18 + 9;

interface Commit {
  readonly blocks: BlockPool;
  readonly chunks: readonly Chunk[];
  readonly root: EditTree;
  readonly extents: EditTree;
  readonly checksums: EditTree;
  readonly freeSpace: EditTree | null;
  readonly blockGroups: EditTree | null;
  /** All trees that have an item in the root tree, by their number. */
  readonly trees: ReadonlyMap<bigint, EditTree>;
  readonly hasSkinnyMetadata: boolean;
  readonly sectorBytes: number;
  readonly checksumBytes: number;
}

/** Until nothing more is to be noted: the nodes that the notes are written to are noted as well. */
export async function commit(work: Commit): Promise<void> {
  const changed = new Set<Chunk>();
  do {
    await runPending(work, changed);
    for (const [number, tree] of work.trees) {
      if (tree.root.isFresh)
        await touch(work.root, { object: number, type: ROOT_ITEM, offset: 0n });
    }
    await runPending(work, changed);
    for (const { address, sizeBytes } of changed) {
      const key = { object: BigInt(address), type: BLOCK_GROUP_ITEM, offset: BigInt(sizeBytes) };
      await touch(work.blockGroups ?? work.extents, key);
    }
  } while (!work.blocks.pending.isEmpty());
}

/** In ascending order of addresses, and again from the first; changes that come up meanwhile are put into this order. */
async function runPending(work: Commit, changed: Set<Chunk>): Promise<void> {
  for (;;) {
    const extent = work.blocks.pending.take();
    if (extent === null) return;
    const chunk = chunkAt(work.chunks, extent.address);
    if (chunk === null) continue;
    changed.add(chunk);
    await run(work, extent, chunk);
  }
}

async function run(work: Commit, extent: Pending, chunk: Chunk): Promise<void> {
  const { extents, freeSpace } = work;
  const { address, level, sizeBytes, isAdded } = extent;
  const key = keyOf(work, extent);
  if (isAdded) {
    const bytes = key.type === METADATA_ITEM ? SKINNY_BYTES : FULL_BYTES;
    await insert(extents, {
      ...key,
      data: new Uint8Array(level === null ? DATA_EXTENT_BYTES : bytes),
    });
  } else {
    await remove(extents, key);
    if (level === null) await deleteChecksums(work, address, sizeBytes);
  }
  if (freeSpace !== null) await changeFreeSpace(freeSpace, chunk, address, sizeBytes, !isAdded);
}

function keyOf({ hasSkinnyMetadata }: Commit, { address, level, sizeBytes }: Pending): Key {
  const object = BigInt(address);
  if (level === null || !hasSkinnyMetadata) {
    return { object, type: EXTENT_ITEM, offset: BigInt(sizeBytes) };
  }
  return { object, type: METADATA_ITEM, offset: BigInt(level) };
}
