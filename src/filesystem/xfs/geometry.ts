// The shape of an XFS filesystem (blocks, groups, inodes, the log) by its superblock, checked as the kernel checks it before a
// mount.
// References: Linux 6.1 fs/xfs/libxfs/xfs_sb.c: xfs_validate_sb_common; fs/xfs/xfs_mount.c: xfs_check_sizes.
import type { GuestXfs } from '../../../generated/filesystem/xfs.js';
import { FormatError, invalidIn } from '../../errors.js';
import { GIB, KIB, MIB } from '../../limits.js';
import { big, equals, hasFlag, int, u32 } from '../../validation/guest.js';
import { checkNotCut } from '../fault.js';
import { versionOf } from './features.js';

const invalid = invalidIn('xfs: ');

const U32_MAX = 0xffffffff;
const MIN_GROUP_BYTES = 16 * MIB;
const MAX_GROUP_BYTES = 1024 * GIB;
const MIN_GROUP_BLOCKS = 64;
/** A filesystem grown from 1 GiB to 4 TiB has as many; each costs a read far from the others. */
const MAX_GROUPS = 16 * 1024;
const VERSION_ALIGNED = 0x80n;
const CLUSTER_BYTES = 8192;
const MIN_INODE_BYTES = 256;
const U64_MAX = 2n ** 64n - 1n;
/** XFS_MIN_RTEXTSIZE, XFS_MAX_RTEXTSIZE */
const REALTIME_EXTENT_BYTES = [4 * KIB, GIB];

/** The shape of a filesystem in trusted numbers. Blocks are filesystem blocks. */
export interface Geometry {
  readonly blockSizeBytes: number;
  readonly blockCount: number;
  readonly sectorSizeBytes: number;
  readonly groupCount: number;
  /** Blocks of every group but the last, which may have fewer. */
  readonly blocksPerGroup: number;
  readonly inodesPerBlock: number;
  /** Clusters of inodes begin at multiples of it. */
  readonly inodeAlignmentBlocks: number;
  /** The group of the root directory, whose AGI every mount reads. */
  readonly rootInodeGroup: number;
  /** The internal log; null if it is on another device. */
  readonly log: LogPlace | null;
  /** The part of the blocks that inodes may fill, in percent; 0 is without limit. */
  readonly maxInodePercent: number;
}

export interface LogPlace {
  readonly group: number;
  readonly offsetBytes: number;
  readonly blockCount: number;
}

/**
 * Checks every number that the reading depends on.
 * @throws FormatError INVALID, OUT_OF_BOUNDS, TRUNCATED; LIMIT for more groups than virt-df reads.
 */
export function readGeometry(superblock: GuestXfs, deviceSizeBytes: number): Geometry {
  const blockSizeBytes = 2 ** int(superblock.log2Block, 'xfs: sb_blocklog', 9, 16);
  const sectorSizeBytes = 2 ** int(superblock.log2Sector, 'xfs: sb_sectlog', 9, 15);
  const inodeSizeBytes = 2 ** int(superblock.log2Inode, 'xfs: sb_inodelog', 8, 11);
  const inodesPerBlock = blockSizeBytes / inodeSizeBytes;
  checkEqual(superblock.lenBlock, blockSizeBytes, 'block size');
  checkEqual(superblock.lenSector, sectorSizeBytes, 'sector size');
  checkEqual(superblock.lenInode, inodeSizeBytes, 'inode size');
  checkEqual(superblock.inodesPerBlock, inodesPerBlock, 'number of inodes per block');
  if (sectorSizeBytes > blockSizeBytes || inodesPerBlock < 2) {
    throw invalid(
      `sectors of ${sectorSizeBytes} and inodes of ${inodeSizeBytes} bytes do not fit blocks of ${blockSizeBytes}`,
    );
  }
  checkEqual(
    superblock.log2InodesPerBlock,
    Math.log2(inodesPerBlock),
    'logarithm of the number of inodes per block',
  );
  checkRealtimeExtent(superblock, blockSizeBytes);
  if (!equals(superblock.inProgress, 0)) throw invalid('mkfs or a copy of it was not finished');
  const groups = readGroups(superblock, blockSizeBytes, deviceSizeBytes);
  return {
    blockSizeBytes,
    sectorSizeBytes,
    inodesPerBlock,
    ...groups,
    inodeAlignmentBlocks: inodeAlignment(superblock, blockSizeBytes, inodeSizeBytes),
    rootInodeGroup: rootInodeGroup(superblock, inodesPerBlock, groups),
    log: readLog(superblock, blockSizeBytes, groups),
    maxInodePercent: int(superblock.maxInodePercent, 'xfs: sb_imax_pct', 0, 100),
  };
}

