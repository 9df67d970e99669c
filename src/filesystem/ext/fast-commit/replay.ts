// Applies fast commits in memory, as the kernel does at the mount: inodes are replaced, blocks and names added and taken
// away, and the bitmaps put right by the blocks that the changed inodes have in the end.
// References: Linux 6.18 fs/ext4/fast_commit.c: ext4_fc_replay, ext4_fc_replay_inode, ext4_fc_replay_add_range,
// ext4_fc_replay_del_range, ext4_fc_set_bitmaps_and_counters.
import {
  extExtentRecords,
  parseExtFastCommitAddRange,
  parseExtFastCommitDelRange,
  parseExtFastCommitInode,
} from '../../../../generated/filesystem/ext.js';
import type { ByteSource } from '../../../bytes/source.js';
import { u32 } from '../../../validation/guest.js';
import type { Context } from '../context.js';
import type { FreeCounts } from '../descriptors.js';
import { readExtent } from '../extent-node.js';
import { blockCache } from './cache.js';
import { addRange, clearBlocks, deleteRange, hasExtents, markBlocks, shrink } from './content.js';
import { directoriesOf } from './directory.js';
import { type File, filesOf } from './files.js';
import { flushGroups } from './flush-groups.js';
import { directoryKind, isOrdinary } from './kind.js';
import { replayCreate, replayLink, replayUnlink } from './replay-names.js';
import { type FastCommitReplay, gaveUp, open, treeOf } from './replay-state.js';
import { ADD_RANGE, CREAT, DEL_RANGE, type FastCommits, INODE, LINK, UNLINK } from './scan.js';
import { spaceOf } from './space.js';

/** `counters`: only bitmaps, inodes and maps of blocks are written. `all`: directories and descriptors as well. */
export type Kept = 'counters' | 'all';

interface Applied {
  /** The filesystem with the changes. */
  readonly source: ByteSource;
  /** The blocks and inodes that are free besides those that the descriptors in `source` count. */
  readonly freed: FreeCounts;
  /** Changes that are not followed here, a sentence for each kind: the numbers may be off by some blocks. */
  readonly unfollowed: ReadonlySet<string>;
  /** The kernel notes that it found errors. */
  readonly hasError: boolean;
}

/** @throws FormatError where the kernel gives up, and refuses to mount. */
export async function applyFastCommits(
  context: Context,
  { notes, added }: FastCommits,
  kept: Kept,
): Promise<Applied> {
  const { source, geometry, superblock, features } = context;
  const cache = blockCache(source, geometry.blockSizeBytes);
  const space = spaceOf(context, cache);
  const editor = { geometry, space, cache };
  const files = filesOf(context, cache);
  const replay: FastCommitReplay = {
    editor,
    files,
    directories: directoriesOf(editor, files, directoryKind(superblock, features)),
    modified: new Set(),
    users: new Map(),
    isUsable: isOrdinary(superblock, geometry.inodeCount),
    unfollowed: new Set(),
  };
  for (const { block, count } of added) space.exclude(block, count);
  for (const { tag, value } of notes) {
    await cache.breathe();
    await APPLY[tag]?.(replay, value);
  }
  for (const number of replay.modified) {
    await cache.breathe();
    const file = await open(replay, number);
    if (file !== null) await markAll(replay, file);
  }
  // A directory's block is found by its map in memory, and a new index is noted in its inode.
  if (kept === 'all') await replay.directories.flush();
  await files.flush();
  const { hasError } = space;
  const { unfollowed } = replay;
  if (kept === 'counters') {
    return { source: cache.overlay, freed: space.freed, hasError, unfollowed };
  }
  await flushGroups(context, cache, space.groups);
  const freed = { freeClusterCount: 0, freeInodeCount: 0 };
  return { source: cache.overlay, freed, hasError, unfollowed };
}

const APPLY: Readonly<
  Record<number, (replay: FastCommitReplay, value: Uint8Array) => Promise<void>>
> = {
  [ADD_RANGE]: replayAddRange,
  [DEL_RANGE]: replayDelRange,
  [CREAT]: replayCreate,
  [LINK]: replayLink,
  [UNLINK]: replayUnlink,
  [INODE]: replayInode,
};

async function markAll(replay: FastCommitReplay, file: File): Promise<void> {
  const tree = await treeOf(replay, file);
  if (tree !== null) await markBlocks(replay.editor, tree);
}

async function replayInode(replay: FastCommitReplay, value: Uint8Array): Promise<void> {
  const { inode, content } = parseExtFastCommitInode(value);
  const number = u32(inode);
  const { files, editor } = replay;
  const before = await open(replay, number);
  const oldTree = before === null ? null : await treeOf(replay, before);
  if (oldTree !== null) await clearBlocks(editor, oldTree);
  replay.modified.add(number);
  if (!replay.isUsable(number)) throw gaveUp(`inode ${number} is not one of a file`);
  const file = await files.at(number);
  files.replace(file, content);
  await editor.space.useInode(number);
  if (file.linkCount === 0) throw gaveUp(`inode ${number} has no name`);
  const tree = await treeOf(replay, file);
  if (tree !== null) file.hasSectors = hasExtents(tree);
}

async function replayAddRange(replay: FastCommitReplay, value: Uint8Array): Promise<void> {
  const { inode, extent } = parseExtFastCommitAddRange(value);
  const file = await open(replay, u32(inode));
  if (file === null) return;
  replay.modified.add(file.number);
  const tree = await treeOf(replay, file);
  const added = readExtent(extExtentRecords(extent).at(0));
  if (tree === null || added.count === 0) {
    replay.unfollowed.add('a fast commit gives blocks to a file without extents');
    return;
  }
  await addRange(replay.editor, tree, added);
  await shrink(replay.editor, tree, blocksOf(replay, file));
}

async function replayDelRange(replay: FastCommitReplay, value: Uint8Array): Promise<void> {
  const { inode, block, length } = parseExtFastCommitDelRange(value);
  const file = await open(replay, u32(inode));
  if (file === null) return;
  replay.modified.add(file.number);
  const tree = await treeOf(replay, file);
  if (tree === null) {
    replay.unfollowed.add('a fast commit takes blocks from a file without extents');
    return;
  }
  const first = u32(block);
  const count = u32(length);
  await deleteRange(replay.editor, tree, first, count);
  await shrink(replay.editor, tree, blocksOf(replay, file));
}

function blocksOf({ editor }: FastCommitReplay, { sizeBytes }: File): number {
  return Math.floor(sizeBytes / editor.geometry.blockSizeBytes);
}
