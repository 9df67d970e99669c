// The allocation groups: the counts of free blocks and inodes, and of the blocks of their trees.
// References: Linux 6.1 fs/xfs/libxfs/xfs_ag_resv.c: xfs_ag_resv_init; xfs_alloc.c: xfs_alloc_read_agf.
import { FormatError } from '../../errors.js';
import type { Features } from './features.js';
import {
  type Blocks,
  type GroupContext,
  type Inodes,
  NO_BLOCKS,
  NO_INODES,
  readAgf,
  readAgi,
} from './group-headers.js';

/** Sectors of a group: superblock, AGF, AGI. */
const AGF_SECTOR = 1;
const HEADER_SECTORS = 2;

/** The counts of one group's AGF and AGI, in blocks and inodes. */
export interface Group extends Blocks, Inodes {
  readonly number: number;
  /** What the kernel finds wrong with its headers, and mounts nevertheless. */
  readonly faults: readonly FormatError[];
}

/** Groups read at a time. */
const BATCH_GROUPS = 32;

/**
 * Reads the headers of all groups, in order.
 * @param isTolerant as a read-only mount that believes the superblock's counters: a damaged header has no numbers, and its
 * fault is the group's. Only the AGI of the root directory must be right.
 * @throws FormatError BAD_MAGIC, BAD_CHECKSUM, OUT_OF_BOUNDS, INVALID for the first that is damaged.
 */
export async function readGroups(
  context: GroupContext,
  isTolerant: boolean,
): Promise<readonly Group[]> {
  const { groupCount } = context.geometry;
  const groups: Group[] = [];
  for (let first = 0; first < groupCount; first += BATCH_GROUPS) {
    const count = Math.min(BATCH_GROUPS, groupCount - first);
    const batch = Array.from({ length: count }, (_, i) =>
      readGroup(context, first + i, isTolerant),
    );
    groups.push(...(await Promise.all(batch)));
  }
  return groups;
}

async function readGroup(
  context: GroupContext,
  number: number,
  isTolerant: boolean,
): Promise<Group> {
  const { source, geometry } = context;
  const { blockSizeBytes, sectorSizeBytes, blocksPerGroup, blockCount } = geometry;
  const start = number * blocksPerGroup * blockSizeBytes;
  const bytes = await source.read(
    start + AGF_SECTOR * sectorSizeBytes,
    HEADER_SECTORS * sectorSizeBytes,
  );
  const agfSector = bytes.subarray(0, sectorSizeBytes);
  const agiSector = bytes.subarray(sectorSizeBytes);
  const expected = Math.min(blocksPerGroup, blockCount - number * blocksPerGroup);
  const agi = () => readAgi(context, number, agiSector, expected);
  const agf = () => readAgf(context, number, agfSector, expected);
  if (!isTolerant) return { number, ...agf(), ...agi(), faults: [] };
  const inodes = number === geometry.rootInodeGroup ? agi() : orFault(agi);
  const blocks = orFault(agf);
  return tolerated(context.features, number, expected, blocks, inodes);
}

function orFault<T>(read: () => T): T | FormatError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}

/** xfs_ag_resv_init reads the AGF for the tree of shared blocks, then the AGI, then, if both are right, the AGF for all else. */
function tolerated(
  { hasReflink, hasFreeInodeTree }: Features,
  number: number,
  blockCount: number,
  blocks: Blocks | FormatError,
  inodes: Inodes | FormatError,
): Group {
  const faults = [blocks, inodes].filter((one) => one instanceof FormatError);
  const hasBlocks = hasReflink || !hasFreeInodeTree || !(inodes instanceof FormatError);
  return {
    number,
    ...(blocks instanceof FormatError || !hasBlocks ? { ...NO_BLOCKS, blockCount } : blocks),
    ...(inodes instanceof FormatError ? NO_INODES : inodes),
    faults,
  };
}
