// The headers of the allocation groups: the counts of free blocks and inodes, and of the blocks of their trees.
// References: Linux 6.1 fs/xfs/libxfs/xfs_alloc.c: xfs_agf_verify, xfs_alloc_read_agf; xfs_ialloc.c: xfs_agi_verify.
import {
  parseXfsAgf,
  parseXfsAgi,
  XfsAgfFields,
  XfsAgiFields,
} from '../../../generated/filesystem/xfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, int, u32 } from '../../validation/guest.js';
import { checkSector } from './checksum.js';
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';

/** Sectors of a group: superblock, AGF, AGI. */
const AGF_SECTOR = 1;
const HEADER_SECTORS = 2;

/** The counts of one group's AGF and AGI, in blocks and inodes. */
export interface Group {
  readonly number: number;
  readonly blockCount: number;
  readonly freeBlockCount: number;
  readonly freeListBlockCount: number;
  /** Blocks of the trees of free space and of the reverse map, without their roots. */
  readonly treeBlockCount: number;
  readonly reverseMapBlockCount: number;
  readonly refcountBlockCount: number;
  readonly inodeCount: number;
  readonly freeInodeCount: number;
  /** The root of the tree of free inodes, and how many levels it has. */
  readonly freeInodeRoot: number;
  readonly freeInodeLevels: number;
  /** Blocks of that tree as the AGI records them, with the feature inobtcount. */
  readonly freeInodeTreeBlockCount: number;
}

/** The filesystem of the groups, and the UUID that all its metadata must bear. */
export interface GroupContext {
  readonly source: ByteSource;
  readonly features: Features;
  readonly geometry: Geometry;
  /** The UUID in all metadata; of version 5 only. */
  readonly metadataUuid: Uint8Array;
}

/** Groups read at a time. */
const BATCH_GROUPS = 32;

/**
 * Reads the headers of all groups, in order.
 * @throws FormatError BAD_MAGIC, BAD_CHECKSUM, OUT_OF_BOUNDS, INVALID for the first that is damaged.
 */
export async function readGroups(context: GroupContext): Promise<readonly Group[]> {
  const { groupCount } = context.geometry;
  const groups: Group[] = [];
  for (let first = 0; first < groupCount; first += BATCH_GROUPS) {
    const count = Math.min(BATCH_GROUPS, groupCount - first);
    const batch = Array.from({ length: count }, (_, i) => readGroup(context, first + i));
    groups.push(...(await Promise.all(batch)));
  }
  return groups;
}

async function readGroup(context: GroupContext, number: number): Promise<Group> {
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
  return {
    number,
    ...readAgf(context, number, agfSector, expected),
    ...readAgi(context, number, agiSector, expected),
  };
}

function readAgf(context: GroupContext, number: number, sector: Uint8Array, blockCount: number) {
  const agf = parseXfsAgf(sector);
  checkSector(context, sector, {
    what: `AGF ${number}`,
    offset: XfsAgfFields.checksum.at,
    stored: agf.checksum,
    uuid: agf.uuid,
  });
  checkIdentity('AGF', number, agf.groupNumber, agf.numBlocks, blockCount);
  const blocks = (value: GuestInteger, field: string) =>
    int(value, `xfs: AGF ${number}: ${field}`, 0, blockCount);
  const { hasReverseMap, hasReflink } = context.features;
  return {
    blockCount,
    freeBlockCount: blocks(agf.numFreeBlocks, 'agf_freeblks'),
    freeListBlockCount: blocks(agf.numFreeListBlocks, 'agf_flcount'),
    treeBlockCount: context.features.hasLazyCounters
      ? blocks(agf.numBtreeBlocks, 'agf_btreeblks')
      : 0,
    reverseMapBlockCount: hasReverseMap ? blocks(agf.numRmapBlocks, 'agf_rmap_blocks') : 0,
    refcountBlockCount: hasReflink ? blocks(agf.numRefcountBlocks, 'agf_refcount_blocks') : 0,
  };
}

function readAgi(context: GroupContext, number: number, sector: Uint8Array, blockCount: number) {
  const agi = parseXfsAgi(sector);
  checkSector(context, sector, {
    what: `AGI ${number}`,
    offset: XfsAgiFields.checksum.at,
    stored: agi.checksum,
    uuid: agi.uuid,
  });
  checkIdentity('AGI', number, agi.groupNumber, agi.numBlocks, blockCount);
  const inodeCount = int(
    agi.numInodes,
    `xfs: AGI ${number}: agi_count`,
    0,
    blockCount * context.geometry.inodesPerBlock,
  );
  const { hasFreeInodeTree, hasInodeTreeCounts } = context.features;
  const inTree = (value: GuestInteger, field: string, max: number) =>
    hasFreeInodeTree ? int(value, `xfs: AGI ${number}: ${field}`, 0, max) : 0;
  return {
    inodeCount,
    freeInodeCount: int(agi.numFreeInodes, `xfs: AGI ${number}: agi_freecount`, 0, inodeCount),
    freeInodeRoot: inTree(agi.freeInodeRoot, 'agi_free_root', blockCount - 1),
    freeInodeLevels: inTree(agi.freeInodeLevel, 'agi_free_level', MAX_TREE_LEVELS),
    freeInodeTreeBlockCount: hasInodeTreeCounts
      ? inTree(agi.numFreeInodeTreeBlocks, 'agi_fblocks', blockCount)
      : 0,
  };
}

/** More levels than a tree over all blocks of the largest group can have (XFS_BTREE_MAXLEVELS). */
const MAX_TREE_LEVELS = 9;

function checkIdentity(
  what: string,
  number: number,
  storedNumber: GuestInteger,
  storedBlocks: GuestInteger,
  blockCount: number,
): void {
  if (equals(storedNumber, number) && equals(storedBlocks, blockCount)) return;
  const found = u32(storedNumber);
  const length = u32(storedBlocks);
  throw new FormatError(
    'INVALID',
    `xfs: ${what} ${number} says that it is ${found} with ${length} blocks; ${blockCount} are expected`,
  );
}
