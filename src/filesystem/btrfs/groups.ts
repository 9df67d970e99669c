// How much of each chunk is used: the block groups, from the tree of their own, or from the extent tree.
// References: Linux 6.18 fs/btrfs/block-group.c: btrfs_read_block_groups, read_one_block_group,
// check_chunk_block_group_mappings, btrfs_update_block_group (which also keeps the superblock's sum).
import { parseBtrfsBlockGroup } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import type { Chunk } from './chunks.js';
import type { Pool } from './devices.js';
import { DATA, readType } from './profile.js';
import type { TreeRoot } from './superblock.js';
import { eachItem, findItem, firstKey, type Item, lastKey } from './tree.js';

const BLOCK_GROUP_ITEM = 192;

/** How much is used of all chunks of one type; every copy counted once. */
export interface GroupUsage {
  readonly kind: number;
  readonly profile: Chunk['profile'];
  readonly sizeBytes: number;
  readonly usedBytes: number;
}

/**
 * In a tree of their own all block groups lie close together. In the extent tree each is among the extents that it
 * holds, and takes a search from the root: of a large filesystem they are mostly groups of data, and their sum is what
 * the superblock's counter leaves when all others are taken off it.
 */
export async function readGroupUsages(
  pool: Pool,
  { extents, blockGroups }: { extents: TreeRoot; blockGroups: TreeRoot | null },
): Promise<readonly GroupUsage[]> {
  if (blockGroups !== null) return byType(pool.chunks, await fromOwnTree(pool, blockGroups));
  const data = pool.chunks.filter(({ kind }) => kind === DATA);
  const isUniform = data.every(({ profile }) => profile === data[0]?.profile);
  const searched = isUniform ? pool.chunks.filter(({ kind }) => kind !== DATA) : pool.chunks;
  const used = new Map<Chunk, number>();
  let sum = 0;
  for (const chunk of searched) {
    const key = {
      ...firstKey(BigInt(chunk.address), BLOCK_GROUP_ITEM),
      offset: BigInt(chunk.sizeBytes),
    };
    const item = await findItem(pool.reader, extents, key);
    if (item === null) throw noGroup(chunk);
    const bytes = readGroup(item, chunk);
    used.set(chunk, bytes);
    sum += bytes;
  }
  const usages = byType(searched, used);
  const [first] = data;
  if (!isUniform || first === undefined) return usages;
  return [...usages, remainder(pool, data, first, sum)];
}

/**
 * The bytes that all groups of data use together: of 10 MiB that the superblock counts and 1 MiB in other groups, 9 MiB.
 * @throws FormatError OUT_OF_BOUNDS when the superblock's sum is too small or too large for that.
 */
function remainder(pool: Pool, data: readonly Chunk[], first: Chunk, others: number): GroupUsage {
  const sizeBytes = data.reduce((total, chunk) => total + chunk.sizeBytes, 0);
  const usedBytes = pool.superblock.usedBytes - others;
  if (usedBytes < 0 || usedBytes > sizeBytes) {
    const message = `btrfs: bytes_used leaves ${usedBytes} for data, of which there are ${sizeBytes}`;
    throw new FormatError('OUT_OF_BOUNDS', message, { data: { usedBytes, sizeBytes } });
  }
  return { kind: first.kind, profile: first.profile, sizeBytes, usedBytes };
}

async function fromOwnTree(pool: Pool, root: TreeRoot): Promise<ReadonlyMap<Chunk, number>> {
  const chunkOf = new Map(pool.chunks.map((chunk) => [BigInt(chunk.address), chunk]));
  const used = new Map<Chunk, number>();
  await eachItem(
    pool.reader,
    root,
    firstKey(0n, 0),
    lastKey(BigInt(Number.MAX_SAFE_INTEGER), BLOCK_GROUP_ITEM),
    (item) => {
      if (item.type !== BLOCK_GROUP_ITEM) return;
      const chunk = chunkOf.get(item.object);
      if (chunk === undefined || BigInt(chunk.sizeBytes) !== item.offset) {
        const message = `btrfs: the block group at ${item.object} is of no chunk`;
        throw new FormatError('INVALID', message);
      }
      used.set(chunk, readGroup(item, chunk));
    },
  );
  const lost = pool.chunks.find((chunk) => !used.has(chunk));
  if (lost !== undefined) throw noGroup(lost);
  return used;
}

/** Bytes of the chunk that are used. */
function readGroup({ data }: Item, chunk: Chunk): number {
  const what = `the block group at ${chunk.address}`;
  const group = parseBtrfsBlockGroup(data);
  const { kind, profile } = readType(group.flags, what);
  if (kind !== chunk.kind || profile !== chunk.profile) {
    throw new FormatError('INVALID', `btrfs: ${what} is of another type than its chunk`);
  }
  return int(group.numUsedBytes, `btrfs: used of ${what}`, 0, chunk.sizeBytes);
}

function noGroup({ address }: Chunk): FormatError {
  return new FormatError('INVALID', `btrfs: the chunk at ${address} has no block group`);
}

function byType(chunks: readonly Chunk[], used: ReadonlyMap<Chunk, number>): readonly GroupUsage[] {
  const usages = new Map<string, GroupUsage>();
  for (const chunk of chunks) {
    const { kind, profile } = chunk;
    const name = `${kind} ${profile.name}`;
    const { sizeBytes, usedBytes } = usages.get(name) ?? { sizeBytes: 0, usedBytes: 0 };
    usages.set(name, {
      kind,
      profile,
      sizeBytes: sizeBytes + chunk.sizeBytes,
      usedBytes: usedBytes + (used.get(chunk) ?? 0),
    });
  }
  return [...usages.values()];
}
