// A source of another size: cut off, or followed by zeros.
import { checkedRange, checkedRead } from './range.js';
import type { ByteSource } from './source.js';

/** The first `sizeBytes` bytes of `parent`; where the parent is shorter, zeros follow it. */
export function resize(parent: ByteSource, sizeBytes: number): ByteSource {
  checkedRange(0, sizeBytes, Number.MAX_SAFE_INTEGER, 'resize');
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const held = Math.min(length, Math.max(0, parent.sizeBytes - offset));
      if (held === length) return parent.read(offset, length);
      const bytes = new Uint8Array(length);
      if (held > 0) bytes.set(await parent.read(offset, held));
      return bytes;
    },
  };
}
