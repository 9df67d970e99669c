// Which of the pieces that lie one behind the other has an offset: parts of a disk, blocks, chunks, tables.

/**
 * The index of the last of `count` numbers that is `wanted` or less; -1 if none is.
 * @param numberAt the numbers, ascending.
 */
export function lastAtMost(
  wanted: number,
  count: number,
  numberAt: (index: number) => number | undefined,
): number {
  let [low, high] = [-1, count];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((numberAt(middle) ?? Number.POSITIVE_INFINITY) <= wanted) low = middle;
    else high = middle;
  }
  return low;
}
