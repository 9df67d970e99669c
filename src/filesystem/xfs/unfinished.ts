// What a mount still does after the log was replayed: it deletes the inodes that have no name any more, frees the
// extents that a transaction promised to free, and gives back what was prepared for writes to shared blocks.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_finish, xlog_recover_process_iunlinks;
// xfs_inode.c: xfs_inactive, xfs_ifree; libxfs/xfs_ialloc.c: xfs_difree_inobt, xfs_difree_inode_chunk;
// libxfs/xfs_refcount.c: xfs_refcount_recover_cow_leftovers.
import {
  type GuestXfsAgf,
  type GuestXfsAgi,
  parseXfsAgf,
  parseXfsAgi,
  xfsInodeChunkRecords,
  xfsRefcountRecordRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import type { ByteSource } from '../../source/source.js';
import { big, int } from '../../validation/guest.js';
import { readLeaf, readTreeBlock, type TreePlace, treeRoomBytes } from './group-tree.js';
import type { GroupContext } from './groups.js';
import { isExtentsIntent } from './log-items.js';
import type { Replay } from './log-replay.js';
import { type UnnamedInode, unnamedInodes } from './unnamed-inodes.js';

const U32_MAX = 0xffffffff;
const U64_MAX = 2n ** 64n - 1n;
const MAX_LEVELS = 9;
const CHUNK_INODES = 64;
const FORMAT_EXTENTS = 2;
const INODE_RECORD_BYTES = 16;
const FREE_SPACE_RECORD_BYTES = 8;
const FIRST_PREPARED_BLOCK = 2 ** 31;
/** Leaves of the tree of shared blocks, all of which are of prepared writes. */
const MAX_PREPARED_LEAVES = 1024;

/** What a mount adds to the counters. */
export interface Unfinished {
  readonly freedBlockCount: number;
  readonly freedInodeCount: number;
  /** Inodes of chunks that have none in use any more. */
  readonly removedInodeCount: number;
  /** Whether the numbers are the kernel's to the block. */
  readonly isExact: boolean;
}

/** What a part of the work gives back, in which number of pieces. */
interface Freed {
  readonly blocks: number;
  readonly extents: number;
  readonly isExact: boolean;
}

const NOTHING: Unfinished = {
  freedBlockCount: 0,
  freedInodeCount: 0,
  removedInodeCount: 0,
  isExact: true,
};

/**
 * @param context after the replay.
 * @param disk before it.
 */
export async function finish(
  context: GroupContext,
  disk: ByteSource,
  replay: Replay,
): Promise<Unfinished> {
  const promised = promisedExtents(context, replay);
  const parts: Unfinished[] = [];
  for (let group = 0; group < context.geometry.groupCount; group++) {
    parts.push(await finishGroup(context, disk, replay, group, promised.get(group)));
  }
  // What other promises come to is not followed up.
  const isExact = [...replay.intents.keys()].every(isExtentsIntent);
  return parts.reduce(add, { ...NOTHING, isExact });
}

function add(a: Unfinished, b: Unfinished): Unfinished {
  return {
    freedBlockCount: a.freedBlockCount + b.freedBlockCount,
    freedInodeCount: a.freedInodeCount + b.freedInodeCount,
    removedInodeCount: a.removedInodeCount + b.removedInodeCount,
    isExact: a.isExact && b.isExact,
  };
}

function promisedExtents(
  { geometry }: GroupContext,
  { intents }: Replay,
): ReadonlyMap<number, Freed> {
  const groupUnit = 2n ** BigInt(Math.ceil(Math.log2(geometry.blocksPerGroup)));
  const groups = new Map<number, Freed>();
  for (const { firstBlock, blockCount } of [...intents.values()].flat()) {
    const group = Number(firstBlock / groupUnit);
    if (group >= geometry.groupCount || blockCount > geometry.blocksPerGroup) {
      throw new FormatError(
        'OUT_OF_BOUNDS',
        `xfs: ${blockCount} blocks are to be freed in group ${group}`,
      );
    }
    const before = groups.get(group);
    groups.set(group, {
      blocks: (before?.blocks ?? 0) + blockCount,
      extents: (before?.extents ?? 0) + 1,
      isExact: true,
    });
  }
  return groups;
}

async function finishGroup(
  context: GroupContext,
  disk: ByteSource,
  replay: Replay,
  group: number,
  promised: Freed | undefined,
): Promise<Unfinished> {
  const { agf, agi } = await readHeads(context, group);
  const inodes = await unnamedInodes(context, disk, replay, group, agi);
  const chunks = await touchedChunks(context, group, agi, inodes);
  const freed = [
    promised,
    ...inodes.map(freedBy),
    ...chunks.map(({ removed }) => removed),
    context.features.hasReflink ? await prepared(context, group, agf) : undefined,
  ].filter((part) => part !== undefined);
  const extents = freed.reduce((sum, part) => sum + part.extents, 0);
  return {
    freedBlockCount: freed.reduce((sum, { blocks }) => sum + blocks, 0),
    freedInodeCount: inodes.length,
    removedInodeCount: chunks.reduce((sum, chunk) => sum + chunk.removedInodes, 0),
    isExact:
      freed.every(({ isExact }) => isExact) &&
      (await haveTreesRoom(context, group, agf, agi, extents, chunks.length)),
  };
}

async function readHeads({ source, geometry }: GroupContext, group: number) {
  const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const start = group * blocksPerGroup * blockSizeBytes + sectorSizeBytes;
  const bytes = await source.read(start, 2 * sectorSizeBytes);
  return { agf: parseXfsAgf(bytes), agi: parseXfsAgi(bytes.subarray(sectorSizeBytes)) };
}

/** All of a file's blocks, those of its tree and of its attributes included; shared ones may stay in use. */
function freedBy({ core }: UnnamedInode): Freed {
  if (core === null) return { blocks: 0, extents: 0, isExact: false };
  const { blockCount, dataFormat, extentCount, isRealtime, isShared } = core;
  if (isRealtime) return { blocks: 0, extents: 0, isExact: false };
  const isList = dataFormat <= FORMAT_EXTENTS;
  return { blocks: blockCount, extents: isList ? extentCount : blockCount, isExact: !isShared };
}

/** A chunk of inodes some of which are deleted. */
interface TouchedChunk {
  readonly removedInodes: number;
  readonly removed: Freed;
}

/** A chunk that has no inode in use any more is given back itself. */
async function touchedChunks(
  context: GroupContext,
  group: number,
  agi: GuestXfsAgi,
  inodes: readonly UnnamedInode[],
): Promise<readonly TouchedChunk[]> {
  const tree = treePlace(group, agi.inodeRoot, agi.inodeLevel);
  const sorted = inodes.map(({ number }) => number).sort((a, b) => a - b);
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
    return { removedInodes: 0, removed: { blocks: 0, extents: 0, isExact: true } };
  }
  const blocks = inodeCount / inodesPerBlock;
  return { removedInodes: inodeCount, removed: { blocks, extents: 1, isExact: true } };
}

