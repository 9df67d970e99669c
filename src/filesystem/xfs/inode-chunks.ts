// The chunks of 64 inodes in which some are deleted: a chunk that has none in use any more is given back itself.
// References: Linux 6.18 fs/xfs/libxfs/xfs_ialloc.c: xfs_difree_inobt, xfs_difree_inode_chunk.
import { type GuestXfsAgi, xfsInodeChunkRecords } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { int, u32, u64 } from '../../validation/guest.js';
import type { GroupContext } from './group-headers.js';
import { leafOf, type TreePlace, treePlace } from './group-tree.js';

const U64_MAX = 2n ** 64n - 1n;
const CHUNK_INODES = 64;

/** A chunk of inodes some of which are deleted. */
interface TouchedChunk {
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
    touched.push(touchedChunk(context, chunk.inodeCount, free === U64_MAX));
  }
  return touched;
}

function touchedChunk(
  { geometry: { inodesPerBlock } }: GroupContext,
  inodeCount: number,
  isUnused: boolean,
): TouchedChunk {
  if (!isUnused || inodesPerBlock > CHUNK_INODES) {
    return { removedInodes: 0, removedBlocks: 0 };
  }
  return { removedInodes: inodeCount, removedBlocks: inodeCount / inodesPerBlock };
}

async function chunkOf(context: GroupContext, tree: TreePlace, number: number) {
  const { body, recordCount } = await leafOf(context, tree, number);
  const records = xfsInodeChunkRecords(body);
  for (let i = Math.min(recordCount, records.length) - 1; i >= 0; i--) {
    const record = records.at(i);
    const firstInode = u32(record.firstInode);
    if (firstInode > number) continue;
    if (number >= firstInode + CHUNK_INODES) break;
    const free = u64(record.free);
    // Without sparse inodes this byte is a part of the number of free ones, which is below 256.
    const stored = int(record.numInodes, 'xfs: ir_count', 0, CHUNK_INODES);
    return { firstInode, free, inodeCount: stored === 0 ? CHUNK_INODES : stored };
  }
  throw new FormatError(
    'INVALID',
    `xfs: group ${tree.group} has no chunk with the deleted inode ${number}`,
  );
}
