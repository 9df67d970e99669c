// The feature words of an ext superblock: which ones virt-df reads, and which name blkid gives the whole.
// References: Linux fs/ext4/ext4.h (EXT4_FEATURE_*, EXT4_FEATURE_INCOMPAT_SUPP); util-linux
// libblkid/src/superblocks/ext.c.
import type { GuestExt } from '../../../generated/filesystem/ext.js';
import { UnsupportedError } from '../../errors.js';
import { hasFlag, unknownFlags } from '../../validation/guest.js';

const COMPAT_HAS_JOURNAL = 0x4n;
const COMPAT_DIR_INDEX = 0x20n;
const COMPAT_SPARSE_SUPER2 = 0x200n;
const COMPAT_ORPHAN_FILE = 0x1000n;

const RO_COMPAT_SPARSE_SUPER = 0x1n;
const RO_COMPAT_GDT_CSUM = 0x10n;
const RO_COMPAT_EXTRA_ISIZE = 0x40n;
const RO_COMPAT_BIGALLOC = 0x200n;
const RO_COMPAT_METADATA_CSUM = 0x400n;

/** The orphan file may hold something. */
const RO_COMPAT_ORPHAN_PRESENT = 0x10000n;
/** Features that the kernel can write: sparse_super, large_file, btree_dir, ... verity, project, orphan_present. */
const RO_COMPAT_KNOWN = 0x1e77fn;

const INCOMPAT_RECOVER = 0x4n;
const INCOMPAT_JOURNAL_DEV = 0x8n;
const INCOMPAT_META_BG = 0x10n;
const INCOMPAT_EXTENTS = 0x40n;
const INCOMPAT_64BIT = 0x80n;
const INCOMPAT_MMP = 0x100n;
const INCOMPAT_FLEX_BG = 0x200n;
const INCOMPAT_EA_INODE = 0x400n;
const INCOMPAT_CSUM_SEED = 0x2000n;
const INCOMPAT_LARGE_DIR = 0x4000n;
const INCOMPAT_ENCRYPT = 0x10000n;
const INCOMPAT_CASEFOLD = 0x20000n;

/** Features that the kernel mounts: filetype, recover, journal_dev (to list it), ... casefold. */
const INCOMPAT_KNOWN = 0x3e7den;

/** Incompatible features that have a name and that no released kernel reads. */
const INCOMPAT_REFUSED: readonly (readonly [bigint, string])[] = [
  [0x1n, 'compression'],
  [0x1000n, 'dirdata'],
];

/** filetype, recover, meta_bg: all that ext3 understands (and ext2, but for recover). */
const EXT3_INCOMPAT = 0x16n;
/** sparse_super, large_file, btree_dir. */
const EXT3_RO_COMPAT = 0x7n;

/** Of the dynamic revision; none came after it. */
const MAX_REVISION = 1n;
const FLAG_TEST_FILESYSTEM = 0x4n;
const STATE_VALID = 0x1n;
const STATE_ERROR = 0x2n;

export interface Features {
  readonly hasJournal: boolean;
  readonly needsRecovery: boolean;
  readonly isJournalDevice: boolean;
  readonly hasMetaGroups: boolean;
  /** A group's bitmaps and table may lie in another group. */
  readonly hasFlexGroups: boolean;
  readonly hasExtents: boolean;
  readonly is64bit: boolean;
  readonly hasBigalloc: boolean;
  readonly hasSparseSuper: boolean;
  readonly hasSparseSuper2: boolean;
  /** Which checksum the group descriptors bear. */
  readonly descriptorChecksum: 'crc32c' | 'crc16' | null;
  readonly hasChecksumSeed: boolean;
  /** The kernel took note that it was unmounted. */
  readonly isValid: boolean;
  /** The kernel found errors, and nobody checked since. */
  readonly hasError: boolean;
  readonly hasOrphanFile: boolean;
  /** Large values of extended attributes have inodes of their own. */
  readonly hasValueInodes: boolean;
  readonly hasDirectoryIndexes: boolean;
  /** Each inode says how much of it are fields. */
  readonly hasExtraInodeSize: boolean;
  readonly isEncryptable: boolean;
  readonly hasCasefold: boolean;
  readonly hasLargeDirectories: boolean;
  /** Who has it mounted writes so into a block of its own. */
  readonly hasMountProtection: boolean;
  /** A later revision than those that there are: the kernel does not write it. */
  readonly isNewer: boolean;
  /** What the kernel would have to know to write it; null where there is nothing. */
  readonly unknownReadOnly: string | null;
}

