// CRC-16 (ITU-T), the checksum of UDF's descriptors.
// References: ECMA-167 3/7.2.6; Linux lib/crc-itu-t.c.

/** CRC-16 with the polynomial 0x1021, most significant bit first, from 0; eight bits at once by two folds. */
export function crcItu(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    let high = (crc >> 8) ^ byte;
    high ^= high >> 4;
    crc = ((crc << 8) ^ (high << 12) ^ (high << 5) ^ high) & 0xffff;
  }
  return crc;
}
