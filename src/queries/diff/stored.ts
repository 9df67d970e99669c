// Which bytes of a source lie in certain files of the host: in the image that is an overlay, and not in those below it.
import type { ByteRange } from '../../bytes/changes.js';
import { type HostRun, hostRuns } from '../../bytes/runs.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { MAX_INDEXED_RUNS } from '../../limits.js';
import { type RangeSet, rangeSet } from './range-set.js';

/** @param paths of the files of the overlay. */
export function storedIn(
  source: ByteSource,
  paths: ReadonlySet<string>,
  check: () => void,
): Promise<RangeSet> {
  return rangeSet(pages(source, paths, check));
}

async function* pages(
  source: ByteSource,
  paths: ReadonlySet<string>,
  check: () => void,
): AsyncGenerator<readonly ByteRange[], void, undefined> {
  let count = 0;
  for await (const run of hostRuns(source, 0, source.sizeBytes, check)) {
    const { offsetBytes, lengthBytes } = run;
    if (!isIn(run, paths)) continue;
    // Of more the set would be larger than what is stored.
    if (++count === MAX_INDEXED_RUNS) {
      const message = `the overlay holds a volume in more than ${MAX_INDEXED_RUNS} pieces`;
      throw new FormatError('LIMIT', message);
    }
    yield [{ offsetBytes, lengthBytes }];
  }
}

function isIn(run: HostRun, paths: ReadonlySet<string>): boolean {
  if (run.kind === 'data') return paths.has(run.path);
  const [first] = run.kind === 'compressed' ? run.stream : [];
  return first !== undefined && isIn(first, paths);
}
