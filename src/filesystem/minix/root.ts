// The root directory's inode of a Minix filesystem: a mount reads it, and refuses one that is deleted or no directory.
// References: Linux fs/minix/inode.c: minix_fill_super, V1_minix_iget, V2_minix_iget.
import {
  parseMinix,
  parseMinixInodeV1,
  parseMinixInodeV2,
} from '../../../generated/filesystem/minix.js';
import { parseMinix3 } from '../../../generated/filesystem/minix3.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn } from '../../errors.js';
import type { ByteOrder, GuestInteger } from '../../kaitai/index.js';
import { equals, hasFlag, int } from '../../validation/guest.js';

/** Of the parts that both versions have. */
const INODE_BYTES = 32;
/** Of a mode: S_IFDIR, and the other bits of S_IFMT. */
const DIRECTORY = 0x4000;
const OTHER_KINDS = 0xb000;

const invalid = invalidIn('minix: the inode of the root directory ');

/** @throws FormatError INVALID; OUT_OF_BOUNDS if it lies behind the end of the volume. */
export async function checkMinix(
  source: ByteSource,
  window: Uint8Array,
  order: ByteOrder,
): Promise<void> {
  const { isV2, hasRoom, ofsRootInode } = parseMinix(window, order);
  if (!hasRoom) throw tooSmall();
  await checkRoot(source, ofsRootInode, (bytes) => {
    return isV2 ? parseMinixInodeV2(bytes, order) : parseMinixInodeV1(bytes, order);
  });
}

/** The same of version 3, whose inodes are those of version 2. @throws as `checkMinix` */
export async function checkMinix3(
  source: ByteSource,
  window: Uint8Array,
  order: ByteOrder,
): Promise<void> {
  const { hasRoom, ofsRootInode } = parseMinix3(window, order);
  if (!hasRoom) throw tooSmall();
  await checkRoot(source, ofsRootInode, (bytes) => parseMinixInodeV2(bytes, order));
}

function tooSmall(): FormatError {
  return new FormatError('INVALID', 'minix: the bitmaps have no bit for each inode and zone');
}

type Parse = (bytes: Uint8Array) => {
  readonly mode: GuestInteger;
  readonly numLinks: GuestInteger;
};

async function checkRoot(source: ByteSource, offset: GuestInteger, parse: Parse): Promise<void> {
  const at = int(offset, 'minix: offset of the root inode', 0, source.sizeBytes);
  const { mode, numLinks } = parse(await source.read(at, INODE_BYTES));
  if (equals(numLinks, 0)) throw invalid('is a deleted one');
  const isDirectory = hasFlag(mode, DIRECTORY) && !hasFlag(mode, OTHER_KINDS);
  if (!isDirectory) throw invalid('is none of a directory');
}
