// The feature word of an f2fs superblock. Some features change the layout of inodes (extra attributes); unknown ones, and
// zoned devices, are refused by name.
// References: Linux 6.18 fs/f2fs/f2fs.h (F2FS_FEATURE_*).
import type { GuestF2fs } from '../../../generated/filesystem/f2fs.js';
import { UnsupportedError } from '../../errors.js';
import { hasFlag, unknownFlags } from '../../validation/guest.js';

/** encrypt, zoned, atomic_write, extra_attr, ..., compression, ro, device_alias, packed_ssa. */
const KNOWN = 0x1ffffn;
/** Zones are written in order, and a mount moves on to where the device says that they end. */
const ZONED = 0x2n;
const EXTRA_ATTRIBUTES = 0x8n;
const INODE_CHECKSUM = 0x20n;
const FLEXIBLE_ATTRIBUTES = 0x40n;
const QUOTA = 0x80n;
const BIRTH_TIME = 0x100n;
const SUPERBLOCK_CHECKSUM = 0x800n;
const CASEFOLD = 0x1000n;
const COMPRESSION = 0x2000n;
const READ_ONLY = 0x4000n;
const DEVICE_ALIAS = 0x8000n;

export interface Features {
  readonly hasExtraAttributes: boolean;
  readonly hasInodeChecksum: boolean;
  /** Each inode says how much room it has for its extended attributes. */
  readonly hasFlexibleAttributes: boolean;
  readonly hasQuota: boolean;
  readonly hasBirthTime: boolean;
  readonly hasCasefold: boolean;
  readonly hasCompression: boolean;
  /** Made to be read only: no reserve, and no kernel writes to it. */
  readonly isReadOnly: boolean;
  /** A file may stand for a whole device. */
  readonly hasDeviceAlias: boolean;
}

/** @throws UnsupportedError UNSUPPORTED_FEATURE with the names or bits. */
export function readFeatures({ features }: GuestF2fs): Features {
  const unknown = unknownFlags(features, KNOWN);
  const refused = hasFlag(features, ZONED) ? 'zoned block device' : unknown;
  if (refused !== null) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `f2fs: features that virt-df does not read: ${refused}`,
      { data: { features: refused } },
    );
  }
  return {
    hasExtraAttributes: hasFlag(features, EXTRA_ATTRIBUTES),
    hasInodeChecksum: hasFlag(features, INODE_CHECKSUM),
    hasFlexibleAttributes: hasFlag(features, FLEXIBLE_ATTRIBUTES),
    hasQuota: hasFlag(features, QUOTA),
    hasBirthTime: hasFlag(features, BIRTH_TIME),
    hasCasefold: hasFlag(features, CASEFOLD),
    hasCompression: hasFlag(features, COMPRESSION),
    isReadOnly: hasFlag(features, READ_ONLY),
    hasDeviceAlias: hasFlag(features, DEVICE_ALIAS),
  };
}

export function hasSuperblockChecksum({ features }: GuestF2fs): boolean {
  return hasFlag(features, SUPERBLOCK_CHECKSUM);
}
