// Adler-32, the checksum of EWF.
// References: RFC 1950 section 9 "Appendix: Sample code".

const MODULUS = 65_521;
/** As many bytes as can be added before the sums must be reduced to stay exact as 32-bit integers. */
const RUN_BYTES = 3800;

export function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (let start = 0; start < bytes.length; start += RUN_BYTES) {
    const end = Math.min(start + RUN_BYTES, bytes.length);
    for (let i = start; i < end; i++) {
      a += bytes[i] ?? 0;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return b * 65_536 + a;
}
