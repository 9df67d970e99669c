// Volumes that share bytes of what they lie on: what a guest writes to one of them damages another, and their sizes add up
// to more than there is.

/** Where a volume lies: bytes of a disk, extents of a physical volume. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Each span that begins before those in front of it end, with the one of these that ends last. */
export function overlapping<T extends Span>(
  spans: readonly T[],
): readonly (readonly [before: T, later: T])[] {
  const pairs: [T, T][] = [];
  let last: T | null = null;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (last !== null && span.start < last.end) pairs.push([last, span]);
    if (last === null || span.end > last.end) last = span;
  }
  return pairs;
}

/** How many units two of them share. */
export function shared(before: Span, later: Span): number {
  return Math.min(before.end, later.end) - later.start;
}
