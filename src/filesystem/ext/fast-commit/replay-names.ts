// Names that fast commits give to files and take from them: a file that loses its last one goes with all its blocks.
// References: Linux 6.18 fs/ext4/fast_commit.c: ext4_fc_replay_create, ext4_fc_replay_link, ext4_fc_replay_unlink;
// fs/ext4/namei.c: __ext4_unlink, __ext4_link; fs/ext4/inode.c: ext4_evict_inode.
import { parseExtFastCommitName } from '../../../../generated/filesystem/ext.js';
import { u32 } from '../../../validation/guest.js';
import { readAttributeBlock } from '../attributes.js';
import { removeSpace } from './content.js';
import type { File } from './files.js';
import { type FastCommitReplay, gaveUp, open, treeOf } from './replay-state.js';

const END_OF_FILE = 2 ** 32 - 1;
const DIRECTORY =
  'a fast commit changes a directory that is encrypted, casefolded, within its inode, or has no extents';
const VALUES = 'a fast commit deletes a file whose attributes have values in inodes of their own';

function readName(value: Uint8Array) {
  const { parent, inode, name } = parseExtFastCommitName(value);
  return {
    parent: u32(parent),
    inode: u32(inode),
    name: Buffer.from(name).toString('latin1'),
  };
}

export async function replayCreate(replay: FastCommitReplay, value: Uint8Array): Promise<void> {
  const { parent, inode, name } = readName(value);
  if (!replay.isUsable(inode)) throw gaveUp(`inode ${inode} is not one of a file`);
  await replay.editor.space.useInode(inode);
  const file = await open(replay, inode);
  if (file === null) throw gaveUp(`inode ${inode} has no name`);
  if (file.inode.isDirectory) {
    const above = await open(replay, parent);
    if (above === null) return;
    const tree = await treeOf(replay, file);
    if (tree === null) replay.unfollowed.add(DIRECTORY);
    else await replay.directories.begin(file, parent);
  }
  await link(replay, parent, name, file);
  file.linkCount = 1;
}

export async function replayLink(replay: FastCommitReplay, value: Uint8Array): Promise<void> {
  const { parent, inode, name } = readName(value);
  const file = await open(replay, inode);
  if (file !== null) await link(replay, parent, name, file);
}

async function link(
  replay: FastCommitReplay,
  parent: number,
  name: string,
  file: File,
): Promise<void> {
  const directory = await open(replay, parent);
  if (directory === null) return;
  const outcome = await replay.directories.link(directory, name, file);
  if (outcome === 'unknown') replay.unfollowed.add(DIRECTORY);
  if (outcome === 'done' || outcome === 'unknown') file.linkCount++;
}

export async function replayUnlink(replay: FastCommitReplay, value: Uint8Array): Promise<void> {
  const { parent, inode, name } = readName(value);
  const file = await open(replay, inode);
  const directory = file === null ? null : await open(replay, parent);
  if (file === null || directory === null) return;
  const found = await replay.directories.find(directory, name);
  if (found === null) return;
  if (found === 'unknown') replay.unfollowed.add(DIRECTORY);
  // A name that was given to another inode since stays, and yet this one has lost it.
  else if (found.inode === inode) found.remove();
  file.linkCount--;
  if (file.linkCount === 0) await evict(replay, file);
}

/** A file without a name goes with all that it has. */
async function evict(replay: FastCommitReplay, file: File): Promise<void> {
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
async function releaseAttributes(replay: FastCommitReplay, block: number): Promise<void> {
  const { editor, users } = replay;
  const { userCount, valueInodes } = readAttributeBlock(await editor.cache.bytes(block));
  const left = (users.get(block) ?? userCount) - 1;
  users.set(block, left);
  if (left !== 0) return;
  await editor.space.mark(block, 1, false);
  if (valueInodes.length > 0) replay.unfollowed.add(VALUES);
}
