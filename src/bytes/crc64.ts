// CRC-64 of ECMA-182, the highest bit first, as bcache seals its blocks. Of each half of 32 bits there is a table.
// References: ECMA-182, annex B; Linux lib/crc64.c: crc64_be.

const POLYNOMIAL_HIGH = 0x42f0e1eb;
const POLYNOMIAL_LOW = 0xa9ea3693;
const COMPLEMENT = 0xffffffff;

interface Tables {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

let tables: Tables | null = null;

/**
 * From an initial value of all ones, complemented at the end.
 * @param seed what the value is combined with before the first byte: that of a node's own key.
 */
export function crc64(bytes: Uint8Array, seed: bigint | null = null): bigint {
  tables ??= makeTables();
  const { high: highs, low: lows } = tables;
  let high = seed === null ? COMPLEMENT : Number(seed >> 32n);
  let low = seed === null ? COMPLEMENT : Number(seed & 0xffffffffn);
  for (const byte of bytes) {
    const index = (high >>> 24) ^ byte;
    high = ((high << 8) | (low >>> 24)) ^ (highs[index] ?? 0);
    low = (low << 8) ^ (lows[index] ?? 0);
  }
  return (BigInt((high ^ COMPLEMENT) >>> 0) << 32n) | BigInt((low ^ COMPLEMENT) >>> 0);
}

function makeTables(): Tables {
  const [highs, lows] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [byte << 24, 0];
    for (let bit = 0; bit < 8; bit++) {
      const isSet = high < 0;
      high = (high << 1) | (low >>> 31);
      low <<= 1;
      if (!isSet) continue;
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
    highs[byte] = high;
    lows[byte] = low;
  }
  return { high: highs, low: lows };
}
