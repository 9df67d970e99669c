// Which files have given blocks, by the reverse map of each group: a record for each piece of a file, so that a block that several
// files share has several.
// References: Linux 6.18 fs/xfs/libxfs/xfs_rmap_btree.c: xfs_rmapbt_init_high_key_from_rec; xfs_rmap.c: xfs_rmap_query_range;
// xfs_format.h: XFS_RMAP_NON_INODE_OWNER.
import { xfsReverseMapRecordRecords } from '../../../generated/filesystem/xfs.js';
import { countBefore } from '../../bytes/search.js';
import { MAX_OWNERS } from '../../limits.js';
import { hasFlag, int } from '../../validation/guest.js';
import type { FileId, VolumeRange } from '../files.js';
import { leavesWithin } from './group-tree.js';
import { spaceTrees } from './group-trees.js';
import { groupBlockCount, type XfsVolume } from './volume-files.js';

/** Metadata's owners are negative numbers. */
const SIGN = 2n ** 63n;

/** Blocks of a group, the last one included. */
interface Blocks {
  readonly first: number;
  readonly last: number;
}

/** null: there is no such tree, it may lack something, or too many files have the blocks. @throws FormatError for a damaged one. */
export async function ownersOf(
  volume: XfsVolume,
  ranges: readonly VolumeRange[],
): Promise<readonly FileId[] | null> {
  const { context, pending } = volume;
  if (!context.features.hasReverseMap || pending.isUnfinished) return null;
  const found = new Set<number>();
  for (const [group, blocks] of byGroup(volume, ranges)) {
    if (!(await addOwners(volume, group, blocks, found))) return null;
  }
  return [...found].map((number) => ({ tree: 0, number }));
}

function byGroup(
  { context: { geometry } }: XfsVolume,
  ranges: readonly VolumeRange[],
): ReadonlyMap<number, readonly Blocks[]> {
  const { blocksPerGroup, blockSizeBytes, groupCount } = geometry;
  const groups = new Map<number, Blocks[]>();
  for (const { offsetBytes, lengthBytes } of ranges) {
    const end = Math.ceil((offsetBytes + lengthBytes) / blockSizeBytes);
    for (let block = Math.floor(offsetBytes / blockSizeBytes); block < end; ) {
      const group = Math.floor(block / blocksPerGroup);
      if (group >= groupCount) break;
      const start = group * blocksPerGroup;
      const next = Math.min(end, start + blocksPerGroup);
      const own = groups.get(group) ?? [];
      groups.set(group, own);
      own.push({ first: block - start, last: next - 1 - start });
      block = next;
    }
  }
  return groups;
}

/** false: there are too many. */
async function addOwners(
  { context, spend }: XfsVolume,
  group: number,
  wanted: readonly Blocks[],
  found: Set<number>,
): Promise<boolean> {
  const { reverseMap } = await spaceTrees(context, group);
  if (reverseMap === null) return false;
  const blockCount = groupBlockCount(context.geometry, group);
  const isWanted = (first: number, last: number) => {
    const next = wanted[countBefore(wanted.length, (i) => (wanted[i]?.last ?? 0) < first)];
    return next !== undefined && next.first <= last;
  };
  for await (const leaf of leavesWithin(context, reverseMap, isWanted, () => spend(1))) {
    const records = xfsReverseMapRecordRecords(leaf.body);
    for (let i = 0; i < Math.min(leaf.recordCount, records.length); i++) {
      const record = records.at(i);
      const first = int(record.firstBlock, 'xfs: rm_startblock', 0, blockCount - 1);
      const count = int(record.numBlocks, 'xfs: rm_blockcount', 1, blockCount - first);
      if (!isWanted(first, first + count - 1) || hasFlag(record.owner, SIGN)) continue;
      found.add(int(record.owner, 'xfs: rm_owner', 1, Number.MAX_SAFE_INTEGER));
      if (found.size > MAX_OWNERS) return false;
    }
  }
  return true;
}
