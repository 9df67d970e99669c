// Applies fast commits in memory, as the kernel does at the mount: inodes are replaced, blocks and names added and taken
// away, and the bitmaps put right by what the changed inodes have in the end.
// References: Linux 6.18 fs/ext4/fast_commit.c: ext4_fc_replay, ext4_fc_replay_inode, ext4_fc_replay_add_range,
// ext4_fc_replay_del_range, ext4_fc_replay_create, ext4_fc_replay_link, ext4_fc_replay_unlink,
// ext4_fc_set_bitmaps_and_counters; fs/ext4/namei.c: __ext4_unlink, __ext4_link; fs/ext4/inode.c: ext4_evict_inode.
import {
  extExtentRecords,
  type GuestExt,
  parseExtFastCommitAddRange,
  parseExtFastCommitDelRange,
  parseExtFastCommitInode,
  parseExtFastCommitName,
} from '../../../../generated/filesystem/ext.js';
import { FormatError } from '../../../errors.js';
import type { ByteSource } from '../../../source/source.js';
import { int } from '../../../validation/guest.js';
import { readAttributeBlock } from '../attributes.js';
import type { FreeCounts } from '../descriptors.js';
import type { Features } from '../features.js';
import type { InodeTables } from '../inode.js';
import { blockCache } from './cache.js';
import {
  addRange,
  clearBlocks,
  deleteRange,
  type Editor,
  hasExtents,
  markBlocks,
  removeSpace,
  shrink,
} from './content.js';
import { type Directories, directoriesOf } from './directory.js';
import { readExtent } from './extent.js';
import { type File, type Files, filesOf } from './files.js';
import { directoryKind, isOrdinary } from './kind.js';
import { ADD_RANGE, CREAT, DEL_RANGE, type FastCommits, INODE, LINK, UNLINK } from './scan.js';
import { spaceOf } from './space.js';

const U32_MAX = 0xffffffff;
const END_OF_FILE = 2 ** 32 - 1;

export interface Applied {
  /** The filesystem with what was changed; the descriptors' counts are still the old ones. */
  readonly source: ByteSource;
  /** What has become free against those. */
  readonly freed: FreeCounts;
  /** Something was met that is not followed here, and the numbers may be off by some blocks. */
  readonly isExact: boolean;
  /** The kernel notes that it found errors. */
  readonly hasError: boolean;
}

interface Replay {
  readonly editor: Editor;
  readonly files: Files;
  readonly directories: Directories;
  /** Inodes whose blocks are marked in the end. */
  readonly modified: Set<number>;
  /** How many files a block of attributes has left. */
  readonly users: Map<number, number>;
  readonly isUsable: (number: number) => boolean;
  isExact: boolean;
}

