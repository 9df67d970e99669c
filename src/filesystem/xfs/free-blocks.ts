// The free space of an XFS: of each group the tree of free blocks by block.
// References: Linux 6.18 fs/xfs/libxfs/xfs_alloc_btree.c: xfs_bnobt_recs_inorder; xfs_alloc.c: xfs_alloc_btrec_to_irec,
// xfs_alloc_check_irec.
import { xfsFreeSpaceRecordRecords } from '../../../generated/filesystem/xfs.js';
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import type { IsWanted, VolumeRange } from '../files.js';
import { toldOf } from '../told.js';
import { leavesFrom } from './group-tree.js';
import { spaceTrees } from './group-trees.js';
import { blocksAt, groupBlockCount, groupRange, type XfsVolume } from './volume-files.js';

export async function* freeRanges(
  volume: XfsVolume,
  isWanted?: IsWanted,
): AsyncGenerator<readonly VolumeRange[]> {
  const { groupCount } = volume.context.geometry;
  for (let group = 0; group < groupCount; group++) {
    if (isWanted?.(groupRange(volume, group)) === false) continue;
    yield* toldOf(volume, null, freeOfGroup(volume, group));
  }
}

async function* freeOfGroup(
  volume: XfsVolume,
  group: number,
): AsyncGenerator<readonly VolumeRange[], void, undefined> {
  const { context } = volume;
  const blockCount = groupBlockCount(context.geometry, group);
  const { byBlock } = await spaceTrees(context, group);
  let next = 0;
  for await (const { body, recordCount } of leavesFrom(context, byBlock, 0, () =>
    volume.spend(1),
  )) {
    const records = xfsFreeSpaceRecordRecords(body);
    const page: VolumeRange[] = [];
    for (let i = 0; i < Math.min(recordCount, records.length); i++) {
      const record = records.at(i);
      const block = int(record.firstBlock, 'xfs: ar_startblock', 0, blockCount - 1);
      const count = int(record.numBlocks, 'xfs: ar_blockcount', 1, blockCount - block);
      if (block < next) {
        const message = `xfs: the free blocks of group ${group} are not in order at ${block}`;
        throw new FormatError('INVALID', message);
      }
      page.push(blocksAt(volume, { group, block, count }));
      next = block + count;
    }
    if (page.length > 0) yield page;
  }
}