async function chunkOf(context: GroupContext, tree: TreePlace, number: number) {
  const { body, recordCount } = await readLeaf(context, tree, number);
  const records = xfsInodeChunkRecords(body);
  for (let i = Math.min(recordCount, records.length) - 1; i >= 0; i--) {
    const record = records.at(i);
    const firstInode = int(record.firstInode, 'xfs: ir_startino', 0, U32_MAX);
    if (firstInode > number) continue;
    if (number >= firstInode + CHUNK_INODES) break;
    const free = big(record.free, 'xfs: ir_free', 0n, U64_MAX);
    // Without sparse inodes this byte is a part of the number of free ones, which is below 256.
    const stored = int(record.numInodes, 'xfs: ir_count', 0, CHUNK_INODES);
    return { firstInode, free, inodeCount: stored === 0 ? CHUNK_INODES : stored };
  }
  throw new FormatError(
    'INVALID',
    `xfs: group ${tree.group} has no chunk with the deleted inode ${number}`,
  );
}

/** What was set aside for writes to shared blocks: the last records of the tree of these. */
async function prepared(
  context: GroupContext,
  group: number,
  agf: GuestXfsAgf,
): Promise<Freed | undefined> {
  const tree = treePlace(group, agf.refcountRoot, agf.refcountLevel);
  let leaf = await readLeaf(context, tree, U32_MAX);
  let [blocks, extents] = [0, 0];
  for (let leaves = 1; leaves <= MAX_PREPARED_LEAVES; leaves++) {
    const records = xfsRefcountRecordRecords(leaf.body);
    let i = Math.min(leaf.recordCount, records.length) - 1;
    for (; i >= 0; i--) {
      const record = records.at(i);
      if (int(record.firstBlock, 'xfs: rc_startblock', 0, U32_MAX) < FIRST_PREPARED_BLOCK) break;
      blocks += int(record.numBlocks, 'xfs: rc_blockcount', 0, context.geometry.blocksPerGroup);
      extents += 1;
    }
    if (i >= 0 || leaf.leftSibling === null) {
      return { blocks, extents, isExact: extents === 0 || tree.levels === 1 };
    }
    leaf = await readTreeBlock(context, group, leaf.leftSibling, 0);
  }
  return { blocks, extents, isExact: false };
}

/**
 * Whether the trees stay as large as they are. Where one has several levels, freeing an extent may add a block to it or
 * take one away, and a block of the free-space trees is not free.
 */
async function haveTreesRoom(
  context: GroupContext,
  group: number,
  agf: GuestXfsAgf,
  agi: GuestXfsAgi,
  extents: number,
  chunks: number,
): Promise<boolean> {
  const hasRoom = async (place: TreePlace, more: number, recordBytes: number) => {
    if (more === 0) return true;
    if (place.levels !== 1) return false;
    const { recordCount } = await readTreeBlock(context, group, place.root, 0);
    return recordCount + more <= Math.floor(treeRoomBytes(context) / recordBytes);
  };
  const byBlock = treePlace(group, agf.bnoRoot, agf.bnoLevel);
  const bySize = treePlace(group, agf.cntRoot, agf.cntLevel);
  const inodes = treePlace(group, agi.inodeRoot, agi.inodeLevel);
  return (
    (await hasRoom(byBlock, extents, FREE_SPACE_RECORD_BYTES)) &&
    (await hasRoom(bySize, extents, FREE_SPACE_RECORD_BYTES)) &&
    (chunks === 0 || inodes.levels === 1) &&
    (!context.features.hasFreeInodeTree ||
      (await hasRoom(freeInodes(group, agi), chunks, INODE_RECORD_BYTES)))
  );
}

function freeInodes(group: number, agi: GuestXfsAgi): TreePlace {
  return treePlace(group, agi.freeInodeRoot, agi.freeInodeLevel);
}

function treePlace(group: number, root: GuestInteger, levels: GuestInteger): TreePlace {
  return {
    group,
    root: int(root, `xfs: root of a tree of group ${group}`, 1, U32_MAX),
    levels: int(levels, `xfs: levels of a tree of group ${group}`, 1, MAX_LEVELS),
  };
}
