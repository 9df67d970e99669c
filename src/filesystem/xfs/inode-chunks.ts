// The chunks of 64 inodes of a group. A chunk that has no inode in use any more, since a mount deletes some, is given back
// itself.
// References: Linux 6.18 fs/xfs/libxfs/xfs_ialloc.c: xfs_difree_inobt, xfs_difree_inode_chunk.
import {
  type GuestXfsAgi,
  type GuestXfsInodeChunk,
  xfsInodeChunkRecords,
} from '../../../generated/filesystem/xfs.js';
import { lru } from '../../bytes/lru.js';
import { lastAtMost } from '../../bytes/search.js';
import { FormatError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { int, u16, u32, u64 } from '../../validation/guest.js';
import type { GroupContext } from './group-headers.js';
import { leafOf, type TreeBlock, type TreePlace, treePlace } from './group-tree.js';

const U64_MAX = 2n ** 64n - 1n;
export const CHUNK_INODES = 64;
const CHUNK_RECORD_BYTES = 16;
const MAX_HELD_BYTES = MIB;
const NO_RECORDS = new Uint8Array(0);
export const INODES_PER_HOLE = 4;

/** A record of a tree of inodes. */
export interface InodeChunk {
  /** Within the group. */
  readonly firstInode: number;
  /** A bit for each inode; those that do not exist are free. */
  readonly free: bigint;
  /** A bit for each four inodes that do not exist (sparse inodes). */
  readonly holes: number;
  readonly inodeCount: number;
}

/** Those of the 64 inodes that exist and are not free, by their places in the chunk. */
export function usedInodes({ free, holes }: InodeChunk): readonly number[] {
  const bits = free.toString(2).padStart(CHUNK_INODES, '0');
  return Array.from({ length: CHUNK_INODES }, (_, i) => i).filter(
    (i) => bits[CHUNK_INODES - 1 - i] === '0' && !isHole(holes, i),
  );
}

/** Whether there is no inode at a place of a chunk: each bit stands for four. */
export function isHole(holes: number, index: number): boolean {
  return Math.floor(holes / 2 ** Math.floor(index / INODES_PER_HOLE)) % 2 === 1;
}

/** @throws FormatError OUT_OF_BOUNDS. */
export function chunksOfLeaf({ body, recordCount }: TreeBlock): readonly InodeChunk[] {
  const records = xfsInodeChunkRecords(body);
  return Array.from({ length: Math.min(recordCount, records.length) }, (_, i) =>
    toChunk(records.at(i)),
  );
}

function toChunk(record: GuestXfsInodeChunk): InodeChunk {
  // Without sparse inodes this byte is a part of the number of free ones, which is below 256.
  const stored = int(record.numInodes, 'xfs: ir_count', 0, CHUNK_INODES);
  return {
    firstInode: u32(record.firstInode),
    free: u64(record.free),
    holes: u16(record.holeMask),
    inodeCount: stored === 0 ? CHUNK_INODES : stored,
  };
}

/** A chunk of inodes some of which are deleted. */
interface TouchedChunk {
  readonly firstInode: number;
  readonly removedInodes: number;
  readonly removedBlocks: number;
}

/**
 * The chunks that deleted inodes lie in.
 * @param numbers of these within the group.
 * @throws FormatError INVALID for an inode that is in no chunk, and the errors of reading the tree.
 */
export async function touchedChunks(
  context: GroupContext,
  group: number,
  agi: GuestXfsAgi,
  numbers: readonly number[],
): Promise<readonly TouchedChunk[]> {
  const tree = treePlace(group, agi.inodeRoot, agi.inodeLevel);
  const sorted = numbers.toSorted((a, b) => a - b);
  const touched: TouchedChunk[] = [];
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i] ?? 0;
    const chunk = await chunkOf(context, tree, first);
    let free = chunk.free;
    // The inode itself at least, so that the loop goes on.
    do {
      free |= 1n << BigInt((sorted[i] ?? 0) - chunk.firstInode);
      i += 1;
    } while (i < sorted.length && (sorted[i] ?? 0) < chunk.firstInode + CHUNK_INODES);
    touched.push(touchedChunk(context, chunk, free === U64_MAX));
  }
  return touched;
}

function touchedChunk(
  { geometry: { inodesPerBlock } }: GroupContext,
  { firstInode, inodeCount }: InodeChunk,
  isUnused: boolean,
): TouchedChunk {
  if (!isUnused || inodesPerBlock > CHUNK_INODES) {
    return { firstInode, removedInodes: 0, removedBlocks: 0 };
  }
  return { firstInode, removedInodes: inodeCount, removedBlocks: inodeCount / inodesPerBlock };
}

/** @throws FormatError INVALID if there is none, and the errors of reading the tree. */
async function chunkOf(context: GroupContext, tree: TreePlace, number: number) {
  const chunk = await findChunk(context, tree, number);
  if (chunk !== null) return chunk;
  throw new FormatError(
    'INVALID',
    `xfs: group ${tree.group} has no chunk with the deleted inode ${number}`,
  );
}

/** The chunk that an inode is of, by its number within the group; null if there is none. @throws FormatError. */
async function findChunk(
  context: GroupContext,
  tree: TreePlace,
  number: number,
): Promise<InodeChunk | null> {
  return chunkIn(recordsOf(await leafOf(context, tree, number)), number) ?? null;
}

/** The records of a leaf alone. */
function recordsOf({ body, recordCount }: TreeBlock): Uint8Array {
  return body.subarray(0, recordCount * CHUNK_RECORD_BYTES);
}

/** null: there is none; undefined: the number is before or behind those of the leaf. */
function chunkIn(leaf: Uint8Array, number: number): InodeChunk | null | undefined {
  const records = xfsInodeChunkRecords(leaf);
  const index = lastAtMost(number, records.length, (i) => u32(records.at(i).firstInode));
  if (index < 0) return undefined;
  const chunk = toChunk(records.at(index));
  if (number < chunk.firstInode + CHUNK_INODES) return chunk;
  return index < records.length - 1 ? null : undefined;
}

/** Finds chunks one by one, most of which lie where the last ones did: of each group a leaf of its tree is kept. */
export function chunkFinder(context: GroupContext) {
  const held = lru<number>(MAX_HELD_BYTES);
  return async (
    group: number,
    number: number,
    treeOf: (group: number) => Promise<TreePlace>,
  ): Promise<InodeChunk | null> => {
    const known = chunkIn(held.get(group) ?? NO_RECORDS, number);
    if (known !== undefined) return known;
    const leaf = recordsOf(await leafOf(context, await treeOf(group), number));
    // The page that the block lies in is not kept for it.
    held.set(group, Uint8Array.from(leaf));
    return chunkIn(leaf, number) ?? null;
  };
}
