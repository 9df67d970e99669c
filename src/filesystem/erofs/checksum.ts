// The checksum of an EROFS superblock, which a mount verifies: over the rest of the first block, or where blocks have no more
// than 1024 bytes, over the block that the superblock begins.
// References: Linux fs/erofs/super.c: erofs_superblock_csum_verify.
import { parseErofs } from '../../../generated/filesystem/erofs.js';
import { CRC32C_SEED, crc32c } from '../../bytes/crc32c.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, hasFlag, int } from '../../validation/guest.js';

const SUPERBLOCK_OFFSET_BYTES = 1024;
const CHECKSUM_OFFSET_BYTES = 4;
const NO_CHECKSUM = new Uint8Array(4);
const HAS_CHECKSUM = 0x1n;
const MIN_LOG_BLOCK = 9;
const MAX_LOG_BLOCK = 16;

/** @throws FormatError BAD_CHECKSUM; OUT_OF_BOUNDS if the block is not all there. */
export async function checkErofs(source: ByteSource, window: Uint8Array): Promise<void> {
  const guest = parseErofs(window);
  if (!hasFlag(guest.featureCompat, HAS_CHECKSUM)) return;
  const log = int(guest.logBlock, 'erofs: blkszbits', MIN_LOG_BLOCK, MAX_LOG_BLOCK);
  const blockBytes = 2 ** log;
  const sizeBytes =
    blockBytes > SUPERBLOCK_OFFSET_BYTES ? blockBytes - SUPERBLOCK_OFFSET_BYTES : blockBytes;
  const bytes = await source.read(SUPERBLOCK_OFFSET_BYTES, sizeBytes);
  const before = crc32c(CRC32C_SEED, bytes, 0, CHECKSUM_OFFSET_BYTES);
  const without = crc32c(before, NO_CHECKSUM);
  const computed = crc32c(without, bytes, CHECKSUM_OFFSET_BYTES + NO_CHECKSUM.length);
  if (equals(guest.checksum, computed)) return;
  const words = `the checksum of the superblock does not match, its content gives 0x${computed.toString(16)}`;
  throw new FormatError('BAD_CHECKSUM', `erofs: ${words}`, { data: { computed } });
}
