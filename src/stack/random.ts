// Whether bytes are as evenly spread as random ones: those of VeraCrypt, of LUKS without its header, of a disk that was erased so.
// Of compressed data the spread shows, as a rule, which length a code has; the best compressors leave nothing to see.
// References: Pearson's chi-squared test, with 255 degrees of freedom: its mean is 255, and its deviation the root of 510.

const VALUES = 256;
const MEAN = VALUES - 1;
const DEVIATION = Math.sqrt(2 * MEAN);
/** Of a million pieces of random data, less than two lie outside. */
const DEVIATIONS = 5;
/** So that each value is expected 64 times. */
const LEAST_BYTES = 64 * VALUES;

export function looksRandom(bytes: Uint8Array): boolean {
  if (bytes.length < LEAST_BYTES) return false;
  const counts = new Uint32Array(VALUES);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const expected = bytes.length / VALUES;
  const spread = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return Math.abs(spread - MEAN) < DEVIATIONS * DEVIATION;
}
