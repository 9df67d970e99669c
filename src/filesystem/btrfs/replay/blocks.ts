// The places where a mount puts the nodes that it writes. Every node that comes or goes is queued for the extent tree.
// References: Linux 6.18 fs/btrfs/extent-tree.c: btrfs_alloc_tree_block, find_free_extent, btrfs_free_tree_block;
// free-space-cache.c: setup_cluster_no_bitmap; delayed-ref.c.
// The kernel takes the first free place of the first group of metadata that has one. A node that is freed meanwhile, and the
// nodes of the log, are free places only after the commit.
import { FormatError } from '../../../errors.js';
import type { Chunk } from '../chunks.js';
import type { TreeRoot } from '../superblock.js';
import { eachItem, type TreeReader } from '../tree.js';
import type { Blocks } from './node.js';
import { type Queue, queue } from './queue.js';

const EXTENT_ITEM = 168;
const METADATA_ITEM = 169;

export interface BlockPool extends Blocks {
  readonly pending: Queue;
  /** Nodes that are there after the mount, less those before. */
  addedNodes: number;
  allocatedCount: number;
}

interface Gap {
  start: number;
  readonly end: number;
}

interface BlockFacts {
  readonly reader: TreeReader;
  readonly extents: TreeRoot;
  /** Those that metadata may lie in, in ascending order. */
  readonly chunks: readonly Chunk[];
  /** Addresses and lengths that the log uses. */
  readonly taken: ReadonlyMap<number, number>;
}

export function blockPool(facts: BlockFacts): BlockPool {
  const { nodeBytes } = facts.reader.superblock;
  const gaps: Gap[] = [];
  const chunks = [...facts.chunks];
  const pending = queue();
  const next = async (): Promise<number> => {
    for (;;) {
      const [gap] = gaps;
      if (gap === undefined) {
        const chunk = chunks.shift();
        if (chunk === undefined) {
          throw new FormatError(
            'LIMIT',
            'btrfs: the log needs more metadata than there is room for',
          );
        }
        gaps.push(...(await gapsOf(facts, chunk)));
      } else if (gap.end - gap.start < nodeBytes) gaps.shift();
      else {
        gap.start += nodeBytes;
        return gap.start - nodeBytes;
      }
    }
  };
  const pool: BlockPool = {
    pending,
    addedNodes: 0,
    allocatedCount: 0,
    async allocate(level) {
      const address = await next();
      pool.addedNodes++;
      pool.allocatedCount++;
      pending.put({ address, isAdded: true, level, sizeBytes: nodeBytes });
      return address;
    },
    release({ address, level }) {
      pool.addedNodes--;
      pending.put({ address, isAdded: false, level, sizeBytes: nodeBytes });
    },
  };
  return pool;
}

/** The free stretches of a group: those between the extents that the extent tree has and those that the log uses. */
async function gapsOf(
  { reader, extents, taken }: BlockFacts,
  chunk: Chunk,
): Promise<readonly Gap[]> {
  const { nodeBytes } = reader.superblock;
  const end = chunk.address + chunk.sizeBytes;
  const used: [number, number][] = [...taken].filter(([at]) => at >= chunk.address && at < end);
  const from = { object: BigInt(chunk.address), type: 0, offset: 0n };
  const to = { object: BigInt(end - 1), type: 255, offset: 2n ** 64n - 1n };
  await eachItem(reader, extents, from, to, ({ object, type, offset }) => {
    if (type === METADATA_ITEM) used.push([Number(object), nodeBytes]);
    else if (type === EXTENT_ITEM) used.push([Number(object), Number(offset)]);
  });
  const gaps: Gap[] = [];
  let start = chunk.address;
  for (const [at, length] of used.sort(([a], [b]) => a - b)) {
    if (at > start) gaps.push({ start, end: at });
    start = Math.max(start, at + length);
  }
  if (start < end) gaps.push({ start, end });
  return gaps;
}
