// Numbers that lie close together are put together: pages that one request brings.

/** The numbers from `first` to before `end`. */
export interface Stretch {
  readonly first: number;
  readonly end: number;
}

/**
 * @param sorted ascending, each once.
 * @param gap so many numbers that are not wanted may lie between two that are.
 * @param max no stretch is longer, unless wanted numbers follow one another without a gap.
 */
export function stretchesOf(sorted: readonly number[], gap: number, max: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const number of sorted) {
    const last = stretches.at(-1);
    const isNear = last !== undefined && number - last.end <= gap && number - last.first < max;
    if (last !== undefined && (isNear || number === last.end)) {
      stretches[stretches.length - 1] = { first: last.first, end: number + 1 };
    } else stretches.push({ first: number, end: number + 1 });
  }
  return stretches;
}
