// The UUID of a BeFS volume, as blkid shows it: the number that Haiku's mkfs gives the root folder as its attribute
// `be:volume_id`.
// References: Linux fs/befs/befs_fs_types.h (befs_inode, befs_small_data); what blkid prints.
import { parseBefs, parseBefsInode } from '../../../generated/filesystem/befs.js';
import type { ByteSource } from '../../bytes/source.js';
import type { ByteOrder } from '../../kaitai/index.js';
import { equals, int, powerOfTwo } from '../../validation/guest.js';

const ATTRIBUTE = 'be:volume_id';
const ID_BYTES = 8;
const MIN_BLOCK_BYTES = 1024;
const MAX_BLOCK_BYTES = 8192;
const MAX_LOG2_GROUP = 30;

export async function befsUuid(
  source: ByteSource,
  bytes: Uint8Array,
  order: ByteOrder,
): Promise<string | null> {
  const { superblock } = parseBefs(bytes, order);
  const blockBytes = powerOfTwo(
    superblock.lenBlock,
    'befs: block size',
    MIN_BLOCK_BYTES,
    MAX_BLOCK_BYTES,
  );
  const blockCount = Math.floor(source.sizeBytes / blockBytes);
  const log2GroupBlocks = int(superblock.log2GroupBlocks, 'befs: ag_shift', 0, MAX_LOG2_GROUP);
  const groups = Math.floor(blockCount / 2 ** log2GroupBlocks);
  const group = int(superblock.rootFolder.group, 'befs: group of the root folder', 0, groups);
  const { firstBlock } = superblock.rootFolder;
  const first = int(firstBlock, 'befs: block of the root folder', 0, blockCount);
  const block = group * 2 ** log2GroupBlocks + first;
  if (block >= blockCount) return null;
  const inode = parseBefsInode(await source.read(block * blockBytes, blockBytes), order);
  const id = inode.attributes.find(({ name }) => equals(name, ATTRIBUTE))?.value;
  if (id?.length !== ID_BYTES) return null;
  const ordered = order === 'le' ? Buffer.from(id).reverse() : Buffer.from(id);
  return ordered.toString('hex');
}
