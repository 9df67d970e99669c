// The blocks of an inode: an extent tree or, before ext4, pointers to pointers. Walked in the order of the file.
// References: Linux 6.18 fs/ext4/extents.c: __ext4_ext_check, ext4_ext_remove_space; fs/ext4/indirect.c:
// ext4_block_to_path, ext4_ind_truncate.
import { extBlockPointerRecords } from '../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, int } from '../../validation/guest.js';
import { type ExtentRun, readExtentNode } from './extent-node.js';
import type { Geometry } from './geometry.js';
import type { Inode } from './inode.js';

const POINTER_BYTES = 4;
const DIRECT_POINTERS = 12;
const INDIRECT_LEVELS = 3;

/** Consecutive blocks of a file that lie one behind the other. */
export interface BlockRun {
  /** The first of the file's blocks; null for a block of the map itself. */
  readonly fileBlock: number | null;
  readonly block: number;
  readonly count: number;
  /** Allocated and never written to: it reads as zeros. */
  readonly isUnwritten: boolean;
}

/** The device from which a walk reads its blocks, and the budget of blocks that it may read yet. */
export interface MapReader {
  readonly source: ByteSource;
  readonly geometry: Geometry;
  /** Counts a block of a map before it is read. @throws FormatError LIMIT */
  spend(): void;
}

/** The runs of one node or block of pointers, and whether it keeps an entry. */
type Runs = AsyncGenerator<readonly BlockRun[], boolean, undefined>;

/**
 * Every run of the file's blocks from `firstFileBlock` on, and the blocks of the map that lead to none before it: those that
 * the kernel frees when it cuts the file there, and with 0 all that it has. The runs of one block of the map come together, in
 * the order of the file, and the block itself behind the blocks to which it leads.
 * @throws FormatError INVALID, OUT_OF_BOUNDS, LOOP, and the errors of `spend`.
 */
export function blockRuns(reader: MapReader, inode: Inode, firstFileBlock: number): Runs {
  const walk: Walk = { reader, inode, firstFileBlock, mapBlocks: new Set() };
  if (!inode.hasBlocks) return nothing();
  return inode.hasExtents ? extentRuns(walk, inode.blockMap, null) : pointerRuns(walk);
}

/**
 * The same of a file whose map is a leaf in its inode, as that of nearly every file; null of any other.
 * @throws FormatError INVALID, OUT_OF_BOUNDS.
 */
export function ownRuns(inode: Inode, geometry: Geometry): readonly BlockRun[] | null {
  if (!inode.hasBlocks || !inode.hasExtents) return null;
  const { depth, extents } = readExtentNode(inode.blockMap, null, geometry);
  return depth === 0 ? extents : null;
}

// biome-ignore lint/correctness/useYield: it has none to give.
async function* nothing(): Runs {
  return false;
}

interface Walk {
  readonly reader: MapReader;
  readonly inode: Inode;
  readonly firstFileBlock: number;
  /** The blocks of the map that were read: none of them is there twice. */
  readonly mapBlocks: Set<number>;
}

function mapBlock(block: number): BlockRun {
  return { fileBlock: null, block, count: 1, isUnwritten: false };
}

async function* extentRuns(walk: Walk, node: Uint8Array, depth: number | null): Runs {
  const { depth: ownDepth, extents, branches } = readExtentNode(node, depth, walk.reader.geometry);
  if (ownDepth === 0) return yield* leafRuns(walk, extents);
  let isKept = false;
  for (const { block } of branches) {
    const below = await readMapBlock(walk, block);
    if (yield* extentRuns(walk, below, ownDepth - 1)) isKept = true;
    else yield [mapBlock(block)];
  }
  return isKept;
}

