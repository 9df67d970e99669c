// Sources one behind the other: the extents of a split image, the parts of a raw one.
import { FormatError } from '../errors.js';
import { aheadByRuns } from './ahead-by-runs.js';
import { checkedRange, checkedRead } from './range.js';
import { lastAtMost } from './search.js';
import { type ByteSource, dataRuns, MAX_RUNS, type SourceRun } from './source.js';

/** A source of the parts one behind the other, each of them whole. */
export function concat(parts: readonly ByteSource[]): ByteSource {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const starts: number[] = [];
  let sizeBytes = 0;
  for (const part of parts) {
    starts.push(sizeBytes);
    sizeBytes += part.sizeBytes;
  }
  if (!Number.isSafeInteger(sizeBytes)) {
    throw new FormatError('LIMIT', `${parts.length} parts have ${sizeBytes} bytes together`);
  }
  const runs = async (offset: number, length: number) => runsOf(parts, starts, offset, length);
  return {
    sizeBytes,
    ...aheadByRuns(parts, sizeBytes, runs),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const first = lastAtMost(offset, starts.length, (i) => starts[i]);
      const start = offset - (starts[first] ?? 0);
      const part = parts[first];
      if (part !== undefined && start + length <= part.sizeBytes) return part.read(start, length);
      const bytes = new Uint8Array(length);
      let filled = 0;
      for (let i = first; filled < length; i++) {
        const next = parts[i];
        if (next === undefined) break;
        const from = offset + filled - (starts[i] ?? 0);
        const count = Math.min(length - filled, next.sizeBytes - from);
        bytes.set(await next.read(from, count), filled);
        filled += count;
      }
      return bytes;
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      return runs(offset, length);
    },
  };
}

function runsOf(
  parts: readonly ByteSource[],
  starts: readonly number[],
  offset: number,
  length: number,
): readonly SourceRun[] {
  const runs: SourceRun[] = [];
  const first = lastAtMost(offset, starts.length, (i) => starts[i]);
  for (let [i, at] = [first, offset]; at < offset + length && runs.length < MAX_RUNS; i++) {
    const part = parts[i];
    if (part === undefined) break;
    const from = at - (starts[i] ?? 0);
    const count = Math.min(offset + length - at, part.sizeBytes - from);
    runs.push(...dataRuns(part, at, count, from));
    at += count;
  }
  return runs;
}

/** The bytes of a read that several pieces serve. A read that one piece serves, as most do, is not copied. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
}
