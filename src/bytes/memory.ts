// Bytes in memory as a source.
import { checkedRange } from './range.js';
import { type ByteSource, memoryRuns } from './source.js';

export function memory(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    async read(offset, length) {
      checkedRange(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
    runs: memoryRuns,
  };
}
