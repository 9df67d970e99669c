// The inodes that have no name any more but were still open: each group has 64 chains of them, and a mount deletes them.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_iunlink_bucket; xfs_inode.c: xfs_inactive, xfs_iunlink;
// xfs_inode_item_recover.c: xlog_recover_inode_commit_pass2.
import {
  type GuestXfsAgi,
  type GuestXfsInode,
  parseXfsInode,
  xfsBtreePointerRecords,
} from '../../../generated/filesystem/xfs.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, u8, u32, u64 } from '../../validation/guest.js';
import type { GroupContext } from './groups.js';
import {
  FORMAT_EXTENTS,
  FORMAT_TREE,
  type Fork,
  type InodeCore,
  inodeCore,
} from './log-inode-item.js';
import type { Replay } from './replay-state.js';

const NO_INODE = 0xffffffff;
const U64_MAX = 2n ** 64n - 1n;
/** Where what an inode holds begins. */
const CORE_BYTES = 176;
const CORE_BYTES_V4 = 100;
const FORK_UNIT_BYTES = 8;
/** Files that are open and deleted, at one time. Each may cost a read. */
const MAX_INODES = 65_536;

export interface UnnamedInode {
  /** Its number within the group. */
  readonly number: number;
  /** What it holds; null if that cannot be known. */
  readonly core: InodeCore | null;
  /** The file's extents; null if it has none, or if they cannot be known. */
  readonly fork: Fork | null;
}

/** Whether a group has any. */
export function hasUnnamed({ unlinked }: GuestXfsAgi): boolean {
  const buckets = xfsBtreePointerRecords(unlinked);
  return Array.from({ length: buckets.length }, (_, i) => i).some(
    (i) => !equals(buckets.at(i).block, NO_INODE),
  );
}

/**
 * The inodes of a group's chains.
 * @param disk without what was replayed: of inodes the log is looked up here.
 * @throws FormatError LOOP, OUT_OF_BOUNDS, BAD_MAGIC; LIMIT
 */
export async function unnamedInodes(
  context: GroupContext,
  disk: ByteSource,
  replay: Replay,
  group: number,
  agi: GuestXfsAgi,
): Promise<readonly UnnamedInode[]> {
  const buckets = xfsBtreePointerRecords(agi.unlinked);
  const found: UnnamedInode[] = [];
  const seen = new Set<number>();
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    let number = u32(buckets.at(bucket).block);
    while (number !== NO_INODE) {
      if (seen.has(number)) {
        throw new FormatError(
          'LOOP',
          `xfs: the deleted inodes of group ${group} come to ${number} twice`,
        );
      }
      seen.add(number);
      if (seen.size > MAX_INODES) {
        throw new FormatError(
          'LIMIT',
          `xfs: group ${group} has more than ${MAX_INODES} deleted inodes`,
        );
      }
      const { core, fork, next } = await readInode(context, disk, replay, group, number);
      // What has a name again is left alone.
      if (core === null || (core.linkCount === 0 && !core.isFree)) {
        found.push({ number, core, fork });
      }
      number = next;
    }
  }
  return found;
}

interface ReadInode extends Omit<UnnamedInode, 'number'> {
  readonly next: number;
}

async function readInode(
  { geometry, features }: GroupContext,
  disk: ByteSource,
  replay: Replay,
  group: number,
  number: number,
): Promise<ReadInode> {
  const { blockSizeBytes, blocksPerGroup, inodesPerBlock } = geometry;
  const blockInGroup = Math.floor(number / inodesPerBlock);
  if (blockInGroup >= blocksPerGroup) {
    throw new FormatError('OUT_OF_BOUNDS', `xfs: inode ${number} lies outside of group ${group}`);
  }
  const block = group * blocksPerGroup + blockInGroup;
  const place = block * inodesPerBlock + (number % inodesPerBlock);
  const logged = replay.unnamed.get(place);
  const loggedNext = replay.nextUnlinked.get(place);
  if (replay.createdBlocks.has(block)) {
    return { core: logged ?? null, fork: logged?.fork ?? null, next: loggedNext ?? NO_INODE };
  }
  const inodeSizeBytes = blockSizeBytes / inodesPerBlock;
  const bytes = await disk.read(place * inodeSizeBytes, inodeSizeBytes);
  const next = (inode: GuestXfsInode) => loggedNext ?? u32(inode.nextUnlinked);
  const inode = parseXfsInode(bytes);
  const isV5 = features.version === 5;
  const written = isV5 ? u64(inode.lastWriteLsn) : 0n;
  const isNewer = logged !== undefined && (written === U64_MAX || logged.lsn >= written);
  const fork = forkOf(inode, bytes, isV5 ? CORE_BYTES : CORE_BYTES_V4);
  if (isNewer) return { core: logged, fork: logged.fork ?? fork, next: next(inode) };
  const flags2 = isV5 ? u64(inode.flags2) : 0n;
  return { core: inodeCore(inode, flags2), fork, next: next(inode) };
}

function forkOf(inode: GuestXfsInode, bytes: Uint8Array, coreBytes: number): Fork | null {
  const units = u8(inode.attributesOffset);
  const end = units === 0 ? bytes.length : coreBytes + units * FORK_UNIT_BYTES;
  const fork = bytes.subarray(coreBytes, end);
  if (equals(inode.dataFormat, FORMAT_EXTENTS)) return { kind: 'extents', bytes: fork };
  return equals(inode.dataFormat, FORMAT_TREE) ? { kind: 'tree', bytes: fork } : null;
}