async function* leafRuns({ firstFileBlock }: Walk, extents: readonly ExtentRun[]): Runs {
  const first = extents[0];
  if (first === undefined) return false;
  if (first.fileBlock >= firstFileBlock) {
    yield extents;
    return false;
  }
  const runs: BlockRun[] = [];
  for (const extent of extents) {
    const { fileBlock, block, count } = extent;
    const before = Math.min(count, Math.max(0, firstFileBlock - fileBlock));
    if (count === before) continue;
    const rest = { fileBlock: fileBlock + before, block: block + before, count: count - before };
    runs.push({ ...extent, ...rest });
  }
  if (runs.length > 0) yield runs;
  return true;
}

async function* pointerRuns(walk: Walk): Runs {
  const { reader, inode } = walk;
  const perBlock = reader.geometry.blockSizeBytes / POINTER_BYTES;
  const directBytes = DIRECT_POINTERS * POINTER_BYTES;
  const direct = runsOfPointers(walk, inode.blockMap.subarray(0, directBytes), 0);
  if (direct.runs.length > 0) yield direct.runs;
  let { isKept } = direct;
  let fileBlock = DIRECT_POINTERS;
  const roots = extBlockPointerRecords(inode.blockMap.subarray(directBytes));
  for (let level = 1; level <= INDIRECT_LEVELS; level++) {
    const root = pointer(walk, roots.at(level - 1).block);
    if (root !== 0 && (yield* indirectRuns(walk, root, level, fileBlock))) isKept = true;
    fileBlock += perBlock ** level;
  }
  return isKept;
}

/** Of the block at `block`, which has pointers of `level` levels. */
async function* indirectRuns(
  walk: Walk,
  block: number,
  level: number,
  firstFileBlock: number,
): Runs {
  const bytes = await readMapBlock(walk, block);
  let isKept = false;
  if (level === 1) {
    const pointed = runsOfPointers(walk, bytes, firstFileBlock);
    isKept = pointed.isKept;
    if (pointed.runs.length > 0) yield pointed.runs;
  } else {
    const pointers = extBlockPointerRecords(bytes);
    const covered = pointers.length ** (level - 1);
    for (let i = 0; i < pointers.length; i++) {
      const below = pointer(walk, pointers.at(i).block);
      if (below === 0) continue;
      if (yield* indirectRuns(walk, below, level - 1, firstFileBlock + i * covered)) isKept = true;
    }
  }
  if (!isKept) yield [mapBlock(block)];
  return isKept;
}

/** Neighbours are given together: a journal has one pointer a block. */
function runsOfPointers(walk: Walk, bytes: Uint8Array, firstFileBlock: number) {
  const pointers = extBlockPointerRecords(bytes);
  const runs: BlockRun[] = [];
  let isKept = false;
  let start = 0;
  let block = 0;
  let count = 0;
  const give = () => {
    if (count > 0) runs.push({ fileBlock: start, block, count, isUnwritten: false });
    count = 0;
  };
  for (let i = 0; i < pointers.length; i++) {
    const next = pointer(walk, pointers.at(i).block);
    if (next === 0) continue;
    const fileBlock = firstFileBlock + i;
    if (fileBlock < walk.firstFileBlock) isKept = true;
    else if (count > 0 && next === block + count && fileBlock === start + count) count++;
    else {
      give();
      start = fileBlock;
      block = next;
      count = 1;
    }
  }
  give();
  return { runs, isKept };
}

function pointer(walk: Walk, value: GuestInteger): number {
  if (equals(value, 0)) return 0;
  const { firstDataBlock, blockCount } = walk.reader.geometry;
  return int(value, `ext: block of inode ${walk.inode.number}`, firstDataBlock, blockCount - 1);
}

async function readMapBlock(walk: Walk, block: number): Promise<Uint8Array> {
  const { reader, inode, mapBlocks } = walk;
  if (mapBlocks.has(block)) {
    const message = `ext: the map of inode ${inode.number} comes to block ${block} twice`;
    throw new FormatError('LOOP', message, { data: { block } });
  }
  mapBlocks.add(block);
  reader.spend();
  const { blockSizeBytes } = reader.geometry;
  return reader.source.read(block * blockSizeBytes, blockSizeBytes);
}