/** Reads the feature words; says nothing of whether they are supported. */
export function readFeatures(superblock: GuestExt): Features {
  const { featureCompat, featureIncompat, featureRoCompat } = superblock;
  const crc16 = hasFlag(featureRoCompat, RO_COMPAT_GDT_CSUM) ? 'crc16' : null;
  return {
    hasJournal: hasFlag(featureCompat, COMPAT_HAS_JOURNAL),
    needsRecovery: hasFlag(featureIncompat, INCOMPAT_RECOVER),
    isJournalDevice: hasFlag(featureIncompat, INCOMPAT_JOURNAL_DEV),
    hasMetaGroups: hasFlag(featureIncompat, INCOMPAT_META_BG),
    hasFlexGroups: hasFlag(featureIncompat, INCOMPAT_FLEX_BG),
    hasExtents: hasFlag(featureIncompat, INCOMPAT_EXTENTS),
    is64bit: hasFlag(featureIncompat, INCOMPAT_64BIT),
    hasBigalloc: hasFlag(featureRoCompat, RO_COMPAT_BIGALLOC),
    hasSparseSuper: hasFlag(featureRoCompat, RO_COMPAT_SPARSE_SUPER),
    hasSparseSuper2: hasFlag(featureCompat, COMPAT_SPARSE_SUPER2),
    // With both set the kernel warns and takes metadata_csum.
    descriptorChecksum: hasFlag(featureRoCompat, RO_COMPAT_METADATA_CSUM) ? 'crc32c' : crc16,
    hasChecksumSeed: hasFlag(featureIncompat, INCOMPAT_CSUM_SEED),
    isValid: hasFlag(superblock.state, STATE_VALID),
    hasError: hasFlag(superblock.state, STATE_ERROR),
    hasOrphanFile:
      hasFlag(featureCompat, COMPAT_ORPHAN_FILE) &&
      hasFlag(featureRoCompat, RO_COMPAT_ORPHAN_PRESENT),
    hasValueInodes: hasFlag(featureIncompat, INCOMPAT_EA_INODE),
    hasDirectoryIndexes: hasFlag(featureCompat, COMPAT_DIR_INDEX),
    hasExtraInodeSize: hasFlag(featureRoCompat, RO_COMPAT_EXTRA_ISIZE),
    isEncryptable: hasFlag(featureIncompat, INCOMPAT_ENCRYPT),
    hasCasefold: hasFlag(featureIncompat, INCOMPAT_CASEFOLD),
    hasLargeDirectories: hasFlag(featureIncompat, INCOMPAT_LARGE_DIR),
    hasMountProtection: hasFlag(featureIncompat, INCOMPAT_MMP),
    isNewer: unknownFlags(superblock.revision, MAX_REVISION) !== null,
    unknownReadOnly: unknownFlags(featureRoCompat, RO_COMPAT_KNOWN),
  };
}

/**
 * Refuses features with which the kernel does not mount even read-only. Unknown read-only-compatible ones do not change the
 * counters, and the kernel mounts with them read-only.
 * @throws UnsupportedError UNSUPPORTED_FEATURE with the names or bits.
 */
export function checkFeatures(superblock: GuestExt, features: Features): void {
  const names: string[] = INCOMPAT_REFUSED.filter(([mask]) =>
    hasFlag(superblock.featureIncompat, mask),
  ).map(([, name]) => name);
  const refused = INCOMPAT_REFUSED.reduce((bits, [mask]) => bits | mask, 0n);
  const unknown = unknownFlags(superblock.featureIncompat, INCOMPAT_KNOWN | refused);
  if (unknown !== null) names.push(unknown);
  if (names.length > 0) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `ext: incompatible features that virt-df does not know: ${names.join(', ')}`,
      { data: { features: names.join(',') } },
    );
  }
  if (features.hasBigalloc && !features.hasExtents) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      'ext: the feature bigalloc without extents, which no kernel mounts',
    );
  }
}

/** The type as blkid decides it: the name of the oldest driver that understands all features. */
export function typeName(superblock: GuestExt, features: Features): string {
  if (features.isJournalDevice) return 'jbd';
  const isOld =
    unknownFlags(superblock.featureIncompat, EXT3_INCOMPAT) === null &&
    unknownFlags(superblock.featureRoCompat, EXT3_RO_COMPAT) === null;
  if (isOld) return features.hasJournal ? 'ext3' : 'ext2';
  return hasFlag(superblock.flags, FLAG_TEST_FILESYSTEM) ? 'ext4dev' : 'ext4';
}
