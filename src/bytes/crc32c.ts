// CRC-32C (Castagnoli), the checksum of ext4's and XFS's metadata, sixteen bytes a step.
// References: RFC 3720 appendix B.4; Linux lib/crc32.c (the same slicing).

const POLYNOMIAL = 0x82f63b78;
const SLICES = 16;

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
  /** The effect of a word that has so many words behind it. */
  const effect = (word: number, wordsBehind: number): number => {
    const at = wordsBehind * 1024;
    return (
      (table[at + 768 + (word & 0xff)] ?? 0) ^
      (table[at + 512 + ((word >>> 8) & 0xff)] ?? 0) ^
      (table[at + 256 + ((word >>> 16) & 0xff)] ?? 0) ^
      (table[at + (word >>> 24)] ?? 0)
    );
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = seed;
  for (let i = from; i < to; i += SLICES) {
    crc =
      effect(crc ^ view.getUint32(i, true), 3) ^
      effect(view.getUint32(i + 4, true), 2) ^
      effect(view.getUint32(i + 8, true), 1) ^
      effect(view.getUint32(i + 12, true), 0);
  }
  return crc;
}

/** A result as the formats store it that invert it (XFS). */
export function inverted(crc: number): number {
  return ~crc >>> 0;
}
