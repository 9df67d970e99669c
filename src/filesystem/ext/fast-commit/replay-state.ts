// The state of a replay of fast commits, and how it opens the inodes that they name: one without links is not there for it.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget; fs/ext4/fast_commit.c: ext4_fc_record_modified_inode.
import { FormatError } from '../../../errors.js';
import type { Editor } from './content.js';
import type { Directories } from './directory.js';
import type { File, Files } from './files.js';
import type { Tree } from './tree.js';

/** The inodes, directories and bitmaps that fast commits change, while they are applied. */
export interface FastCommitReplay {
  readonly editor: Editor;
  readonly files: Files;
  readonly directories: Directories;
  /** Inodes whose blocks are marked in the end. */
  readonly modified: Set<number>;
  /** How many files a block of attributes has left. */
  readonly users: Map<number, number>;
  readonly isUsable: (number: number) => boolean;
  /** Changes that are not followed here, a sentence for each kind: the numbers may be off by some blocks. */
  readonly unfollowed: Set<string>;
}

/** An inode that is in use; null: the kernel finds none. */
export async function open(
  { files, isUsable }: FastCommitReplay,
  number: number,
): Promise<File | null> {
  if (!isUsable(number)) return null;
  const file = await files.at(number);
  return file.linkCount === 0 ? null : file;
}

/** The extents of a file; null if it has none, or something else in their place. */
export async function treeOf(replay: FastCommitReplay, file: File): Promise<Tree | null> {
  if (file.inode.hasExtents) return replay.files.tree(file);
  const isEmpty = file.inode.blockMap.every((byte) => byte === 0);
  if (file.inode.hasBlocks && !isEmpty)
    replay.unfollowed.add('a fast commit changes a file without extents');
  return null;
}

/** Where the kernel refuses to mount. */
export function gaveUp(why: string): FormatError {
  return new FormatError('INVALID', `ext: the fast commits cannot be applied: ${why}`);
}
