// What is read soon of a source that is made of parts of others, as ranges of those.
import type { ByteRange, ByteSource, SourceRun } from './source.js';

/**
 * The function `ahead` of a source whose bytes lie in `parents` as its `runs` say, if any of them has one.
 * @param runs of a range, which begins within the source.
 */
export function aheadByRuns(
  parents: readonly ByteSource[],
  sizeBytes: number,
  runs: (offsetBytes: number, lengthBytes: number) => Promise<readonly SourceRun[]>,
): Pick<ByteSource, 'ahead'> {
  if (parents.every(({ ahead }) => ahead === undefined)) return {};
  return {
    async ahead(ranges) {
      const inside = ranges.filter(({ offsetBytes: at }) => at >= 0 && at < sizeBytes);
      // A table that is damaged is an error for who reads there.
      const found = await Promise.allSettled(
        inside.map(({ offsetBytes, lengthBytes }) =>
          runs(offsetBytes, Math.min(lengthBytes, sizeBytes - offsetBytes)),
        ),
      );
      const placed = new Map<ByteSource, ByteRange[]>();
      for (const run of found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))) {
        if (run.kind !== 'data') continue;
        const place = { offsetBytes: run.parentOffsetBytes, lengthBytes: run.lengthBytes };
        const others = placed.get(run.parent);
        if (others === undefined) placed.set(run.parent, [place]);
        else others.push(place);
      }
      await Promise.allSettled([...placed].map(([parent, places]) => parent.ahead?.(places)));
    },
  };
}
