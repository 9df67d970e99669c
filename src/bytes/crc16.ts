// CRC-16 (ARC), the checksum of ext4's group descriptors with the feature uninit_bg.
// References: Linux lib/crc16.c.

const POLYNOMIAL = 0xa001;

/** The value to begin with where the format says "seed ~0". */
export const CRC16_SEED = 0xffff;

/** Continues a CRC-16 over `bytes[from..to)`. */
export function crc16(seed: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = seed;
  for (let i = from; i < to; i++) {
    crc ^= bytes[i] ?? 0;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  }
  return crc;
}
