// The version and the feature words of an XFS superblock: which ones virt-df reads.
// References: Linux 6.18 fs/xfs/libxfs/xfs_format.h (XFS_SB_FEAT_*, XFS_SB_VERSION_*), xfs_sb.c: xfs_sb_good_version,
// xfs_validate_sb_read.
import type { GuestXfs } from '../../../generated/filesystem/xfs.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { hasFlag, u16, unknownFlags } from '../../validation/guest.js';

const VERSION_UNIT = 16;

/** All features of the version word that the kernel knows, with the version itself. */
const VERSION_KNOWN = 0xfdffn;
const VERSION_LOG_V2 = 0x400n;
const VERSION_DIRECTORY_V2 = 0x2000n;
const VERSION_MORE_BITS = 0x8000n;

/** lazysbcount, attr2, parent, projid32bit, crc, ftype. */
const FEATURES2_KNOWN = 0x39an;
const FEATURES2_LAZY_COUNTERS = 0x2n;
const FEATURES2_FILE_TYPES = 0x200n;

const RO_COMPAT_FINOBT = 0x1n;
const RO_COMPAT_RMAPBT = 0x2n;
const RO_COMPAT_REFLINK = 0x4n;
const RO_COMPAT_INOBTCOUNT = 0x8n;
const RO_COMPAT_KNOWN = 0xfn;

const INCOMPAT_FILE_TYPES = 0x1n;
const INCOMPAT_META_UUID = 0x4n;
const INCOMPAT_NEEDS_REPAIR = 0x10n;
/** ftype, sparse inodes, meta_uuid, bigtime, needsrepair, nrext64, exchange, parent: none changes a counter. */
const INCOMPAT_KNOWN = 0xffn;
/** Incompatible features that have a name and that virt-df does not read: they move free space to realtime groups. */
const INCOMPAT_REFUSED: readonly (readonly [bigint, string])[] = [
  [0x100n, 'metadir'],
  [0x200n, 'zoned'],
  [0x400n, 'zone gaps'],
];

export interface Features {
  readonly version: 4 | 5;
  /** The superblock's counters are written at unmount only. */
  readonly hasLazyCounters: boolean;
  readonly hasLogV2: boolean;
  readonly hasFreeInodeTree: boolean;
  readonly hasReverseMap: boolean;
  readonly hasReflink: boolean;
  /** The inode trees' sizes are in the AGI. */
  readonly hasInodeTreeCounts: boolean;
  readonly hasMetaUuid: boolean;
  /** Entries of directories say of which type a file is. */
  readonly hasFileTypes: boolean;
  /** Bits of read-only-compatible features without a name here; null if none. */
  readonly unknownReadOnly: string | null;
}

/** 4 or 5 of all that kernels mount. */
export function versionOf({ version }: GuestXfs): number {
  return u16(version) % VERSION_UNIT;
}

/**
 * Reads the features and refuses those with which the kernel does not mount even read-only.
 * @throws UnsupportedError UNSUPPORTED_FEATURE with the names or bits; FormatError INVALID for no version at all.
 */
export function readFeatures(superblock: GuestXfs): Features {
  const version = versionOf(superblock);
  if (version === 4) return version4(superblock);
  if (version === 5) return version5(superblock);
  if (version === 0 || version > 5) {
    throw new FormatError('INVALID', `xfs: there is no version ${version} of XFS`);
  }
  throw refusal([`version ${version}`]);
}

function version4(superblock: GuestXfs): Features {
  const { version, features2, badFeatures2 } = superblock;
  const hasMore = hasFlag(version, VERSION_MORE_BITS);
  const unknown = [
    unknownFlags(version, VERSION_KNOWN),
    hasFlag(version, VERSION_DIRECTORY_V2) ? null : 'version 1 directories',
    hasMore ? unknownFlags(features2, FEATURES2_KNOWN) : null,
  ].filter((name) => name !== null);
  if (unknown.length > 0) throw refusal(unknown);
  return {
    version: 4,
    // A padding fault of old kernels put the word four bytes later; the kernel takes both.
    hasLazyCounters:
      hasMore &&
      (hasFlag(features2, FEATURES2_LAZY_COUNTERS) ||
        hasFlag(badFeatures2, FEATURES2_LAZY_COUNTERS)),
    hasLogV2: hasFlag(version, VERSION_LOG_V2),
    hasFreeInodeTree: false,
    hasReverseMap: false,
    hasReflink: false,
    hasInodeTreeCounts: false,
    hasMetaUuid: false,
    hasFileTypes: hasMore && hasFlag(features2, FEATURES2_FILE_TYPES),
    unknownReadOnly: null,
  };
}

function version5(superblock: GuestXfs): Features {
  const { featuresRoCompat: readOnly, featuresIncompat: incompat } = superblock;
  const names: string[] = INCOMPAT_REFUSED.filter(([mask]) => hasFlag(incompat, mask)).map(
    ([, name]) => name,
  );
  const refused = INCOMPAT_REFUSED.reduce((bits, [mask]) => bits | mask, 0n);
  const unknown = unknownFlags(incompat, INCOMPAT_KNOWN | refused);
  if (unknown !== null) names.push(unknown);
  if (names.length > 0) throw refusal(names);
  if (hasFlag(incompat, INCOMPAT_NEEDS_REPAIR)) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      'xfs: the filesystem is marked needsrepair; no kernel mounts it before xfs_repair ran',
    );
  }
  return {
    version: 5,
    hasLazyCounters: true,
    hasLogV2: true,
    hasFreeInodeTree: hasFlag(readOnly, RO_COMPAT_FINOBT),
    hasReverseMap: hasFlag(readOnly, RO_COMPAT_RMAPBT),
    hasReflink: hasFlag(readOnly, RO_COMPAT_REFLINK),
    hasInodeTreeCounts: hasFlag(readOnly, RO_COMPAT_INOBTCOUNT),
    hasMetaUuid: hasFlag(incompat, INCOMPAT_META_UUID),
    hasFileTypes: hasFlag(incompat, INCOMPAT_FILE_TYPES),
    unknownReadOnly: unknownFlags(readOnly, RO_COMPAT_KNOWN),
  };
}

function refusal(names: readonly string[]): UnsupportedError {
  return new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `xfs: incompatible features that virt-df does not know: ${names.join(', ')}`,
    { data: { features: names.join(',') } },
  );
}
