// A set of ranges of a volume as two columns: what may differ between two states of it is asked for again and again.
import type { ByteRange } from '../../bytes/changes.js';
import { countBefore } from '../../bytes/search.js';
import type { FileNode } from '../../filesystem/files.js';
import { MAX_INDEXED_RUNS } from '../../limits.js';

export interface RangeSet {
  readonly byteCount: number;
  /** Whether a byte of this range is in the set. */
  meets(offsetBytes: number, lengthBytes: number): boolean;
  /** The parts of this range that are in the set, ascending. */
  within(offsetBytes: number, lengthBytes: number): Generator<ByteRange, void, undefined>;
}

/** Every byte. */
export const EVERYTHING: RangeSet = {
  byteCount: Number.MAX_SAFE_INTEGER,
  meets: () => true,
  *within(offsetBytes, lengthBytes) {
    if (lengthBytes > 0) yield { offsetBytes, lengthBytes };
  },
};

/** Whether content of a file lies where two states may differ. @param changed of each volume. */
export async function meetsChanged(
  changed: readonly RangeSet[],
  node: Pick<FileNode, 'extents'>,
): Promise<boolean> {
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'hole' || extent.offsetBytes === null) continue;
      const { volumeIndex, offsetBytes, lengthBytes } = extent.at;
      if (changed[volumeIndex]?.meets(offsetBytes, lengthBytes) !== false) return true;
    }
  }
  return false;
}

/**
 * @param pages ascending, none over another.
 * @param maxCount of more ranges, neighbours are put together with what lies between them: the set says what may differ, and
 *   more may never harms.
 */
export async function rangeSet(
  pages: AsyncIterable<readonly ByteRange[]>,
  maxCount = MAX_INDEXED_RUNS,
): Promise<RangeSet> {
  let starts: number[] = [];
  let ends: number[] = [];
  for await (const page of pages) {
    for (const { offsetBytes, lengthBytes } of page) {
      starts.push(offsetBytes);
      ends.push(offsetBytes + lengthBytes);
      if (starts.length < maxCount) continue;
      starts = starts.filter((_, index) => index % 2 === 0);
      ends = ends.filter((_, index) => index % 2 === 1 || index === ends.length - 1);
    }
  }
  return setOf(Float64Array.from(starts), Float64Array.from(ends));
}

function setOf(starts: Float64Array, ends: Float64Array): RangeSet {
  const firstAfter = (offset: number) =>
    countBefore(ends.length, (index) => (ends[index] ?? 0) <= offset);
  return {
    byteCount: starts.reduce((sum, start, index) => sum + (ends[index] ?? 0) - start, 0),
    meets(offset, length) {
      const start = starts[firstAfter(offset)];
      return length > 0 && start !== undefined && start < offset + length;
    },
    *within(offset, length) {
      const end = offset + length;
      for (let index = firstAfter(offset); index < starts.length; index++) {
        const start = Math.max(offset, starts[index] ?? 0);
        if (start >= end) return;
        yield { offsetBytes: start, lengthBytes: Math.min(end, ends[index] ?? 0) - start };
      }
    },
  };
}
