// Runs work on several guests at a time, and gives the answers in the order of the guests.

/** With more guests at a time than this, memory and open files grow and nothing gets faster. */
const MAX_DEFAULT = 16;

/** Runs `work` on every item, `limit` at a time (null: twice the processors); the first rejection ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number | null,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: (readonly [index: number, result: R])[] = [];
  const queue = items.entries();
  const worker = async () => {
    // The queue is shared: each worker takes what comes next.
    for (const [index, item] of queue) results.push([index, await work(item, index)]);
  };
  const workers = Math.min(items.length, limit ?? (await defaultLimit(items.length)));
  await Promise.all(Array.from({ length: workers }, worker));
  return results.sort(([a], [b]) => a - b).map(([, result]) => result);
}

async function defaultLimit(itemCount: number): Promise<number> {
  if (itemCount <= 1) return 1;
  const { availableParallelism } = await import('node:os');
  return Math.min(MAX_DEFAULT, 2 * availableParallelism());
}
