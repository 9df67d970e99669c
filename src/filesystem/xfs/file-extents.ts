// Where the blocks of a file lie: its inode has a list of extents, or, where they are too many, the root of a tree of lists.
// References: Linux 6.18 fs/xfs/libxfs/xfs_bmap_btree.c: xfs_bmbt_disk_get_all, xfs_bmdr_to_bmbt; xfs_format.h:
// struct xfs_bmbt_rec, struct xfs_bmdr_block, XFS_BMDR_*, XFS_BTREE_LBLOCK_*; xfs_inode_fork.c: xfs_iformat_extents.
import {
  XfsLongBtreeBlockFields,
  xfsBtreeRootRecords,
  xfsFileExtentRecords,
  xfsLongBtreeBlockRecords,
  xfsLongBtreeHeadRecords,
  xfsLongBtreePointerRecords,
} from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { big, int, u16, u64 } from '../../validation/guest.js';
import { treeBlocks } from '../btree.js';
import { checkSector } from './checksum.js';
import type { Geometry } from './geometry.js';
import type { GroupContext } from './group-headers.js';
import type { Fork } from './inode.js';

const U64_MAX = 2n ** 64n - 1n;
const HEAD_BYTES = 72;
const HEAD_BYTES_V4 = 24;
const ROOT_HEAD_BYTES = 4;
const WORD_BYTES = 8;
const EXTENT_BYTES = 16;
const MAX_LEVELS = 9;
const COUNT_VALUES = 2n ** 21n;
const LOW_BLOCK_VALUES = 2n ** 43n;
const HIGH_BLOCK_VALUES = 2n ** 9n;
const FILE_BLOCK_VALUES = 2n ** 54n;
const UNWRITTEN = 2n ** 63n;

/** Blocks of one group that follow each other. */
export interface BlockRange {
  readonly group: number;
  readonly block: number;
  readonly count: number;
}

/** How many extents of files, and blocks of their trees, may still be read. */
export interface ExtentsLeft {
  extents: number;
  blocks: number;
}

/**
 * A number of a block in the filesystem is the group, then the block within it in as many bits as groups need.
 * @throws FormatError OUT_OF_BOUNDS
 */
export function blockRange(geometry: Geometry, first: bigint, count: number): BlockRange {
  const { blocksPerGroup, blockCount, groupCount } = geometry;
  const groupUnit = 2n ** BigInt(Math.ceil(Math.log2(blocksPerGroup)));
  const group = first / groupUnit;
  const block = Number(first % groupUnit);
  // The last group may be a short one.
  const left = Number(blockCount) - Number(group) * blocksPerGroup;
  const isOutside = block + count > Math.min(blocksPerGroup, left);
  if (group >= BigInt(groupCount) || isOutside) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `xfs: ${count} blocks at ${block} of group ${group} lie outside of it`,
    );
  }
  return { group: Number(group), block, count };
}

/** A piece of a file: blocks that follow each other in the file and in a group. */
export interface MappedRun extends BlockRange {
  readonly fileBlock: number;
  /** Allocated, and read as zeros. */
  readonly isUnwritten: boolean;
}

/** The pieces that one list has. */
export interface MapPage {
  /** The block of the file's tree that it is; null for the list in the inode. One above the leaves has no pieces. */
  readonly mapBlock: BlockRange | null;
  readonly runs: readonly MappedRun[];
}

/** Called before a block of a tree is read, and before pieces are. @throws FormatError LIMIT. */
interface MapBudget {
  spendBlock(): void;
  spendRuns(count: number): void;
}

/**
 * The map of a fork, from left to right.
 * @param count the extents that a list has.
 * @param isElsewhere the pieces lie on the realtime device, and are left out.
 * @throws FormatError BAD_CHECKSUM, OUT_OF_BOUNDS, INVALID, LOOP, and what the budget throws.
 */
export async function* mapPages(
  context: GroupContext,
  { kind, bytes }: Fork,
  count: number,
  { spendBlock, spendRuns }: MapBudget,
  isElsewhere = false,
): AsyncGenerator<MapPage, void, undefined> {
  const runsOf = (body: Uint8Array, recordCount: number) => {
    if (isElsewhere) return [];
    spendRuns(recordCount);
    return readRuns(context, body, recordCount);
  };
  if (kind === 'extents') {
    yield { mapBlock: null, runs: runsOf(bytes, count) };
    return;
  }
  const root = rootOf(bytes);
  const blocks = treeBlocks<bigint, FileTreeBlock>(
    {
      format: 'xfs',
      name: "a file's tree",
      top: root.pointers,
      topLevel: root.level - 1,
      read: (pointer, level) => readBlock(context, pointer, level),
      children: ({ body, recordCount }) =>
        pointersOf(body, recordCount, Math.floor(body.length / (2 * WORD_BYTES))),
    },
    { spend: spendBlock },
  );
  for await (const { level, block } of blocks) {
    const runs = level === 0 ? runsOf(block.body, block.recordCount) : [];
    yield { mapBlock: block.place, runs };
  }
}

