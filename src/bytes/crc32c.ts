// CRC-32C (Castagnoli), the checksum of ext4's and XFS's metadata, eight bytes a step.
// References: RFC 3720 appendix B.4; Linux lib/crc32.c (the same slicing).

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** Table `n` of 256 entries at `256 * n`: the effect of a byte that has `n` bytes behind it. */
const TABLES = makeTables();

function makeTables(): Uint32Array {
  const tables = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] ?? 0;
    tables[i] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

/** The value to begin with where the format says "seed ~0". */
export const CRC32C_SEED = 0xffffffff;

/**
 * Continues a CRC-32C over `bytes[from..to)`. As in the kernel, neither the seed nor the result is inverted: a format
 * that stores the inverted value inverts it itself.
 */
export function crc32c(seed: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = seed;
  let i = from;
  for (const end = to - SLICES; i <= end; i += SLICES) {
    const low = crc ^ view.getUint32(i, true);
    const high = view.getUint32(i + 4, true);
    crc =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, high) ^
      entry(2, high >>> 8) ^
      entry(1, high >>> 16) ^
      entry(0, high >>> 24);
  }
  for (; i < to; i++) crc = entry(0, crc ^ view.getUint8(i)) ^ (crc >>> 8);
  return crc >>> 0;
}

/** A result as the formats store it that invert it (XFS). */
export function inverted(crc: number): number {
  return ~crc >>> 0;
}

function entry(table: number, byte: number): number {
  return TABLES[table * 256 + (byte & 0xff)] ?? 0;
}