/** xfs_ialloc_setup_geometry: the alignment counts where it is that of a whole cluster. */
function inodeAlignment(superblock: GuestXfs, blockSizeBytes: number, inodeSizeBytes: number) {
  const alignment = u32(superblock.inodeAlignment);
  const isVersion5 = versionOf(superblock) === 5;
  const largest = (CLUSTER_BYTES * inodeSizeBytes) / MIN_INODE_BYTES;
  const isLarge = isVersion5 && alignment >= Math.floor(largest / blockSizeBytes);
  const clusterBytes = isLarge ? largest : CLUSTER_BYTES;
  const clusterBlocks = Math.max(1, clusterBytes / blockSizeBytes);
  const isAligned = hasFlag(superblock.version, VERSION_ALIGNED);
  return isAligned && alignment >= clusterBlocks ? alignment : 1;
}

/** @throws FormatError OUT_OF_BOUNDS for a root directory of no group, which no mount finds. */
function rootInodeGroup(superblock: GuestXfs, inodesPerBlock: number, groups: Groups): number {
  const unit = groupUnit(groups) * BigInt(inodesPerBlock);
  const end = BigInt(groups.groupCount) * unit;
  // Every mount reads the two inodes of a realtime section, which are there also where there is none.
  big(superblock.realtimeBitmapInode, 'xfs: sb_rbmino', 1n, end - 1n);
  big(superblock.realtimeSummaryInode, 'xfs: sb_rsumino', 1n, end - 1n);
  return Number(big(superblock.rootInode, 'xfs: sb_rootino', 1n, end - 1n) / unit);
}

/** A filesystem without a realtime section has them as well. */
function checkRealtimeExtent({ realtimeExtentSize }: GuestXfs, blockSizeBytes: number): void {
  const [least, most] = REALTIME_EXTENT_BYTES.map((bytes) => Math.ceil(bytes / blockSizeBytes));
  int(realtimeExtentSize, 'xfs: sb_rextsize', least ?? 0, most ?? 0);
}

/** A filesystem block number is the group, then the block within it in as many bits as groups need. */
function groupUnit({ blocksPerGroup }: Pick<Groups, 'blocksPerGroup'>): bigint {
  return 2n ** BigInt(Math.ceil(Math.log2(blocksPerGroup)));
}

interface Groups {
  readonly blockCount: number;
  readonly groupCount: number;
  readonly blocksPerGroup: number;
}

function readGroups(superblock: GuestXfs, blockSizeBytes: number, deviceSizeBytes: number): Groups {
  const blockCount = big(superblock.numDataBlocks, 'xfs: sb_dblocks', 1n, U64_MAX);
  checkNotCut('xfs', Number(blockCount) * blockSizeBytes, deviceSizeBytes);
  const blocksPerGroup = int(
    superblock.blocksPerGroup,
    'xfs: sb_agblocks',
    MIN_GROUP_BYTES / blockSizeBytes,
    MAX_GROUP_BYTES / blockSizeBytes,
  );
  const groupCount = int(superblock.numGroups, 'xfs: sb_agcount', 1, U32_MAX);
  const blocks = Number(blockCount);
  const lastGroupBlocks = blocks - (groupCount - 1) * blocksPerGroup;
  if (lastGroupBlocks < MIN_GROUP_BLOCKS || lastGroupBlocks > blocksPerGroup) {
    throw invalid(
      `${groupCount} allocation groups of ${blocksPerGroup} blocks do not make ${blocks} blocks`,
    );
  }
  if (groupCount > MAX_GROUPS) {
    throw new FormatError(
      'LIMIT',
      `xfs: ${groupCount} allocation groups are more than the ${MAX_GROUPS} that virt-df reads`,
      { data: { groupCount, limit: MAX_GROUPS } },
    );
  }
  checkEqual(
    superblock.log2BlocksPerGroup,
    Math.ceil(Math.log2(blocksPerGroup)),
    'logarithm of the group size',
  );
  return { blockCount: blocks, groupCount, blocksPerGroup };
}

function readLog(
  superblock: GuestXfs,
  blockSizeBytes: number,
  { blockCount, groupCount, blocksPerGroup }: Groups,
): LogPlace | null {
  if (equals(superblock.logStart, 0)) return null;
  const unit = groupUnit({ blocksPerGroup });
  const start = big(superblock.logStart, 'xfs: sb_logstart', 1n, BigInt(groupCount) * unit - 1n);
  const group = Number(start / unit);
  const first = Number(start % unit);
  const logBlockCount = int(superblock.numLogBlocks, 'xfs: sb_logblocks', 1, blocksPerGroup);
  const firstBlock = group * blocksPerGroup + first;
  if (first + logBlockCount > blocksPerGroup || firstBlock + logBlockCount > blockCount) {
    throw invalid(
      `the log of ${logBlockCount} blocks at block ${first} of group ${group} lies outside of it`,
    );
  }
  return { group, offsetBytes: firstBlock * blockSizeBytes, blockCount: logBlockCount };
}

function checkEqual(value: GuestXfs['lenBlock'], expected: number, what: string): void {
  if (equals(value, expected)) return;
  const found = u32(value);
  throw invalid(`the ${what} is ${found} in one place and ${expected} in another`);
}
