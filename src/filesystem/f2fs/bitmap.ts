// Bitmaps of f2fs: in those of segments and tables bit 0 is the highest of its byte, in those of directories the lowest.
// References: Linux 6.1 fs/f2fs/f2fs.h: f2fs_test_bit, f2fs_set_bit; include/asm-generic/bitops/le.h: test_bit_le.

const BITS = 8;

export function highBitAt(bitmap: Uint8Array, index: number): boolean {
  return Math.floor(byteAt(bitmap, index) / 2 ** (BITS - 1 - (index % BITS))) % 2 === 1;
}

export function flipHighBit(bitmap: Uint8Array, index: number): void {
  bitmap[Math.floor(index / BITS)] = byteAt(bitmap, index) ^ (2 ** (BITS - 1 - (index % BITS)));
}

export function lowBitAt(bitmap: Uint8Array, index: number): boolean {
  return Math.floor(byteAt(bitmap, index) / 2 ** (index % BITS)) % 2 === 1;
}

function byteAt(bitmap: Uint8Array, index: number): number {
  return bitmap[Math.floor(index / BITS)] ?? 0;
}
