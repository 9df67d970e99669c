// The headers of an allocation group, AGF and AGI, held to all that the kernel asks of them when it reads them.
// References: Linux 6.1 fs/xfs/libxfs/xfs_alloc.c: xfs_agf_verify; xfs_ialloc.c: xfs_agi_verify.
import {
  parseXfsAgf,
  parseXfsAgi,
  XfsAgfFields,
  XfsAgiFields,
  xfsBtreePointerRecords,
} from '../../../generated/filesystem/xfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { equals, int, textOrDigits, u32 } from '../../validation/guest.js';
import { checkSector } from './checksum.js';
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';
import { groupLimits, isInodeNumber } from './group-limits.js';

const NO_INODE = 0xffffffff;

/** The filesystem of the groups, and the UUID that all its metadata must bear. */
export interface GroupContext {
  readonly source: ByteSource;
  readonly features: Features;
  readonly geometry: Geometry;
  /** The UUID in all metadata; of version 5 only. */
  readonly metadataUuid: Uint8Array;
}

/** What an AGF says, in blocks. */
export interface Blocks {
  readonly blockCount: number;
  readonly freeBlockCount: number;
  readonly freeListBlockCount: number;
  /** Blocks of the trees of free space and of the reverse map, without their roots. */
  readonly treeBlockCount: number;
  readonly reverseMapBlockCount: number;
  readonly refcountBlockCount: number;
}

/** What an AGI says. */
export interface Inodes {
  readonly inodeCount: number;
  readonly freeInodeCount: number;
  /** The root of the tree of free inodes, and how many levels it has. */
  readonly freeInodeRoot: number;
  readonly freeInodeLevels: number;
  /** Blocks of that tree as the AGI records them, with the feature inobtcount. */
  readonly freeInodeTreeBlockCount: number;
}

export const NO_BLOCKS: Omit<Blocks, 'blockCount'> = {
  freeBlockCount: 0,
  freeListBlockCount: 0,
  treeBlockCount: 0,
  reverseMapBlockCount: 0,
  refcountBlockCount: 0,
};
export const NO_INODES: Inodes = {
  inodeCount: 0,
  freeInodeCount: 0,
  freeInodeRoot: 0,
  freeInodeLevels: 0,
  freeInodeTreeBlockCount: 0,
};

export function readAgf(
  context: GroupContext,
  number: number,
  sector: Uint8Array,
  blockCount: number,
): Blocks {
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
  const freeBlockCount = blocks(agf.numFreeBlocks, 'agf_freeblks');
  const limits = groupLimits(context.features, context.geometry);
  const within = (value: GuestInteger, field: string, min: number, max: number) =>
    int(value, `xfs: AGF ${number}: ${field}`, min, max);
  within(agf.longestFreeExtent, 'agf_longest', 0, freeBlockCount);
  within(agf.freeListFirst, 'agf_flfirst', 0, limits.freeListEntries - 1);
  within(agf.freeListLast, 'agf_fllast', 0, limits.freeListEntries - 1);
  within(agf.bnoLevel, 'agf_bno_level', 1, limits.freeSpaceLevels);
  within(agf.cntLevel, 'agf_cnt_level', 1, limits.freeSpaceLevels);
  if (hasReverseMap) within(agf.rmapLevel, 'agf_rmap_level', 1, limits.reverseMapLevels);
  if (hasReflink) within(agf.refcountLevel, 'agf_refcount_level', 1, limits.refcountLevels);
  return {
    blockCount,
    freeBlockCount,
    freeListBlockCount: within(agf.numFreeListBlocks, 'agf_flcount', 0, limits.freeListEntries),
    treeBlockCount: context.features.hasLazyCounters
      ? blocks(agf.numBtreeBlocks, 'agf_btreeblks')
      : 0,
    reverseMapBlockCount: hasReverseMap ? blocks(agf.numRmapBlocks, 'agf_rmap_blocks') : 0,
    refcountBlockCount: hasReflink ? blocks(agf.numRefcountBlocks, 'agf_refcount_blocks') : 0,
  };
}

export function readAgi(
  context: GroupContext,
  number: number,
  sector: Uint8Array,
  blockCount: number,
): Inodes {
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
  const { inodeLevels } = groupLimits(context.features, context.geometry);
  int(agi.inodeLevel, `xfs: AGI ${number}: agi_level`, 1, inodeLevels);
  if (hasFreeInodeTree) {
    int(agi.freeInodeLevel, `xfs: AGI ${number}: agi_free_level`, 1, inodeLevels);
  }
  checkUnlinked(context.geometry, number, agi.unlinked);
  const inTree = (value: GuestInteger, field: string, max: number) =>
    hasFreeInodeTree ? int(value, `xfs: AGI ${number}: ${field}`, 0, max) : 0;
  return {
    inodeCount,
    freeInodeCount: int(agi.numFreeInodes, `xfs: AGI ${number}: agi_freecount`, 0, inodeCount),
    freeInodeRoot: inTree(agi.freeInodeRoot, 'agi_free_root', blockCount - 1),
    freeInodeLevels: inTree(agi.freeInodeLevel, 'agi_free_level', inodeLevels),
    freeInodeTreeBlockCount: hasInodeTreeCounts
      ? inTree(agi.numFreeInodeTreeBlocks, 'agi_fblocks', blockCount)
      : 0,
  };
}

/** The heads of the chains of inodes that have no name any more. */
function checkUnlinked(geometry: Geometry, group: number, unlinked: Uint8Array): void {
  const buckets = xfsBtreePointerRecords(unlinked);
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    const inode = u32(buckets.at(bucket).block);
    if (inode === NO_INODE || isInodeNumber(inode, geometry)) continue;
    throw new FormatError(
      'INVALID',
      `xfs: AGI ${group}: the chain ${bucket} of deleted inodes begins with ${inode}, which is none`,
    );
  }
}

function checkIdentity(
  what: string,
  number: number,
  storedNumber: GuestInteger,
  storedBlocks: GuestInteger,
  blockCount: number,
): void {
  if (equals(storedNumber, number) && equals(storedBlocks, blockCount)) return;
  const found = textOrDigits(storedNumber);
  const length = textOrDigits(storedBlocks);
  throw new FormatError(
    'INVALID',
    `xfs: ${what} ${number} says that it is ${found} with ${length} blocks; ${blockCount} are expected`,
  );
}
