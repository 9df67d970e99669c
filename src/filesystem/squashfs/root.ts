// What a mount of SquashFS reads beside the superblock: the indexes of the tables, the owners, and the root directory's inode.
// References: Linux fs/squashfs/super.c: squashfs_fill_super; fs/squashfs/inode.c: squashfs_read_inode.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { UNHEARD } from '../told.js';
import { inodeAt } from './inode.js';
import { openVolume } from './volume.js';

/** @param window the superblock. @throws FormatError, UnsupportedError with why Linux does not mount it. */
export async function checkSquashfs(source: ByteSource, window: Uint8Array): Promise<void> {
  const volume = await openVolume(source, window, UNHEARD);
  const { kind } = await inodeAt(volume, volume.root);
  if (kind === 'directory') return;
  throw new FormatError('INVALID', 'squashfs: the root is no directory; Linux does not mount it');
}
