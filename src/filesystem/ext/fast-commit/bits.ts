// Bits of a bitmap, set and looked for in words and bytes.
// References: Linux 6.18 fs/ext4/mballoc.c: mb_set_bits, mb_clear_bits; lib/find_bit.c: find_next_zero_bit.

const BITS_PER_BYTE = 8;
const FULL_BYTE = 0xff;
/** Of the bits of a byte. */
const MASKS = [1, 2, 4, 8, 16, 32, 64, 128];
const BYTES_PER_WORD = 4;
const FULL_WORD = 0xffffffff;
export const BITS_PER_WORD = 32;

/** @returns how many of the bits changed. */
export function setBits(bits: Uint8Array, first: number, count: number, isSet: boolean): number {
  // Whole words count the same whatever the order of their bytes is.
  const words = new Uint32Array(bits.buffer, bits.byteOffset, bits.length / BYTES_PER_WORD);
  const full = isSet ? FULL_WORD : 0;
  let changed = 0;
  for (let bit = first; bit < first + count; ) {
    if (bit % BITS_PER_WORD === 0 && bit + BITS_PER_WORD <= first + count) {
      const at = bit / BITS_PER_WORD;
      const word = words[at] ?? full;
      if (word !== full) {
        changed += onesOf(word ^ full);
        words[at] = full;
      }
      bit += BITS_PER_WORD;
      continue;
    }
    const at = Math.floor(bit / BITS_PER_BYTE);
    const mask = MASKS[bit % BITS_PER_BYTE] ?? 0;
    const byte = bits[at] ?? 0;
    if (((byte & mask) !== 0) !== isSet) {
      bits[at] = byte ^ mask;
      changed++;
    }
    bit++;
  }
  return changed;
}

function onesOf(word: number): number {
  let ones = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}

export function nextZero(bits: Uint8Array, from: number, end: number): number {
  let bit = from;
  while (bit < end) {
    const byte = bits[Math.floor(bit / BITS_PER_BYTE)] ?? FULL_BYTE;
    if (byte === FULL_BYTE) bit += BITS_PER_BYTE - (bit % BITS_PER_BYTE);
    else if ((byte & (MASKS[bit % BITS_PER_BYTE] ?? 0)) === 0) return bit;
    else bit++;
  }
  return end;
}
