// Finds which of the pieces that lie one behind the other holds an offset: with parts that begin at 0, 10 and 25, offset 12
// is in part 1. Parts of a disk, blocks, chunks and tables are looked up so.

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
