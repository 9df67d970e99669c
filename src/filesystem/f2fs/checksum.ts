// The checksum of f2fs: CRC-32 from a seed of its own, with nothing inverted.
// References: Linux 6.1 fs/f2fs/f2fs.h: f2fs_crc32, f2fs_chksum.
import { crc32 } from 'node:zlib';

/** F2FS_SUPER_MAGIC */
const SEED = 0xf2f52010;
const COMPLEMENT = 0xffffffff;

/** The seed of an inode's checksum, from the filesystem's UUID. */
export function inodeSeed(uuid: Uint8Array): number {
  return continued(COMPLEMENT, uuid);
}

/** Of a superblock, a checkpoint. */
export function checksum(bytes: Uint8Array): number {
  return continued(SEED, bytes);
}

/** Goes on with more bytes. zlib inverts before and after, f2fs does neither. */
export function continued(seed: number, bytes: Uint8Array): number {
  return COMPLEMENT - crc32(bytes, COMPLEMENT - seed);
}
