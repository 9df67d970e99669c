// The checksum of a block of device-mapper metadata: each kind of block combines it with a number of its own.
// References: Linux drivers/md/persistent-data/dm-block-manager.c: dm_bm_checksum.
import { CRC32C_SEED, crc32c } from '../../bytes/crc32c.js';

const CHECKSUM_BYTES = 4;

export function blockChecksum(bytes: Uint8Array, combined: number): number {
  return (crc32c(CRC32C_SEED, bytes, CHECKSUM_BYTES) ^ combined) >>> 0;
}
