// Bytes already in memory as a source: small headers, tests.
import { checkedRange } from './range.js';
import type { ByteSource } from './source.js';

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    async read(offset, length) {
      checkedRange(offset, length, bytes.length, 'read');
      return bytes.subarray(offset, offset + length);
    },
  };
}
