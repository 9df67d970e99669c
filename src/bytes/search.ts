// Finds which of the pieces that lie one behind the other holds an offset: with parts that begin at 0, 10 and 25, offset 12
// is in part 1. Parts of a disk, blocks, chunks and tables are looked up so.

/**
 * How many of `count` things come before the first one for which `isBefore` is false. All behind that one must be false
 * too: of keys in ascending order those below 12, for example. Two dozen calls decide among millions of things.
 */
export function countBefore(count: number, isBefore: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The index of the last of `count` numbers that is `wanted` or less; -1 if none is.
 * @param numberAt the numbers, ascending.
 */
export function lastAtMost(
  wanted: number,
  count: number,
  numberAt: (index: number) => number | undefined,
): number {
  return countBefore(count, (i) => (numberAt(i) ?? Number.POSITIVE_INFINITY) <= wanted) - 1;
}
