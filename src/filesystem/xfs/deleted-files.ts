// The blocks of files that were deleted while they were open: a mount frees them, and a guest that runs has them in use.
// References: Linux 6.18 fs/xfs/xfs_inode.c: xfs_inactive, xfs_ifree.
import {
  type GuestXfsAgf,
  type GuestXfsAgi,
  parseXfsAgf,
  parseXfsAgi,
} from '../../../generated/filesystem/xfs.js';
import { VirtDfError } from '../../errors.js';
import { orDoubt } from '../doubts.js';
import { type BlockRange, fileExtents } from './file-extents.js';
import type { GroupContext } from './group-headers.js';
import { treePlace } from './group-tree.js';
import type { Reason } from './reasons.js';
import type { ReplayedLog } from './replay-state.js';
import { type GroupBlocks, unreferenced } from './shared-blocks.js';
import { newPlan, type Plan, workOf } from './unfinished-plan.js';
import { type UnnamedInode, unnamedInodes } from './unnamed-inodes.js';

const TOO_LARGE = 'deleted files have more extents than virt-df reads';

/** All of a file's blocks, those of its tree and of its attributes included; shared ones may stay in use. */
export async function addInode(plan: Plan, group: number, { number, core, fork }: UnnamedInode) {
  const own = workOf(plan, group);
  if (core.isRealtime) {
    plan.doubts.add(uncounted(number, group, 'has its content on the realtime device'));
    return;
  }
  const { blockCount, extentCount, attributeExtentCount, isShared } = core;
  const ranges =
    fork === null || extentCount === 0
      ? []
      : await orDoubt(() => fileExtents(plan.context, fork, extentCount, plan.left));
  if (ranges instanceof VirtDfError && ranges.code !== 'LIMIT') throw ranges;
  if (ranges instanceof VirtDfError || (extentCount > 0 && fork === null)) {
    own.otherBlocks += blockCount;
    own.otherExtents += blockCount;
    if (ranges instanceof VirtDfError) plan.doubts.add({ code: 'LIMIT', text: TOO_LARGE, group });
    else if (isShared) plan.doubts.add(uncounted(number, group, 'shares blocks, and lists none'));
    return;
  }
  const inFile = ranges.reduce((sum, { count }) => sum + count, 0);
  if (inFile > blockCount) {
    plan.doubts.add(uncounted(number, group, `has ${inFile} blocks and counts ${blockCount}`));
  }
  own.otherBlocks += Math.max(0, blockCount - inFile);
  own.otherExtents +=
    inFile === blockCount ? 0 : Math.max(attributeExtentCount, blockCount - inFile);
  for (const range of ranges) addRange(plan, range, isShared);
}

function addRange(plan: Plan, { group, block, count }: BlockRange, isShared: boolean): void {
  const work = workOf(plan, group);
  if (isShared) work.ofSharing.push({ block, count });
  else work.freed.push({ block, count });
}

/**
 * How many blocks files have that were deleted and are still open, shared ones only where no other file has them; null where
 * that is not known.
 * @param context after the replay. @throws FormatError, SourceError.
 */
export async function openBlockCount(
  context: GroupContext,
  replay: ReplayedLog,
): Promise<number | null> {
  if (!replay.hasInodes) return null;
  const plan = newPlan(context, true);
  for (let group = 0; group < context.geometry.groupCount; group++) {
    const { agi } = await readHeads(context, group);
    const inodes = await unnamedInodes(context, group, agi);
    for (const inode of inodes) await addInode(plan, group, inode);
  }
  let blockCount = 0;
  for (const [group, { freed, otherBlocks, ofSharing }] of plan.works) {
    blockCount += blocksIn(freed) + otherBlocks;
    if (ofSharing.length === 0) continue;
    if (!replay.hasTrees) return null;
    const { agf } = await readHeads(context, group);
    const tree = treePlace(group, agf.refcountRoot, agf.refcountLevel);
    const less = ofSharing.map((range) => ({ ...range, change: -1 as const }));
    blockCount += blocksIn(await unreferenced(context, tree, less));
  }
  return plan.doubts.all().length > 0 ? null : blockCount;
}

export function blocksIn(ranges: readonly GroupBlocks[]): number {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

function uncounted(inode: number, group: number, why: string): Reason {
  const text = `deleted inode ${inode} ${why}, so the number of blocks that its deletion frees is not known`;
  return { code: 'ESTIMATE', text, group };
}

interface Heads {
  readonly agf: GuestXfsAgf;
  readonly agi: GuestXfsAgi;
}

export async function readHeads({ source, geometry }: GroupContext, group: number): Promise<Heads> {
  const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const start = group * blocksPerGroup * blockSizeBytes + sectorSizeBytes;
  const bytes = await source.read(start, 2 * sectorSizeBytes);
  return { agf: parseXfsAgf(bytes), agi: parseXfsAgi(bytes.subarray(sectorSizeBytes)) };
}
