// The feature words of a btrfs superblock. virt-df reads some features and refuses the others by name: `zoned` is one.
// References: Linux 6.18 fs/btrfs/fs.h (BTRFS_FEATURE_*_SUPP), include/uapi/linux/btrfs.h (BTRFS_FEATURE_*),
// include/uapi/linux/btrfs_tree.h (BTRFS_SUPER_FLAG_*).
import type { GuestBtrfs } from '../../../generated/filesystem/btrfs.js';
import { UnsupportedError } from '../../errors.js';
import { hasFlag, unknownFlags } from '../../validation/guest.js';

const RO_FREE_SPACE_TREE = 0x1n;
const RO_FREE_SPACE_TREE_VALID = 0x2n;
const RO_BLOCK_GROUP_TREE = 0x8n;
/** free-space-tree, its validity, verity, block-group-tree. */
const RO_KNOWN = 0xfn;

const MIXED_GROUPS = 0x4n;
const METADATA_UUID = 0x400n;
const SKINNY_METADATA = 0x100n;
const NO_HOLES = 0x200n;
/**
 * mixed-backref, default-subvol, mixed-groups, compress-lzo, compress-zstd, big-metadata, extended-iref, raid56,
 * skinny-metadata, no-holes, metadata-uuid, raid1c34, simple-quota.
 */
const INCOMPAT_KNOWN = 0x10fffn;
/** Features that have a name and that virt-df does not read: with them the counters lie in other places. */
const INCOMPAT_REFUSED: readonly (readonly [bigint, string])[] = [
  [0x1000n, 'zoned'],
  [0x2000n, 'extent-tree-v2'],
  [0x4000n, 'raid-stripe-tree'],
  [0x20000n, 'remap-tree'],
];

/** A conversion by btrfs-progs that did not end: no kernel mounts it, and the trees are of two kinds. */
const CHANGES: readonly (readonly [bigint, string])[] = [
  [1n << 35n, 'filesystem UUID'],
  [1n << 36n, 'filesystem UUID'],
  [1n << 38n, 'block group tree'],
  [1n << 39n, 'checksums of data'],
  [1n << 40n, 'checksums of metadata'],
];

const SEEDING = 1n << 32n;
/** Written, relocated, with an error; seeding; made by btrfs-image, of two versions. */
const FLAGS_KNOWN = 0x7n | SEEDING | (3n << 33n);

export interface Features {
  /** A device that others grow from: it is never written to, so nothing of its block groups is free. */
  readonly isSeed: boolean;
  readonly hasFreeSpaceTree: boolean;
  /** Otherwise a mount makes it anew. */
  readonly hasValidFreeSpaceTree: boolean;
  readonly hasBlockGroupTree: boolean;
  readonly hasMetadataUuid: boolean;
  /** Groups may hold data and metadata. */
  readonly hasMixedGroups: boolean;
  readonly hasSkinnyMetadata: boolean;
  /** A hole of a file is where no extent is. */
  readonly hasNoHoles: boolean;
  /** Bits of read-only-compatible features without a name here; null if none. */
  readonly unknownReadOnly: string | null;
}

/** @throws UnsupportedError UNSUPPORTED_FEATURE with the names or bits. */
export function readFeatures(superblock: GuestBtrfs): Features {
  const { incompatFlags: incompat, compatRoFlags: readOnly, flags } = superblock;
  const names = INCOMPAT_REFUSED.filter(([mask]) => hasFlag(incompat, mask)).map(
    ([, name]) => name,
  );
  const refused = INCOMPAT_REFUSED.reduce((bits, [mask]) => bits | mask, 0n);
  const unknown = unknownFlags(incompat, INCOMPAT_KNOWN | refused);
  if (unknown !== null) names.push(unknown);
  if (names.length > 0) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `btrfs: incompatible features that virt-df does not read: ${names.join(', ')}`,
      { data: { features: names.join(',') } },
    );
  }
  const change = CHANGES.find(([mask]) => hasFlag(flags, mask));
  if (change !== undefined) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `btrfs: a change of the ${change[1]} was begun and not finished; run btrfstune again`,
    );
  }
  const unknownState = unknownFlags(flags, FLAGS_KNOWN);
  if (unknownState !== null) {
    const message = `btrfs: the superblock has unknown flags ${unknownState}; the kernel does not mount it`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  return {
    isSeed: hasFlag(flags, SEEDING),
    hasFreeSpaceTree: hasFlag(readOnly, RO_FREE_SPACE_TREE),
    hasValidFreeSpaceTree: hasFlag(readOnly, RO_FREE_SPACE_TREE_VALID),
    hasBlockGroupTree: hasFlag(readOnly, RO_BLOCK_GROUP_TREE),
    hasMixedGroups: hasFlag(incompat, MIXED_GROUPS),
    hasMetadataUuid: hasFlag(incompat, METADATA_UUID),
    hasSkinnyMetadata: hasFlag(incompat, SKINNY_METADATA),
    hasNoHoles: hasFlag(incompat, NO_HOLES),
    unknownReadOnly: unknownFlags(readOnly, RO_KNOWN),
  };
}
