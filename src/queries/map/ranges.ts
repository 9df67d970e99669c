// Sets of byte ranges: sorted, disjoint, searched by halves.
import type { ByteRange } from '../../bytes/source.js';

/** Ascending, disjoint, none empty. */
export type Ranges = readonly ByteRange[];

/** Ranges that overlap or touch become one. */
export function merged(ranges: readonly ByteRange[]): Ranges {
  const sorted = ranges
    .filter(({ lengthBytes }) => lengthBytes > 0)
    .sort((a, b) => a.offsetBytes - b.offsetBytes);
  const result: ByteRange[] = [];
  for (const { offsetBytes, lengthBytes } of sorted) {
    const last = result.at(-1);
    const end = last === undefined ? -1 : last.offsetBytes + last.lengthBytes;
    if (last === undefined || end < offsetBytes) result.push({ offsetBytes, lengthBytes });
    else {
      const length = Math.max(end, offsetBytes + lengthBytes) - last.offsetBytes;
      result[result.length - 1] = { offsetBytes: last.offsetBytes, lengthBytes: length };
    }
  }
  return result;
}

/** A part of a range, and the one of the set that it lies in. */
interface Part<R> extends ByteRange {
  readonly of: R;
}

/** The parts of a range that lie in the set. */
export function* within<R extends ByteRange>(
  ranges: readonly R[],
  { offsetBytes, lengthBytes }: ByteRange,
): Generator<Part<R>> {
  const end = offsetBytes + lengthBytes;
  for (let i = firstEndingBehind(ranges, offsetBytes); i < ranges.length; i++) {
    const range = ranges[i];
    if (range === undefined || range.offsetBytes >= end) return;
    const from = Math.max(range.offsetBytes, offsetBytes);
    const to = Math.min(range.offsetBytes + range.lengthBytes, end);
    yield { offsetBytes: from, lengthBytes: to - from, of: range };
  }
}

/** The set without these. */
export function without(ranges: Ranges, others: readonly ByteRange[]): Ranges {
  return withoutSet(ranges, merged(others));
}

export function withoutSet(ranges: Ranges, taken: Ranges): Ranges {
  return ranges.flatMap((range) => {
    const left: ByteRange[] = [];
    let at = range.offsetBytes;
    const end = at + range.lengthBytes;
    for (const { offsetBytes, lengthBytes } of within(taken, range)) {
      if (offsetBytes > at) left.push({ offsetBytes: at, lengthBytes: offsetBytes - at });
      at = offsetBytes + lengthBytes;
    }
    if (end > at) left.push({ offsetBytes: at, lengthBytes: end - at });
    return left;
  });
}

function firstEndingBehind(ranges: Ranges, offsetBytes: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const range = ranges[middle];
    if (range !== undefined && range.offsetBytes + range.lengthBytes <= offsetBytes)
      low = middle + 1;
    else high = middle;
  }
  return low;
}
