// How much of each chunk is used: the block groups, from the tree of their own, or from the extent tree.
// References: Linux 6.18 fs/btrfs/block-group.c: btrfs_read_block_groups, read_one_block_group,
// check_chunk_block_group_mappings, btrfs_update_block_group (which also keeps the superblock's sum).
import { parseBtrfsBlockGroup } from '../../../generated/filesystem/btrfs.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import type { Chunk } from './chunks.js';
import { CHUNKS_OBJECT, type Pool } from './devices.js';
import { DATA, readType } from './profile.js';
import { BLOCK_GROUP_TREE, EXTENT_TREE, readRoot } from './roots.js';
import type { TreeRoot } from './superblock.js';
import { refused } from './superblock-rules.js';
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
  if (pool.superblock.features.unknownReadOnly !== null) {
    // They may say where the groups are, so the kernel, which only reads it then, takes all of them for full.
    return byType(new Map(pool.chunks.map((chunk) => [chunk, chunk.sizeBytes])));
  }
  if (blockGroups !== null) return byType(await fromOwnTree(pool, blockGroups));
  const data = pool.chunks.filter(({ kind }) => kind === DATA);
  const rest = pool.chunks.filter(({ kind }) => kind !== DATA);
  const used = await search(pool, extents, rest);
  // In a tree of one leaf they are all at hand.
  const usage = extents.level > 0 ? remainder(pool, data, used) : null;
  if (usage !== null) return [...byType(used), usage];
  return byType(new Map([...used, ...(await search(pool, extents, data))]));
}

/** The same as the last transaction left it. @throws as `readRoot` */
export async function committedUsages(pool: Pool): Promise<readonly GroupUsage[]> {
  const { reader, superblock } = pool;
  const read = (tree: bigint) => readRoot(reader, superblock.root, tree);
  const blockGroups = superblock.features.hasBlockGroupTree ? await read(BLOCK_GROUP_TREE) : null;
  return readGroupUsages(pool, { extents: await read(EXTENT_TREE), blockGroups });
}

/** Each group is searched for from the root of the extent tree. */
async function search(
  pool: Pool,
  extents: TreeRoot,
  chunks: readonly Chunk[],
): Promise<ReadonlyMap<Chunk, number>> {
  const used = new Map<Chunk, number>();
  for (const chunk of chunks) {
    const first = firstKey(BigInt(chunk.address), BLOCK_GROUP_ITEM);
    const key = { ...first, offset: BigInt(chunk.sizeBytes) };
    const item = await findItem(pool.reader, extents, key);
    if (item === null) await checkNoOther(pool, extents, chunk);
    else used.set(chunk, readGroup(item, chunk));
  }
  checkLost(pool.chunks, chunks, used);
  return used;
}

/**
 * The bytes that all groups of data use together: of 10 MiB that the superblock counts and 1 MiB in other groups, 9 MiB.
 * null if their profiles differ, or if the superblock's sum is too small or too large for that.
 */
function remainder(
  { superblock }: Pool,
  data: readonly Chunk[],
  used: ReadonlyMap<Chunk, number>,
): GroupUsage | null {
  const [first] = data;
  if (first === undefined || data.some(({ profile }) => profile !== first.profile)) return null;
  const others = [...used.values()].reduce((sum, bytes) => sum + bytes, 0);
  const sizeBytes = data.reduce((total, chunk) => total + chunk.sizeBytes, 0);
  const usedBytes = superblock.usedBytes - others;
  if (usedBytes < 0 || usedBytes > sizeBytes) return null;
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
  checkLost(pool.chunks, pool.chunks, used);
  return used;
}

/** Bytes of the chunk that are used. */
function readGroup({ data }: Item, chunk: Chunk): number {
  const what = `the block group at ${chunk.address}`;
  const group = parseBtrfsBlockGroup(data);
  if (!equals(group.chunkObject, CHUNKS_OBJECT)) {
    throw refused(`${what} is of another kind of chunk`);
  }
  const { kind, profile } = readType(group.flags, what);
  if (kind !== chunk.kind || profile !== chunk.profile) {
    throw new FormatError('INVALID', `btrfs: ${what} is of another type than its chunk`);
  }
  return int(group.numUsedBytes, `btrfs: used of ${what}`, 0, chunk.sizeBytes);
}

/** @throws FormatError INVALID if there is a group at the chunk's address, of another length. */
async function checkNoOther(pool: Pool, extents: TreeRoot, { address }: Chunk): Promise<void> {
  const object = BigInt(address);
  const [from, to] = [firstKey(object, BLOCK_GROUP_ITEM), lastKey(object, BLOCK_GROUP_ITEM)];
  await eachItem(pool.reader, extents, from, to, ({ offset }) => {
    throw refused(
      `the block group at ${address} has ${offset} bytes, another length than its chunk`,
    );
  });
}

/**
 * A chunk without a block group is not counted, and not missed either, unless it lies among the first ones: the kernel goes
 * from address 0 up to where the first gap is.
 */
function checkLost(
  all: readonly Chunk[],
  searched: readonly Chunk[],
  used: ReadonlyMap<Chunk, number>,
): void {
  let end = 0;
  for (const { address, sizeBytes } of all) if (address === end) end += sizeBytes;
  const lost = searched.find((chunk) => chunk.address < end && !used.has(chunk));
  if (lost !== undefined) throw refused(`the chunk at ${lost.address} has no block group`);
}

function byType(used: ReadonlyMap<Chunk, number>): readonly GroupUsage[] {
  const usages = new Map<string, GroupUsage>();
  for (const [chunk, bytes] of used) {
    const { kind, profile } = chunk;
    const name = `${kind} ${profile.name}`;
    const { sizeBytes, usedBytes } = usages.get(name) ?? { sizeBytes: 0, usedBytes: 0 };
    usages.set(name, {
      kind,
      profile,
      sizeBytes: sizeBytes + chunk.sizeBytes,
      usedBytes: usedBytes + bytes,
    });
  }
  return [...usages.values()];
}
