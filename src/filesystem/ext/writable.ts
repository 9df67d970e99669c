// What the kernel mounts read-only and not writable: unknown features, and a block of mount protection (mmp) that is damaged.
// References: Linux 6.18 fs/ext4/super.c: ext4_feature_set_ok, __ext4_fill_super; fs/ext4/mmp.c: read_mmp_block,
// ext4_multi_mount_protect.
import {
  ExtMountProtectionFields,
  parseExtMountProtection,
} from '../../../generated/filesystem/ext.js';
import { crc32c } from '../../bytes/crc32c.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { checksumSeed } from './checksum.js';
import type { Context } from './context.js';

const MAGIC = 0x4d4d50;
/** EXT4_MMP_SEQ_FSCK */
const CHECKED_NOW = 0xe24d4d50;
const CHECKSUM_OFFSET = ExtMountProtectionFields.checksum.at;
const MOUNT_PROTECTION_BYTES = 1024;

/** @throws FormatError, UnsupportedError with what makes the kernel refuse a writable mount. */
export async function checkWritableMount(context: Context): Promise<void> {
  const { unknownReadOnly, hasMountProtection, isNewer } = context.features;
  if (isNewer) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      'ext: the revision is unknown: the kernel mounts it read-only alone',
    );
  }
  if (unknownReadOnly !== null) {
    throw new UnsupportedError(
      'UNSUPPORTED_FEATURE',
      `ext: read-only-compatible features ${unknownReadOnly} are unknown: the kernel mounts it read-only alone`,
    );
  }
  if (hasMountProtection) await checkMountProtection(context);
}

async function checkMountProtection(context: Context): Promise<void> {
  const { source, superblock, features, geometry } = context;
  const { firstDataBlock, blockCount, blockSizeBytes } = geometry;
  const block = int(superblock.mmpBlock, 'ext: s_mmp_block', firstDataBlock, blockCount - 1);
  const bytes = await source.read(block * blockSizeBytes, MOUNT_PROTECTION_BYTES);
  const { magic, sequence, checksum } = parseExtMountProtection(bytes);
  const what = `ext: the block of mount protection, ${block},`;
  if (!equals(magic, MAGIC)) {
    throw new FormatError('BAD_MAGIC', `${what} is none; the kernel mounts it read-only alone`);
  }
  const seed = features.descriptorChecksum === 'crc32c' ? checksumSeed(superblock, features) : null;
  if (seed !== null && !equals(checksum, crc32c(seed, bytes.subarray(0, CHECKSUM_OFFSET)))) {
    const message = `${what} has a wrong checksum; the kernel mounts it read-only alone`;
    throw new FormatError('BAD_CHECKSUM', message);
  }
  if (equals(sequence, CHECKED_NOW)) {
    throw new FormatError('INVALID', `${what} says that e2fsck works on it, or was interrupted`);
  }
}
