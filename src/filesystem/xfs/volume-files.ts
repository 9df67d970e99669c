// An XFS after its log, and one file of it, as the parts of the reader of files share them.
// References: Linux 6.18 fs/xfs/libxfs/xfs_format.h: struct xfs_dsb (sb_rbmino and its neighbours), XFS_PQUOTA_ACCT.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { GuestInteger } from '../../kaitai/index.js';
import { hasFlag, u64 } from '../../validation/guest.js';
import { type FileKind, type FileWalk, type VolumeRange, volumeRange } from '../files.js';
import type { Context } from './context.js';
import type { BlockRange } from './file-extents.js';
import type { Geometry } from './geometry.js';
import { groupUnit } from './group-limits.js';
import type { Inode } from './inode.js';
import type { Pending } from './pending.js';

const NO_INODE = 2n ** 64n - 1n;
const PROJECT_QUOTA = 0x8n;

/** A filesystem whose files are read. */
export interface XfsVolume {
  readonly context: Context;
  readonly volumes: readonly ByteSource[];
  readonly walk: FileWalk;
  /** What a mount still does behind the replay. */
  readonly pending: Pending;
  /** The inodes that the filesystem has for itself, by number. */
  readonly systemNames: ReadonlyMap<number, string>;
  /** Bounds how many blocks of trees and of directories are read in all. @throws FormatError LIMIT */
  spend(blockCount: number): void;
}

/** One file, in trusted numbers. */
export interface XfsFile {
  readonly number: number;
  readonly kind: FileKind;
  readonly inode: Inode;
  readonly sizeBytes: number;
  /** Where the inode lies on the volume, and its bytes. */
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

export function systemNames({ superblock, features }: Context): ReadonlyMap<number, string> {
  const isProject = features.version === 4 && hasFlag(superblock.quotaFlags, PROJECT_QUOTA);
  const said: readonly (readonly [GuestInteger, string])[] = [
    [superblock.realtimeBitmapInode, 'realtime bitmap'],
    [superblock.realtimeSummaryInode, 'realtime summary'],
    [superblock.userQuotaInode, 'user quota'],
    [superblock.groupQuotaInode, isProject ? 'project quota' : 'group quota'],
    ...(features.version === 5 ? [[superblock.projectQuotaInode, 'project quota'] as const] : []),
  ];
  const names = new Map<number, string>();
  for (const [field, name] of said) {
    const number = u64(field);
    if (number !== 0n && number !== NO_INODE) names.set(Number(number), name);
  }
  return names;
}

/** Where an inode is by its number. */
interface InodePlace {
  readonly group: number;
  readonly inGroup: number;
  readonly offsetBytes: number;
}

/** null for a number that no inode of the filesystem can have. */
export function inodePlace(geometry: Geometry, number: number): InodePlace | null {
  const { inodesPerBlock, blocksPerGroup, blockSizeBytes } = geometry;
  const perGroup = groupUnit(geometry) * inodesPerBlock;
  const group = Math.floor(number / perGroup);
  const inGroup = number % perGroup;
  const isPlace =
    Number.isSafeInteger(number) &&
    number > 0 &&
    group < geometry.groupCount &&
    inGroup < groupBlockCount(geometry, group) * inodesPerBlock;
  if (!isPlace) return null;
  const place = group * blocksPerGroup * inodesPerBlock + inGroup;
  return { group, inGroup, offsetBytes: place * (blockSizeBytes / inodesPerBlock) };
}

/** The last group may be shorter than the others. */
export function groupBlockCount({ blocksPerGroup, blockCount }: Geometry, group: number): number {
  return Math.min(blocksPerGroup, blockCount - group * blocksPerGroup);
}

/** All of a group. */
export function groupRange(volume: XfsVolume, group: number): VolumeRange {
  const count = groupBlockCount(volume.context.geometry, group);
  return blocksAt(volume, { group, block: 0, count });
}

/** @throws FormatError OUT_OF_BOUNDS for no blocks, and for some beyond the group. */
export function blocksAt(
  { volumes, context: { geometry } }: Pick<XfsVolume, 'volumes' | 'context'>,
  { group, block, count }: BlockRange,
): VolumeRange {
  const { blockSizeBytes, blocksPerGroup } = geometry;
  if (count < 1 || block + count > groupBlockCount(geometry, group)) {
    const message = `xfs: ${count} blocks at ${block} of group ${group} cannot be`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const start = (group * blocksPerGroup + block) * blockSizeBytes;
  return volumeRange(volumes, start, count * blockSizeBytes);
}
