// The files of an XFS, in the state after its log: inodes in the order of their chunks.
// References: Linux 6.18 fs/xfs/xfs_itable.c: xfs_bulkstat; xfs_iwalk.c: xfs_iwalk_ag; xfs_icache.c: xfs_iget;
// libxfs/xfs_ialloc.c: xfs_imap.
import { FormatError } from '../../errors.js';
import { int } from '../../validation/guest.js';
import {
  type FileId,
  type FileNode,
  type FileReader,
  type FileWalk,
  type IsWanted,
  volumeRange,
} from '../files.js';
import { tell, toldOf } from '../told.js';
import { visitsOf } from '../visits.js';
import type { Context } from './context.js';
import { fileNode } from './file-node.js';
import { freeRanges } from './free-blocks.js';
import { groupUnit } from './group-limits.js';
import { leavesFrom } from './group-tree.js';
import { inodeTrees } from './group-trees.js';
import {
  CHUNK_INODES,
  chunkFinder,
  chunksOfLeaf,
  type InodeChunk,
  usedInodes,
} from './inode-chunks.js';
import { metadataRanges } from './layout.js';
import { recoveredFiles } from './recovered-files.js';
import { ownersOf } from './reverse-map.js';
import { groupBlockCount, inodePlace, systemNames, type XfsVolume } from './volume-files.js';

export async function xfsFiles(onDisk: Context, walk: FileWalk): Promise<FileReader> {
  const { context, pending, keptBackBytes } = await recoveredFiles(onDisk, walk);
  const volumes = [context.source];
  const volume: XfsVolume = {
    context,
    volumes,
    walk,
    pending,
    systemNames: systemNames(context),
    spend: visitsOf('xfs: trees and directories', 'blocks', context.geometry.blockCount),
  };
  const find = chunkFinder(context);
  const root = int(context.superblock.rootInode, 'xfs: sb_rootino', 1, Number.MAX_SAFE_INTEGER);
  return {
    volumes,
    roots: [{ tree: 0, number: root }],
    files: () => allFiles(volume, null),
    filesIn: (isWanted) => allFiles(volume, isWanted),
    file: (id) => fileAt(volume, find, id),
    ownersOf: (ranges) => ownersOf(volume, ranges),
    free: (isWanted) => freeRanges(volume, isWanted),
    metadata: (isWanted) => metadataRanges(volume, isWanted),
    keptBackBytes,
  };
}

/** @param isWanted null: all are. */
async function* allFiles(
  volume: XfsVolume,
  isWanted: IsWanted | null,
): AsyncGenerator<readonly FileNode[]> {
  const { groupCount } = volume.context.geometry;
  for (let group = 0; group < groupCount; group++) {
    yield* toldOf(volume, null, filesOfGroup(volume, group, isWanted));
  }
}

async function* filesOfGroup(
  volume: XfsVolume,
  group: number,
  isWanted: IsWanted | null,
): AsyncGenerator<readonly FileNode[], void, undefined> {
  const { context } = volume;
  const { inodes } = await inodeTrees(context, group);
  let next = 0;
  for await (const leaf of leavesFrom(context, inodes, 0, () => volume.spend(1))) {
    for (const chunk of chunksOfLeaf(leaf)) {
      if (chunk.firstInode < next) {
        const message = `xfs: the inodes of group ${group} are not in order at ${chunk.firstInode}`;
        throw new FormatError('INVALID', message);
      }
      next = chunk.firstInode + CHUNK_INODES;
      const page = await filesOfChunk(volume, group, chunk, isWanted);
      if (page.length > 0) yield page;
    }
  }
}

/** Read from its first inode in use to the last one. */
async function filesOfChunk(
  volume: XfsVolume,
  group: number,
  chunk: InodeChunk,
  isWanted: IsWanted | null,
): Promise<readonly FileNode[]> {
  const { geometry, source } = volume.context;
  const used = usedInodes(chunk);
  const [from, last] = [used[0], used.at(-1)];
  if (from === undefined || last === undefined) return [];
  const { blocksPerGroup, blockSizeBytes, inodesPerBlock } = geometry;
  const inodeSizeBytes = blockSizeBytes / inodesPerBlock;
  const end = groupBlockCount(geometry, group) * inodesPerBlock;
  if (chunk.firstInode + last >= end) {
    const message = `xfs: inode ${chunk.firstInode + last} lies outside of group ${group}`;
    throw new FormatError('OUT_OF_BOUNDS', message);
  }
  const start =
    group * blocksPerGroup * blockSizeBytes + (chunk.firstInode + from) * inodeSizeBytes;
  const length = (last - from + 1) * inodeSizeBytes;
  if (isWanted?.(volumeRange(volume.volumes, start, length)) === false) return [];
  const bytes = await source.read(start, length);
  const first = group * groupUnit(geometry) * inodesPerBlock + chunk.firstInode;
  return used.flatMap((i) => {
    const at = (i - from) * inodeSizeBytes;
    const node = nodeOrTell(volume, first + i, bytes.subarray(at, at + inodeSizeBytes), start + at);
    return node === null ? [] : [node];
  });
}

function nodeOrTell(
  volume: XfsVolume,
  number: number,
  bytes: Uint8Array,
  offsetBytes: number,
): FileNode | null {
  try {
    return fileNode(volume, number, bytes, offsetBytes);
  } catch (error) {
    tell(volume, number, error);
    return null;
  }
}

async function fileAt(
  volume: XfsVolume,
  find: ReturnType<typeof chunkFinder>,
  { tree, number }: FileId,
): Promise<FileNode | null> {
  const { context } = volume;
  const place = tree === 0 ? inodePlace(context.geometry, number) : null;
  if (place === null) return null;
  const treeOf = async (group: number) => (await inodeTrees(context, group)).inodes;
  const chunk = await find(place.group, place.inGroup, treeOf);
  if (chunk === null) return null;
  if (!usedInodes(chunk).includes(place.inGroup - chunk.firstInode)) return null;
  const { blockSizeBytes, inodesPerBlock } = context.geometry;
  const bytes = await context.source.read(place.offsetBytes, blockSizeBytes / inodesPerBlock);
  return fileNode(volume, number, bytes, place.offsetBytes);
}
