// The simple sums by which old partition tables are sealed: over all of the table, checksum included, they are zero.

/** The exclusive or of all words of 16 bits. Its value depends on the byte order, and whether it is zero does not. */
export function xorOfWords(bytes: Uint8Array): number {
  let high = 0;
  let low = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    high ^= bytes[at] ?? 0;
    low ^= bytes[at + 1] ?? 0;
  }
  return high * 256 + low;
}

/** The sum of all words of 32 bits, most significant byte first, without what is carried. */
export function sumOfWords(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 0; at + 3 < bytes.length; at += 4) sum = (sum + view.getUint32(at)) % 2 ** 32;
  return sum;
}
