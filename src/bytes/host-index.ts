// The way back from a file of the host to a source: it answers, for example, which range of a guest's volume lies in
// cluster 1000 of an overlay.
import { FormatError } from '../errors.js';
import { MAX_INDEXED_RUNS } from '../limits.js';
import type { ByteRange } from './changes.js';
import { type HostRun, hostRuns } from './runs.js';
import { lastAtMost } from './search.js';
import type { ByteSource } from './source.js';

interface HostIndex {
  /** The ranges of the source that are made of these bytes of the file, ascending; a compressed block is so as a whole. */
  rangesAt(path: string, hostOffsetBytes: number, lengthBytes: number): readonly ByteRange[];
}

/** A stretch of a file, and the range of the source whose bytes lie in it. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly offsetBytes: number;
  /** The length in the source: that of the stretch, or that of the compressed block whose stream it holds. */
  readonly lengthBytes: number;
  readonly isStream: boolean;
}

/** The stretches of one file, by where they begin; `ends` has the largest end so far, for they may overlap. */
interface FileStretches {
  readonly stretches: readonly Stretch[];
  readonly ends: readonly number[];
}

/**
 * Looks up once where each byte of the source lies, so that later questions need no reads.
 * @param check as `hostRuns`.
 * @throws as `ByteSource.runs`; FormatError LIMIT for more stretches than memory is meant for.
 */
export async function hostIndex(source: ByteSource, check?: () => void): Promise<HostIndex> {
  const found = new Map<string, Stretch[]>();
  let count = 0;
  for await (const run of hostRuns(source, 0, source.sizeBytes, check)) {
    for (const { path, stretch } of stretchesOf(run)) {
      if (++count > MAX_INDEXED_RUNS) {
        const message = `the volume lies in more than ${MAX_INDEXED_RUNS} pieces on the host`;
        throw new FormatError('LIMIT', message);
      }
      const others = found.get(path);
      if (others === undefined) found.set(path, [stretch]);
      else others.push(stretch);
    }
  }
  const files = new Map([...found].map(([path, stretches]) => [path, sorted(stretches)]));
  return {
    rangesAt(path, hostOffsetBytes, lengthBytes) {
      const file = files.get(path);
      return file === undefined ? [] : rangesOf(file, hostOffsetBytes, lengthBytes);
    },
  };
}

function* stretchesOf(
  run: HostRun,
): Generator<{ readonly path: string; readonly stretch: Stretch }, void, undefined> {
  const { offsetBytes, lengthBytes } = run;
  if (run.kind === 'data') {
    const [start, end] = [run.hostOffsetBytes, run.hostOffsetBytes + lengthBytes];
    yield { path: run.path, stretch: { start, end, offsetBytes, lengthBytes, isStream: false } };
  }
  if (run.kind !== 'compressed') return;
  for (const part of run.stream) {
    for (const { path, stretch } of stretchesOf(part)) {
      yield { path, stretch: { ...stretch, offsetBytes, lengthBytes, isStream: true } };
    }
  }
}

function sorted(stretches: Stretch[]): FileStretches {
  stretches.sort((a, b) => a.start - b.start);
  let last = 0;
  const ends = stretches.map(({ end }) => {
    last = Math.max(last, end);
    return last;
  });
  return { stretches, ends };
}

function rangesOf(
  { stretches, ends }: FileStretches,
  from: number,
  length: number,
): readonly ByteRange[] {
  const to = from + length;
  const ranges: ByteRange[] = [];
  for (let i = lastAtMost(from, ends.length, (index) => ends[index]) + 1; ; i++) {
    const stretch = stretches[i];
    if (stretch === undefined || stretch.start >= to) break;
    const { start, end, offsetBytes, lengthBytes, isStream } = stretch;
    const [first, last] = [Math.max(start, from), Math.min(end, to)];
    if (first >= last) continue;
    if (isStream) ranges.push({ offsetBytes, lengthBytes });
    else ranges.push({ offsetBytes: offsetBytes + (first - start), lengthBytes: last - first });
  }
  return ranges.sort((a, b) => a.offsetBytes - b.offsetBytes);
}
