// CRC-32 with the most significant bit first and nothing inverted, the checksum of old jbd2 transactions: of whole ones, so that
// all of a journal goes through it, eight bytes a step.
// References: Linux lib/crc32.c: crc32_be (the same slicing).

const POLYNOMIAL = 0x04c11db7;
const TOP_BIT = 0x80000000;
const SLICES = 8;

/** Table `n` of 256 entries at `256 * n`: the effect of a byte that has `n` bytes behind it. Made when it is needed. */
let tables: Uint32Array | null = null;

function makeTables(): Uint32Array {
  const made = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & TOP_BIT ? (crc << 1) ^ POLYNOMIAL : crc << 1;
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] ?? 0;
    made[i] = (before << 8) ^ (made[before >>> 24] ?? 0);
  }
  return made;
}

/** The value to begin with where the format says "seed ~0". */
export const CRC32BE_SEED = 0xffffffff;

/** Continues a CRC-32 over `bytes`. */
export function crc32be(seed: number, bytes: Uint8Array): number {
  tables ??= makeTables();
  const table = tables;
  const entry = (slice: number, byte: number) => table[slice * 256 + (byte & 0xff)] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sliced = bytes.length - (bytes.length % SLICES);
  let crc = seed;
  for (let i = 0; i < sliced; i += SLICES) {
    const high = crc ^ view.getUint32(i);
    const low = view.getUint32(i + 4);
    crc =
      entry(7, high >>> 24) ^
      entry(6, high >>> 16) ^
      entry(5, high >>> 8) ^
      entry(4, high) ^
      entry(3, low >>> 24) ^
      entry(2, low >>> 16) ^
      entry(1, low >>> 8) ^
      entry(0, low);
  }
  for (let i = sliced; i < bytes.length; i++)
    crc = (crc << 8) ^ entry(0, (crc >>> 24) ^ (bytes[i] ?? 0));
  return crc >>> 0;
}
