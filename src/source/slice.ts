// A part of a source is a source: partitions, linear extents.
import { checkedRange } from './range.js';
import type { ByteSource } from './source.js';

/** Bytes `offsetBytes` .. `offsetBytes + sizeBytes` of `parent`; what lies outside the parent reads as an error. */
export function slice(parent: ByteSource, offsetBytes: number, sizeBytes: number): ByteSource {
  checkedRange(offsetBytes, sizeBytes, Number.MAX_SAFE_INTEGER, 'slice');
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes, 'read');
      return parent.read(offsetBytes + offset, length);
    },
  };
}
