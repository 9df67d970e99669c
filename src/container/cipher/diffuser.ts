// The Elephant diffuser of BitLocker up to Windows 7: it mixes all words of a sector with each other, so that whoever changes one
// bit of the encrypted sector changes all of it.
// References: N. Ferguson, AES-CBC + Elephant diffuser, 2006, 4.2; Linux drivers/md/dm-crypt.c (diffuser_a_decrypt,
// diffuser_b_decrypt).
import { endianness } from 'node:os';

const WORD_BYTES = 4;
const CYCLES_A = 5;
const CYCLES_B = 3;

/** Undoes it, sector by sector, in the same memory, which is aligned. */
export function diffuse(sectors: Uint8Array, sectorBytes: number): void {
  const isSwapped = endianness() === 'BE';
  const bytes = Buffer.from(sectors.buffer, sectors.byteOffset, sectors.length);
  if (isSwapped) bytes.swap32();
  const words = new Int32Array(sectors.buffer, sectors.byteOffset, sectors.length / WORD_BYTES);
  const count = sectorBytes / WORD_BYTES;
  for (let at = 0; at < words.length; at += count) {
    const sector = words.subarray(at, at + count);
    for (let cycle = 0; cycle < CYCLES_B; cycle++) undoB(sector);
    for (let cycle = 0; cycle < CYCLES_A; cycle++) undoA(sector);
  }
  if (isSwapped) bytes.swap32();
}

/** Word by word that of two and that of five behind it are added, the latter turned by 0, 10, 0 and 25 bits in turn. */
function undoB(d: Int32Array): void {
  const mask = d.length - 1; // A power of two.
  for (let i = 0; i < d.length; i += 4) {
    d[i] = (d[i] ?? 0) + ((d[i + 2] ?? 0) ^ (d[(i + 5) & mask] ?? 0));
    const second = d[(i + 6) & mask] ?? 0;
    d[i + 1] = (d[i + 1] ?? 0) + ((d[i + 3] ?? 0) ^ ((second << 10) | (second >>> 22)));
    d[i + 2] = (d[i + 2] ?? 0) + ((d[(i + 4) & mask] ?? 0) ^ (d[(i + 7) & mask] ?? 0));
    const last = d[(i + 8) & mask] ?? 0;
    d[i + 3] = (d[i + 3] ?? 0) + ((d[(i + 5) & mask] ?? 0) ^ ((last << 25) | (last >>> 7)));
  }
}

/** The same with the words before it, turned by 9, 0, 13 and 0 bits. */
function undoA(d: Int32Array): void {
  const mask = d.length - 1;
  for (let i = 0; i < d.length; i += 4) {
    const first = d[(i - 5) & mask] ?? 0;
    d[i] = (d[i] ?? 0) + ((d[(i - 2) & mask] ?? 0) ^ ((first << 9) | (first >>> 23)));
    d[i + 1] = (d[i + 1] ?? 0) + ((d[(i - 1) & mask] ?? 0) ^ (d[(i - 4) & mask] ?? 0));
    const third = d[(i - 3) & mask] ?? 0;
    d[i + 2] = (d[i + 2] ?? 0) + ((d[i] ?? 0) ^ ((third << 13) | (third >>> 19)));
    d[i + 3] = (d[i + 3] ?? 0) + ((d[i + 1] ?? 0) ^ (d[(i - 2) & mask] ?? 0));
  }
}
