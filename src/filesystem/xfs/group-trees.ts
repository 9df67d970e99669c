// The headers of one group, checked, and where its trees begin.
// References: Linux 6.18 fs/xfs/libxfs/xfs_format.h: struct xfs_agf, struct xfs_agi, xfs_alloc_key_t, struct xfs_rmap_key.
import { parseXfsAgf, parseXfsAgi } from '../../../generated/filesystem/xfs.js';
import { int } from '../../validation/guest.js';
import { type GroupContext, readAgf, readAgi } from './group-headers.js';
import { groupLimits } from './group-limits.js';
import { type TreePlace, treePlace } from './group-tree.js';
import { groupBlockCount } from './volume-files.js';

const FREE_SPACE_KEY_BYTES = 8;
/** Two of them, of the lowest and of the highest record. */
const REVERSE_MAP_KEY_BYTES = 40;

/** A tree's own blocks, and how the kernel counts them. */
export interface NamedTree extends TreePlace {
  readonly name: string;
  /** Its blocks but for the root are taken from the group's list of free blocks, and count as free. */
  readonly isFromFreeList: boolean;
}

/** What an AGF leads to. */
export interface SpaceTrees {
  readonly byBlock: NamedTree;
  readonly all: readonly NamedTree[];
  readonly shared: TreePlace | null;
  /** Which file has each block. */
  readonly reverseMap: TreePlace | null;
  /** The list of free blocks: entries from `first` on, around the end. */
  readonly freeList: { readonly first: number; readonly count: number; readonly room: number };
}

/** What an AGI leads to. */
interface InodeTrees {
  readonly inodes: NamedTree;
  readonly all: readonly NamedTree[];
}

async function sectorOf({ source, geometry }: GroupContext, group: number, sector: number) {
  const { blocksPerGroup, blockSizeBytes, sectorSizeBytes } = geometry;
  const start = group * blocksPerGroup * blockSizeBytes + sector * sectorSizeBytes;
  return source.read(start, sectorSizeBytes);
}

/** @throws FormatError as `readAgf`. */
export async function spaceTrees(context: GroupContext, group: number): Promise<SpaceTrees> {
  const { features, geometry } = context;
  const bytes = await sectorOf(context, group, 1);
  const { freeListBlockCount } = readAgf(context, group, bytes, groupBlockCount(geometry, group));
  const agf = parseXfsAgf(bytes);
  const space = (
    root: typeof agf.bnoRoot,
    levels: typeof agf.bnoLevel,
    name: string,
  ): NamedTree => ({
    ...treePlace(group, root, levels, FREE_SPACE_KEY_BYTES),
    name,
    isFromFreeList: true,
  });
  const byBlock = space(agf.bnoRoot, agf.bnoLevel, 'free space by block');
  const bySize = space(agf.cntRoot, agf.cntLevel, 'free space by size');
  const reverseMap = features.hasReverseMap
    ? treePlace(group, agf.rmapRoot, agf.rmapLevel, REVERSE_MAP_KEY_BYTES)
    : null;
  const reverse: readonly NamedTree[] =
    reverseMap === null ? [] : [{ ...reverseMap, name: 'reverse map', isFromFreeList: true }];
  const shared = features.hasReflink ? treePlace(group, agf.refcountRoot, agf.refcountLevel) : null;
  const counts: readonly NamedTree[] =
    shared === null ? [] : [{ ...shared, name: 'shared blocks', isFromFreeList: false }];
  const { freeListEntries: room } = groupLimits(features, geometry);
  return {
    byBlock,
    all: [byBlock, bySize, ...reverse, ...counts],
    shared,
    reverseMap,
    freeList: {
      first: int(agf.freeListFirst, 'xfs: agf_flfirst', 0, room - 1),
      count: freeListBlockCount,
      room,
    },
  };
}

/** @throws FormatError as `readAgi`. */
export async function inodeTrees(context: GroupContext, group: number): Promise<InodeTrees> {
  const bytes = await sectorOf(context, group, 2);
  readAgi(context, group, bytes, groupBlockCount(context.geometry, group));
  const agi = parseXfsAgi(bytes);
  const inodes: NamedTree = {
    ...treePlace(group, agi.inodeRoot, agi.inodeLevel),
    name: 'inode tree',
    isFromFreeList: false,
  };
  const free: readonly NamedTree[] = context.features.hasFreeInodeTree
    ? [
        {
          ...treePlace(group, agi.freeInodeRoot, agi.freeInodeLevel),
          name: 'free inode tree',
          isFromFreeList: false,
        },
      ]
    : [];
  return { inodes, all: [inodes, ...free] };
}
