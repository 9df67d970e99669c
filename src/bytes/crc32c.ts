// CRC-32C (Castagnoli), the checksum of ext4's and XFS's metadata, eight bytes a step.
// References: RFC 3720 appendix B.4; Linux lib/crc32.c (the same slicing).

const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** Fewer bytes than these go one by one through a quarter of a page of table: a df of one image sums 1 KiB. */
const SLICED_BYTES = 4096;

const TABLE = makeTable();

/** The effect of each byte. That of several bits is the sum of theirs, so that a step each is enough. */
function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  let crc = 1;
  for (let bit = 128; bit > 0; bit >>= 1) {
    crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    for (let rest = 0; rest < 256; rest += 2 * bit) table[bit + rest] = crc ^ (table[rest] ?? 0);
  }
  return table;
}

/** Table `n` of 256 entries at `256 * n`: the effect of a byte that has `n` bytes behind it. Made when it is needed. */
let tables: Uint32Array | null = null;

function makeTables(): Uint32Array {
  const made = new Uint32Array(256 * SLICES);
  made.set(TABLE);
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] ?? 0;
    made[i] = (before >>> 8) ^ (TABLE[before & 0xff] ?? 0);
  }
  return made;
}

/** The value to begin with where the format says "seed ~0". */
export const CRC32C_SEED = 0xffffffff;

/**
 * Continues a CRC-32C over `bytes[from..to)`. As in the kernel, neither the seed nor the result is inverted: a format
 * that stores the inverted value inverts it itself.
 */
export function crc32c(seed: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  const sliced = to - from < SLICED_BYTES ? 0 : to - from - ((to - from) % SLICES);
  let crc = sliced === 0 ? seed : overSlices(seed, bytes, from, from + sliced);
  for (let i = from + sliced; i < to; i++) {
    crc = (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return crc >>> 0;
}

function overSlices(seed: number, bytes: Uint8Array, from: number, to: number): number {
  tables ??= makeTables();
  const table = tables;
  const entry = (slice: number, byte: number) => table[slice * 256 + (byte & 0xff)] ?? 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = seed;
  for (let i = from; i < to; i += SLICES) {
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
  return crc;
}

/** A result as the formats store it that invert it (XFS). */
export function inverted(crc: number): number {
  return ~crc >>> 0;
}
