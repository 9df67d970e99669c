// The checksum of VHDX's structures: CRC-32C of all of a structure, with the field of the checksum itself as zeros.
// References: [MS-VHDX] 2.2.2, 2.2.3.1, 2.3.1.1.
import { CRC32C_SEED, crc32c, inverted } from '../../bytes/crc32c.js';

/** It follows the signature in each of the structures. */
const FIELD_OFFSET = 4;
const FIELD_BYTES = 4;
const ZEROS = new Uint8Array(FIELD_BYTES);

export function checksum(bytes: Uint8Array): number {
  const before = crc32c(CRC32C_SEED, bytes, 0, FIELD_OFFSET);
  const field = crc32c(before, ZEROS);
  return inverted(crc32c(field, bytes, FIELD_OFFSET + FIELD_BYTES));
}
