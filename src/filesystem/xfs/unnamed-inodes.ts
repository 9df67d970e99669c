// The inodes that have no name any more but were still open: each group has 64 chains of them, and a mount deletes them.
// References: Linux 6.18 fs/xfs/xfs_log_recover.c: xlog_recover_iunlink_bucket; xfs_inode.c: xfs_inactive, xfs_iunlink;
// xfs_inode_item_recover.c: xlog_recover_inode_commit_pass2.
import { type GuestXfsAgi, xfsBtreePointerRecords } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { equals, u32 } from '../../validation/guest.js';
import type { GroupContext } from './group-headers.js';
import { type Inode, readInode } from './inode.js';

const NO_INODE = 0xffffffff;
/** Files that are open and deleted, at one time. Each may cost a read. */
const MAX_INODES = 65_536;

export interface UnnamedInode extends Pick<Inode, 'core' | 'fork'> {
  /** Its number within the group. */
  readonly number: number;
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
 * @param context after the replay of the log.
 * @throws FormatError LOOP, OUT_OF_BOUNDS, BAD_MAGIC; LIMIT
 */
export async function unnamedInodes(
  context: GroupContext,
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
      const { core, fork, nextUnlinked } = await inodeAt(context, group, number);
      // An inode that has a name again is left alone.

      if (core.linkCount === 0 && !core.isFree) found.push({ number, core, fork });
      number = nextUnlinked;
    }
  }
  return found;
}

async function inodeAt(
  { source, geometry }: GroupContext,
  group: number,
  number: number,
): Promise<Inode> {
  const { blockSizeBytes, blocksPerGroup, inodesPerBlock } = geometry;
  const blockInGroup = Math.floor(number / inodesPerBlock);
  if (blockInGroup >= blocksPerGroup) {
    throw new FormatError('OUT_OF_BOUNDS', `xfs: inode ${number} lies outside of group ${group}`);
  }
  const inodeSizeBytes = blockSizeBytes / inodesPerBlock;
  const place = group * blocksPerGroup * inodesPerBlock + number;
  return readInode(await source.read(place * inodeSizeBytes, inodeSizeBytes));
}
