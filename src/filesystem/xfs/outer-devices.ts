// What an XFS has on other devices: its log, or its realtime section. The kernel mounts it only with both.
// References: Linux 6.1 fs/xfs/xfs_super.c: xfs_fs_fill_super, xfs_open_devices; xfs_rtalloc.c: xfs_rtmount_init ("Filesystem
// has a realtime volume, use rtdev="); xfs_mount.c: xfs_validate_sb_common ("specify logdev on the mount command line").
import { FormatError } from '../../errors.js';
import { big } from '../../validation/guest.js';
import type { Filesystem, OuterLog } from '../filesystem.js';
import type { Context } from './context.js';

/** Bytes of the realtime section; 0: the filesystem has none. @throws FormatError OUT_OF_BOUNDS. */
export function realtimeBytes({ superblock, geometry }: Context): number {
  const { blockSizeBytes } = geometry;
  const max = BigInt(Math.floor(Number.MAX_SAFE_INTEGER / blockSizeBytes));
  const what = 'xfs: blocks of the realtime section';
  return Number(big(superblock.numRealtimeBlocks, what, 0n, max)) * blockSizeBytes;
}

/** The filesystem as it is without the device of its realtime section. */
export function half(filesystem: Filesystem, sizeBytes: number): Filesystem {
  // statfs has the numbers of the section only for directories that are marked for it.
  const whole = { ...filesystem, remark: `leaves out its realtime section of ${sizeBytes} bytes` };
  const message =
    `xfs: its realtime section of ${sizeBytes} bytes is on another device, and no device without a filesystem of that size ` +
    'was given; without it Linux does not mount it';
  const missing = new FormatError('MISSING_DEVICE', message, { data: { sizeBytes } });
  return {
    ...whole,
    outerData: { minBytes: sizeBytes, whole },
    async usage() {
      throw missing;
    },
  };
}

/** Its log is not read, and only must be there. */
export function outerLog(uuid: string | null): OuterLog {
  const message =
    'xfs: its log is on another device, which was not given; without it Linux does not mount it';
  const missing = new FormatError('MISSING_DEVICE', message, { data: { uuid: String(uuid) } });
  return { key: `xfs_external_log ${uuid}`, missing, join: () => null };
}
