// Bytes in memory as a source.
import { checkedRange } from '../src/bytes/range.js';
import { type ByteSource, memoryRuns } from '../src/bytes/source.js';

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    runs: memoryRuns,
    async read(offset, length) {
      checkedRange(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}
