// What the numbers of an ext on a server are read from, fetched at once: the descriptors of the groups, then the first inodes, the
// journal's among them, and the journal's first block or the block that tells where it is.
// References: Linux 6.18 fs/ext4/ext4.h: struct ext4_super_block (s_jnl_blocks, a copy of the journal's map of blocks).
import type { ByteRange } from '../../bytes/source.js';
import { equals } from '../../validation/guest.js';
import type { Context } from './context.js';
import { descriptorPlace, groupDescriptor } from './descriptors.js';
import { readExtentNode } from './extent-node.js';

/** The root directory's and the journal's are among them. */
const FIRST_INODES = 16;
const BACKUP_OF_BLOCKS = 1;
const BLOCK_MAP_BYTES = 60;

/** @throws FormatError for a group or a map that cannot be. */
export async function usageReads(context: Context): Promise<readonly ByteRange[]> {
  const { source, geometry, superblocks } = context;
  const { blockSizeBytes, inodeSizeBytes } = geometry;
  const { inodeTable } = await groupDescriptor(source, geometry, superblocks, 0);
  const inodes = {
    offsetBytes: inodeTable * blockSizeBytes,
    lengthBytes: FIRST_INODES * inodeSizeBytes,
  };
  const descriptors = {
    offsetBytes: descriptorPlace(geometry, superblocks, 0).block * blockSizeBytes,
    lengthBytes: geometry.firstMetaGroup * blockSizeBytes,
  };
  return [inodes, ...journalStart(context), descriptors];
}

function journalStart({ superblock, features, geometry }: Context): readonly ByteRange[] {
  const { journalBackupType, journalBlocks } = superblock;
  const hasMap = features.hasJournal && features.hasExtents;
  if (!hasMap || !equals(journalBackupType, BACKUP_OF_BLOCKS)) return [];
  const map = journalBlocks.subarray(0, BLOCK_MAP_BYTES);
  const { extents, branches } = readExtentNode(map, null, geometry);
  const [first] = [...extents, ...branches];
  const { blockSizeBytes } = geometry;
  if (first === undefined) return [];
  return [{ offsetBytes: first.block * blockSizeBytes, lengthBytes: blockSizeBytes }];
}
