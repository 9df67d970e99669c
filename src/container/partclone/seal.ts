// partclone's CRC-32, which begins with all bits set and, unlike zlib's, is not complemented at the end.
// References: partclone src/checksum.c init_crc32(), crc32().
import { crc32 } from 'node:zlib';
import type { Untrusted } from '../../kaitai/untrusted.js';
import { equals } from '../../validation/guest.js';

const COMPLEMENT = 0xffffffff;

/** @param before zlib's CRC-32 of what comes before the bytes. */
export function isSealed(bytes: Uint8Array, stored: Untrusted<number>, before = 0): boolean {
  return equals(stored, COMPLEMENT - crc32(bytes, before));
}