/** @throws FormatError where the kernel gives up, and refuses to mount. */
export async function applyFastCommits(
  tables: InodeTables,
  superblock: GuestExt,
  features: Features,
  { notes, added }: FastCommits,
): Promise<Applied> {
  const { source, geometry } = tables;
  const cache = blockCache(source, geometry.blockSizeBytes);
  const space = spaceOf(tables, cache);
  const editor = { geometry, space, cache };
  const files = filesOf(tables, cache);
  const replay: Replay = {
    editor,
    files,
    directories: directoriesOf(editor, files, directoryKind(superblock, features)),
    modified: new Set(),
    users: new Map(),
    isUsable: isOrdinary(superblock, geometry.inodeCount),
    isExact: true,
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
  await files.flush();
  const { freed, hasError } = space;
  return { source: cache.overlay, freed, hasError, isExact: replay.isExact };
}

const APPLY: Readonly<Record<number, (replay: Replay, value: Uint8Array) => Promise<void>>> = {
  [ADD_RANGE]: replayAddRange,
  [DEL_RANGE]: replayDelRange,
  [CREAT]: replayCreate,
  [LINK]: replayLink,
  [UNLINK]: replayUnlink,
  [INODE]: replayInode,
};

/** An inode that is in use; null: the kernel finds none. */
async function open({ files, isUsable }: Replay, number: number): Promise<File | null> {
  if (!isUsable(number)) return null;
  const file = await files.at(number);
  return file.linkCount === 0 ? null : file;
}

/** The extents of a file; null if it has none, or something else in their place. */
async function treeOf(replay: Replay, file: File) {
  if (file.inode.hasExtents) return replay.files.tree(file);
  const isEmpty = file.inode.blockMap.every((byte) => byte === 0);
  if (file.inode.hasBlocks && !isEmpty) replay.isExact = false;
  return null;
}

async function markAll(replay: Replay, file: File): Promise<void> {
  const tree = await treeOf(replay, file);
  if (tree !== null) await markBlocks(replay.editor, tree);
}

async function replayInode(replay: Replay, value: Uint8Array): Promise<void> {
  const { inode, content } = parseExtFastCommitInode(value);
  const number = int(inode, 'ext: fc_ino', 0, U32_MAX);
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

async function replayAddRange(replay: Replay, value: Uint8Array): Promise<void> {
  const { inode, extent } = parseExtFastCommitAddRange(value);
  const file = await open(replay, int(inode, 'ext: fc_ino', 0, U32_MAX));
  if (file === null) return;
  replay.modified.add(file.number);
  const tree = await treeOf(replay, file);
  const added = readExtent(extExtentRecords(extent).at(0));
  if (tree === null || added.count === 0) {
    replay.isExact = false;
    return;
  }
  await addRange(replay.editor, tree, added);
  await shrink(replay.editor, tree, blocksOf(replay, file));
}

async function replayDelRange(replay: Replay, value: Uint8Array): Promise<void> {
  const { inode, block, length } = parseExtFastCommitDelRange(value);
  const file = await open(replay, int(inode, 'ext: fc_ino', 0, U32_MAX));
  if (file === null) return;
  replay.modified.add(file.number);
  const tree = await treeOf(replay, file);
  if (tree === null) {
    replay.isExact = false;
    return;
  }
  const first = int(block, 'ext: fc_lblk', 0, U32_MAX);
  const count = int(length, 'ext: fc_len', 0, U32_MAX);
  await deleteRange(replay.editor, tree, first, count);
  await shrink(replay.editor, tree, blocksOf(replay, file));
}

function blocksOf({ editor }: Replay, { sizeBytes }: File): number {
  return Math.floor(sizeBytes / editor.geometry.blockSizeBytes);
}

function readName(value: Uint8Array) {
  const { parent, inode, name } = parseExtFastCommitName(value);
  return {
    parent: int(parent, 'ext: fc_parent_ino', 0, U32_MAX),
    inode: int(inode, 'ext: fc_ino', 0, U32_MAX),
    name: Buffer.from(name).toString('latin1'),
  };
}

async function replayCreate(replay: Replay, value: Uint8Array): Promise<void> {
  const { parent, inode, name } = readName(value);
  if (!replay.isUsable(inode)) throw gaveUp(`inode ${inode} is not one of a file`);
  await replay.editor.space.useInode(inode);
  const file = await open(replay, inode);
  if (file === null) throw gaveUp(`inode ${inode} has no name`);
  if (file.inode.isDirectory) {
    const above = await open(replay, parent);
    if (above === null) return;
    const tree = await treeOf(replay, file);
    if (tree === null) replay.isExact = false;
    else await replay.directories.begin(file, parent);
  }
  await link(replay, parent, name, file);
  file.linkCount = 1;
}

async function replayLink(replay: Replay, value: Uint8Array): Promise<void> {
  const { parent, inode, name } = readName(value);
  const file = await open(replay, inode);
  if (file !== null) await link(replay, parent, name, file);
}

async function link(replay: Replay, parent: number, name: string, file: File): Promise<void> {
  const directory = await open(replay, parent);
  if (directory === null) return;
  const outcome = await replay.directories.link(directory, name, file.number);
  if (outcome === 'unknown') replay.isExact = false;
  if (outcome === 'done' || outcome === 'unknown') file.linkCount++;
}

async function replayUnlink(replay: Replay, value: Uint8Array): Promise<void> {
  const { parent, inode, name } = readName(value);
  const file = await open(replay, inode);
  const directory = file === null ? null : await open(replay, parent);
  if (file === null || directory === null) return;
  const found = await replay.directories.find(directory, name);
  if (found === null) return;
  if (found === 'unknown') replay.isExact = false;
  // A name that was given to another inode since stays, and yet this one has lost it.
  else if (found.inode === inode) found.remove();
  file.linkCount--;
  if (file.linkCount === 0) await evict(replay, file);
}

/** A file without a name goes with all that it has. */
async function evict(replay: Replay, file: File): Promise<void> {
  const { editor } = replay;
  file.sizeBytes = 0;
  if (file.hasSectors && file.inode.hasBlocks) {
    const tree = await treeOf(replay, file);
    if (tree !== null) await removeSpace(editor, tree, 0, END_OF_FILE);
    file.hasSectors = false;
  }
  if (file.inode.attributeBlock !== 0) await releaseAttributes(replay, file.inode.attributeBlock);
  await editor.space.freeInode(file.number);
}

/** Files with the same attributes share their block. */
async function releaseAttributes(replay: Replay, block: number): Promise<void> {
  const { editor, users } = replay;
  const { userCount, valueInodes } = readAttributeBlock(await editor.cache.bytes(block));
  const left = (users.get(block) ?? userCount) - 1;
  users.set(block, left);
  if (left !== 0) return;
  await editor.space.mark(block, 1, false);
  if (valueInodes.length > 0) replay.isExact = false;
}

function gaveUp(why: string): FormatError {
  return new FormatError('INVALID', `ext: the fast commits cannot be applied: ${why}`);
}