/**
 * The blocks of a deleted file, without those of its tree.
 * @param count the extents that a list has.
 * @throws FormatError as `mapPages`; LIMIT for more than may still be read.
 */
export async function fileExtents(
  context: GroupContext,
  fork: Fork,
  count: number,
  left: ExtentsLeft,
): Promise<readonly BlockRange[]> {
  const budget: MapBudget = {
    spendBlock() {
      left.blocks = lessThan(left.blocks, 1, 'blocks of trees');
    },
    spendRuns(runCount) {
      left.extents = lessThan(left.extents, runCount, 'extents');
    },
  };
  const found: BlockRange[] = [];
  for await (const { runs } of mapPages(context, fork, count, budget)) {
    for (const run of runs) found.push(run);
  }
  return found;
}

function lessThan(left: number, count: number, what: string): number {
  if (count <= left) return left - count;
  throw new FormatError('LIMIT', `xfs: deleted files have more ${what} than virt-df reads`);
}

function readRuns(
  { geometry }: GroupContext,
  bytes: Uint8Array,
  count: number,
): readonly MappedRun[] {
  const records = xfsFileExtentRecords(bytes);
  return Array.from({ length: Math.min(count, records.length) }, (_, i) => {
    const record = records.at(i);
    const high = u64(record.high);
    const low = u64(record.low);
    const first = (high % HIGH_BLOCK_VALUES) * LOW_BLOCK_VALUES + low / COUNT_VALUES;
    return {
      ...blockRange(geometry, first, Number(low % COUNT_VALUES)),
      fileBlock: Number((high / HIGH_BLOCK_VALUES) % FILE_BLOCK_VALUES),
      isUnwritten: high >= UNWRITTEN,
    };
  });
}

interface FileTreeBlock {
  readonly place: BlockRange;
  readonly recordCount: number;
  readonly body: Uint8Array;
}

interface Root {
  readonly level: number;
  readonly pointers: readonly bigint[];
}

/** The root as it lies in an inode: the keys fill the first half of the bytes behind its head. */
function rootOf(bytes: Uint8Array): Root {
  const { level, numRecords } = xfsBtreeRootRecords(bytes).at(0);
  const body = bytes.subarray(ROOT_HEAD_BYTES);
  return {
    level: int(level, 'xfs: levels of a file', 1, MAX_LEVELS),
    pointers: pointersOf(body, u16(numRecords), Math.floor(body.length / (2 * WORD_BYTES))),
  };
}

function pointersOf(body: Uint8Array, count: number, room: number): readonly bigint[] {
  const pointers = xfsLongBtreePointerRecords(body.subarray(room * WORD_BYTES));
  return Array.from({ length: Math.min(count, room) }, (_, i) =>
    big(pointers.at(i).block, 'xfs: pointer', 1n, U64_MAX),
  );
}

function headBytes({ features }: GroupContext): number {
  return features.version === 5 ? HEAD_BYTES : HEAD_BYTES_V4;
}

async function readBlock(
  context: GroupContext,
  pointer: bigint,
  level: number,
): Promise<FileTreeBlock> {
  const { source, features, geometry } = context;
  const { blockSizeBytes, blocksPerGroup } = geometry;
  const place = blockRange(geometry, pointer, 1);
  const { group, block } = place;
  const what = `block ${block} of group ${group}, of a file's tree`;
  const start = (group * blocksPerGroup + block) * blockSizeBytes;
  const bytes = await source.read(start, blockSizeBytes);
  if (features.version === 5) {
    const { checksum: stored, uuid } = xfsLongBtreeBlockRecords(bytes).at(0);
    checkSector(context, bytes, {
      what,
      offset: XfsLongBtreeBlockFields.checksum.at,
      stored,
      uuid,
    });
  }
  const head = xfsLongBtreeHeadRecords(bytes).at(0);
  int(head.level, `xfs: ${what}: bb_level`, level, level);
  const room = Math.floor((blockSizeBytes - headBytes(context)) / EXTENT_BYTES);
  const recordCount = int(head.numRecords, `xfs: ${what}: bb_numrecs`, 0, room);
  return { place, recordCount, body: bytes.subarray(headBytes(context)) };
}
