// Sources one behind the other: the extents of a split image, the parts of a raw one.
import { FormatError } from '../errors.js';
import { checkedRead } from './range.js';
import type { ByteSource } from './source.js';

/** All of each part, in their order. */
export function concat(parts: readonly ByteSource[]): ByteSource {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const starts: number[] = [];
  let sizeBytes = 0;
  for (const part of parts) {
    starts.push(sizeBytes);
    sizeBytes += part.sizeBytes;
  }
  if (!Number.isSafeInteger(sizeBytes)) {
    throw new FormatError('LIMIT', `${parts.length} parts have ${sizeBytes} bytes together`);
  }
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const first = partAt(starts, offset);
      const start = offset - (starts[first] ?? 0);
      const part = parts[first];
      if (part !== undefined && start + length <= part.sizeBytes) return part.read(start, length);
      const bytes = new Uint8Array(length);
      let filled = 0;
      for (let i = first; filled < length; i++) {
        const next = parts[i];
        if (next === undefined) break;
        const from = offset + filled - (starts[i] ?? 0);
        const count = Math.min(length - filled, next.sizeBytes - from);
        bytes.set(await next.read(from, count), filled);
        filled += count;
      }
      return bytes;
    },
  };
}

/** The last part that begins at the offset or before it. */
function partAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
