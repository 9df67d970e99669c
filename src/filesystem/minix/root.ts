// The root directory's inode of a Minix filesystem, version 1 or 2: a mount reads it, and refuses one that is deleted.
// References: Linux fs/minix/inode.c: minix_fill_super, V1_minix_iget, V2_minix_iget.
import {
  parseMinix,
  parseMinixInodeV1,
  parseMinixInodeV2,
} from '../../../generated/filesystem/minix.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { ByteOrder } from '../../kaitai/index.js';
import { equals, int } from '../../validation/guest.js';

/** Of the parts that both versions have. */
const INODE_BYTES = 32;

/** @throws FormatError INVALID; OUT_OF_BOUNDS if it lies behind the end of the volume. */
export async function checkMinix(
  source: ByteSource,
  window: Uint8Array,
  order: ByteOrder,
): Promise<void> {
  const { isV2, ofsRootInode } = parseMinix(window, order);
  const at = int(ofsRootInode, 'minix: offset of the root inode', 0, source.sizeBytes);
  const bytes = await source.read(at, INODE_BYTES);
  const parse = isV2 ? parseMinixInodeV2 : parseMinixInodeV1;
  if (!equals(parse(bytes, order).numLinks, 0)) return;
  throw new FormatError('INVALID', 'minix: the inode of the root directory is a deleted one');
}
