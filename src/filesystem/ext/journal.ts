// The length of an internal journal, which belongs to the overhead.
// References: Linux 6.1 fs/ext4/super.c: ext4_calculate_overhead, ext4_get_journal_inode; fs/jbd2/journal.c:
// jbd2_journal_init_inode.
import { type GuestExt, parseExtInode } from '../../../generated/filesystem/ext.js';
import { FormatError } from '../../errors.js';
import type { ByteSource } from '../../source/source.js';
import { int } from '../../validation/guest.js';
import { groupLocation } from './descriptors.js';
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';
import type { SuperblockGroups } from './superblock-groups.js';

/** As much of an inode as formats/filesystem/ext.ksy describes. */
const INODE_HEAD_BYTES = 112;
const FILE_TYPE_UNIT = 0x1000;
const REGULAR_FILE = 0x8;
const U16_MAX = 0xffff;
const U32_MAX = 0xffffffff;
const U32_VALUES = 2 ** 32;

/**
 * Blocks of the journal within the filesystem; 0 if there is none or it is on another device.
 * @throws FormatError INVALID if the journal's inode is none: the kernel does not mount such a filesystem.
 */
export async function journalBlockCount(
  source: ByteSource,
  superblock: GuestExt,
  features: Features,
  geometry: Geometry,
  superblocks: SuperblockGroups,
): Promise<number> {
  if (!features.hasJournal) return 0;
  const number = int(superblock.journalInode, 'ext: s_journal_inum', 0, geometry.inodeCount);
  if (number === 0) return 0;
  const { inodesPerGroup, inodeSizeBytes, blockSizeBytes, blockCount } = geometry;
  const group = Math.floor((number - 1) / inodesPerGroup);
  const index = number - 1 - group * inodesPerGroup;
  const { inodeTable } = await groupLocation(source, geometry, superblocks, group);
  const offset = inodeTable * blockSizeBytes + index * inodeSizeBytes;
  const inode = parseExtInode(await source.read(offset, INODE_HEAD_BYTES));
  const type = Math.floor(int(inode.mode, 'ext: i_mode', 0, U16_MAX) / FILE_TYPE_UNIT);
  const links = int(inode.numLinks, 'ext: i_links_count', 0, U16_MAX);
  if (type !== REGULAR_FILE || links === 0) {
    throw new FormatError('INVALID', `ext: inode ${number} is no journal: no regular file in use`);
  }
  const maxHigh = Math.floor((blockCount * blockSizeBytes) / U32_VALUES);
  const sizeBytes =
    int(inode.lenFileHi, 'ext: upper half of the size of the journal', 0, maxHigh) * U32_VALUES +
    int(inode.lenFileLo, 'ext: size of the journal', 0, U32_MAX);
  return Math.floor(sizeBytes / blockSizeBytes);
}
