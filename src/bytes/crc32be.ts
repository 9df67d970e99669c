// CRC-32 with the most significant bit first and nothing inverted, the checksum of old jbd2 transactions.
// References: Linux lib/crc32.c: crc32_be.

const POLYNOMIAL = 0x04c11db7;
const TOP_BIT = 0x80000000;

const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & TOP_BIT ? (crc << 1) ^ POLYNOMIAL : crc << 1;
    table[byte] = crc;
  }
  return table;
}

/** The value to begin with where the format says "seed ~0". */
export const CRC32BE_SEED = 0xffffffff;

/** Continues a CRC-32 over `bytes`. */
export function crc32be(seed: number, bytes: Uint8Array): number {
  let crc = seed;
  for (const byte of bytes) crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  return crc >>> 0;
}
