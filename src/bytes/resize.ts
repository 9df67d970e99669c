// A source of another size: cut off, or followed by zeros.
import { checkedRange, checkedRead } from './range.js';
import { aheadOf } from './slice.js';
import { type ByteSource, dataRuns } from './source.js';

/** The first `sizeBytes` bytes of `parent`; where the parent is shorter, zeros follow it. */
export function resize(parent: ByteSource, sizeBytes: number): ByteSource {
  checkedRange(0, sizeBytes, Number.MAX_SAFE_INTEGER);
  return {
    sizeBytes,
    ...aheadOf(parent, (ranges) => ranges.filter(({ offsetBytes }) => offsetBytes < sizeBytes)),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const held = Math.min(length, Math.max(0, parent.sizeBytes - offset));
      if (offset + length <= parent.sizeBytes) return parent.read(offset, length);
      const bytes = new Uint8Array(length);
      if (held > 0) bytes.set(await parent.read(offset, held));
      return bytes;
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const held = Math.min(length, Math.max(0, parent.sizeBytes - offset));
      const runs = dataRuns(parent, offset, held, offset);
      if (held === length) return runs;
      return [...runs, { kind: 'zero', offsetBytes: offset + held, lengthBytes: length - held }];
    },
  };
}
