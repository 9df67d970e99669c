// Fields of the superblock that say nothing of the numbers, and with which the kernel mounts nothing all the same.
// References: Linux 6.18 fs/ext4/super.c: ext4_check_feature_compatibility, ext4_inode_info_init, ext4_encoding_init,
// ext4_hash_info_init, ext4_load_journal; fs/ext4/mballoc.c: ext4_mb_init_backend.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import { invalidIn } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import type { Features } from './features.js';
import type { Geometry } from './geometry.js';

const invalid = invalidIn('ext: the kernel does not mount it: ');

const U32_MAX = 0xffff_ffff;
const OLD_INODE_BYTES = 128;
/** Inodes before this one are the filesystem's own. */
const FIRST_INODE = 11;
const HURD = 1;
/** UTF-8 12.1 */
const ENCODING = 1;
/** DX_HASH_TEA_UNSIGNED; the one behind it is for encrypted names alone. */
const MAX_HASH_VERSION = 5;
const MAX_LOG_FLEX_GROUPS = 31;

/** @throws FormatError INVALID, OUT_OF_BOUNDS with the field. */
export function checkFields(superblock: GuestExt, features: Features, geometry: Geometry): void {
  if (!equals(superblock.revision, 0)) {
    int(superblock.firstInode, 'ext: s_first_ino', FIRST_INODE, U32_MAX);
  }
  const room = geometry.inodeSizeBytes - OLD_INODE_BYTES;
  if (features.hasExtraInodeSize && room > 0) {
    int(superblock.wantExtraInodeSize, 'ext: s_want_extra_isize', 0, room);
    int(superblock.minExtraInodeSize, 'ext: s_min_extra_isize', 0, room);
  }
  int(superblock.hashVersion, 'ext: s_def_hash_version', 0, MAX_HASH_VERSION);
  if (features.hasFlexGroups) {
    int(superblock.logGroupsPerFlex, 'ext: s_log_groups_per_flex', 0, MAX_LOG_FLEX_GROUPS);
  }
  if (equals(superblock.creatorOs, HURD) && (features.is64bit || features.hasValueInodes)) {
    throw invalid("the Hurd made it, with features that the Hurd's inodes have no room for");
  }
  if (features.isEncryptable && !equals(superblock.encryptionLevel, 0)) {
    throw invalid('s_encryption_level is none that the kernel knows');
  }
  if (features.hasCasefold && !equals(superblock.fileEncoding, ENCODING)) {
    throw invalid('s_encoding is none that the kernel knows');
  }
  if (!features.hasJournal) return;
  const isInside = !equals(superblock.journalInode, 0);
  const isOutside = !equals(superblock.journalDevice, 0);
  if (isInside && isOutside) throw invalid('it names a journal within and one on another device');
  if (!isInside && !isOutside) throw invalid('it has a journal, and says nowhere which');
}
