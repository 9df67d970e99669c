// The superblock's words that decide how fast commits are applied: how directories hash their names, which inodes are files.
// References: Linux 6.18 fs/ext4/inode.c: is_special_ino; fs/ext4/super.c: ext4_hash_info_init; fs/ext4/ext4.h:
// ext4_dir_htree_level.
import { extBlockPointerRecords, type GuestExt } from '../../../../generated/filesystem/ext.js';
import { equals, hasFlag, u8, u32 } from '../../../validation/guest.js';
import type { Features } from '../features.js';
import type { DirectoryKind } from './directory-blocks.js';

const ROOT_INODE = 2;
const OLD_FIRST_INODE = 11;
const UNSIGNED_HASH = 0x2n;
/** EXT4_FEATURE_INCOMPAT_FILETYPE */
const FILE_TYPES = 0x2n;
const LEVELS = 2;
const LARGE_LEVELS = 3;

export function directoryKind(superblock: GuestExt, features: Features): DirectoryKind {
  const words = extBlockPointerRecords(superblock.hashSeed);
  return {
    hasFileTypes: hasFlag(superblock.featureIncompat, FILE_TYPES),
    hasIndexes: features.hasDirectoryIndexes,
    hasChecksum: features.descriptorChecksum === 'crc32c',
    maxLevels: features.hasLargeDirectories ? LARGE_LEVELS : LEVELS,
    hash: {
      version: u8(superblock.hashVersion),
      isUnsigned: hasFlag(superblock.flags, UNSIGNED_HASH),
      seed: Array.from({ length: words.length }, (_, i) => u32(words.at(i).block)),
    },
  };
}

/** Whether inodes are those of files and directories, not of the filesystem itself. */
export function isOrdinary(superblock: GuestExt, inodeCount: number): (number: number) => boolean {
  const first = equals(superblock.revision, 0) ? OLD_FIRST_INODE : u32(superblock.firstInode);
  const special = new Set(
    [
      superblock.journalInode,
      superblock.userQuotaInode,
      superblock.groupQuotaInode,
      superblock.projectQuotaInode,
      superblock.orphanFileInode,
    ].map((number) => u32(number)),
  );
  return (number) =>
    number === ROOT_INODE || (number >= first && number <= inodeCount && !special.has(number));
}
