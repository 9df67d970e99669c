// A part of a source is a source: partitions, linear extents.
import { checkedRange } from './range.js';
import { type ByteRange, type ByteSource, dataRuns } from './source.js';

/**
 * Bytes `offsetBytes` .. `offsetBytes + sizeBytes` of `parent`; a read of bytes that the parent does not have is an
 * error.
 */
export function slice(parent: ByteSource, offsetBytes: number, sizeBytes: number): ByteSource {
  checkedRange(offsetBytes, sizeBytes, Number.MAX_SAFE_INTEGER);
  const { isOpenEnded = false } = parent;
  const part: ByteSource = {
    sizeBytes,
    ...aheadOf(parent, (ranges) => moved(ranges, offsetBytes, sizeBytes)),
    isOpenEnded: isOpenEnded && offsetBytes + sizeBytes === parent.sizeBytes,
    isFar: (offset) => parent.isFar?.(offsetBytes + offset) ?? false,
    async read(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return parent.read(offsetBytes + offset, length);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return dataRuns(parent, offset, length, offsetBytes + offset);
    },
  };
  if (parent.readInto === undefined) return part;
  return {
    ...part,
    async readInto(offset, target) {
      checkedRange(offset, target.length, sizeBytes);
      await parent.readInto?.(offsetBytes + offset, target);
    },
  };
}

/** The function `ahead` of a source that lies in the parent, if the parent has one. */
export function aheadOf(
  parent: ByteSource,
  inParent: (ranges: readonly ByteRange[]) => readonly ByteRange[],
): Pick<ByteSource, 'ahead'> {
  const { ahead } = parent;
  return ahead === undefined ? {} : { ahead: (ranges) => ahead(inParent(ranges)) };
}

/** The ranges as they lie in the parent, as far as the part has them. */
function moved(ranges: readonly ByteRange[], byBytes: number, sizeBytes: number) {
  return ranges.map(({ offsetBytes, lengthBytes }) => ({
    offsetBytes: offsetBytes + byBytes,
    lengthBytes: Math.min(lengthBytes, sizeBytes - offsetBytes),
  }));
}
