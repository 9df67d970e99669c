// Ranges that are gathered in any order, one over another or not, and what they cover together. Millions of them take 16 bytes
// each, since starts and ends are columns; and each column is sorted by itself, since for what is covered it does not matter
// which end belongs to which start.
import { FormatError } from '../errors.js';
import { MAX_GATHERED_RANGES } from '../limits.js';
import type { ByteRange } from './source.js';

const FIRST_LENGTH = 256;

/** Ranges that are ascending, and neither meet nor touch each other. */
export interface Cover {
  readonly count: number;
  /** As long as `count` or longer. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

export const NOTHING: Cover = { count: 0, starts: new Float64Array(0), ends: new Float64Array(0) };

export interface RangeList {
  /** @throws FormatError LIMIT */
  add(startBytes: number, endBytes: number): void;
  cover(): Cover;
}

export function rangeList(): RangeList {
  let starts = new Float64Array(FIRST_LENGTH);
  let ends = new Float64Array(FIRST_LENGTH);
  let count = 0;
  const settle = (): Cover => {
    count = joined(starts.subarray(0, count), ends.subarray(0, count));
    return { count, starts, ends };
  };
  const grow = (): void => {
    // What was told again and again takes its room once.
    settle();
    if (count < starts.length / 2) return;
    if (starts.length >= MAX_GATHERED_RANGES) throw tooMany();
    starts = longer(starts);
    ends = longer(ends);
  };
  return {
    add(start, end) {
      if (end <= start) return;
      // Most are told in the order of the disk.
      if (count > 0 && ends[count - 1] === start) {
        ends[count - 1] = end;
        return;
      }
      if (count === starts.length) grow();
      starts[count] = start;
      ends[count] = end;
      count++;
    },
    cover: settle,
  };
}

function tooMany(): FormatError {
  const message = `the files lie in more than ${MAX_GATHERED_RANGES} pieces`;
  return new FormatError('LIMIT', message, { data: { limit: MAX_GATHERED_RANGES } });
}

function longer(column: Float64Array): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(2 * column.length);
  copy.set(column);
  return copy;
}

/** Sorts both, and puts together what meets or touches. @returns how many are left. */
function joined(starts: Float64Array, ends: Float64Array): number {
  starts.sort();
  ends.sort();
  let [count, depth, next] = [0, 0, 0];
  let start = 0;
  for (let i = 0; i < ends.length; i++) {
    const end = ends[i] ?? 0;
    // A range that begins where another one ends goes on with it.
    for (; next < starts.length && (starts[next] ?? 0) <= end; next++, depth++) {
      if (depth === 0) start = starts[next] ?? 0;
    }
    depth--;
    if (depth > 0) continue;
    starts[count] = start;
    ends[count] = end;
    count++;
  }
  return count;
}

export function coverFrom(ranges: Iterable<ByteRange>): Cover {
  const list = rangeList();
  for (const { offsetBytes, lengthBytes } of ranges) {
    list.add(offsetBytes, offsetBytes + lengthBytes);
  }
  return list.cover();
}

/** What a list covers by the time that this is asked. */
export function rangesIn(list: RangeList): Generator<ByteRange, void, undefined> {
  return rangesOfCover(list.cover());
}

export function* rangesOfCover({
  count,
  starts,
  ends,
}: Cover): Generator<ByteRange, void, undefined> {
  for (let i = 0; i < count; i++) {
    const offsetBytes = starts[i] ?? 0;
    yield { offsetBytes, lengthBytes: (ends[i] ?? 0) - offsetBytes };
  }
}

/** What only the first one covers. */
export function* without(these: Cover, others: Cover): Generator<ByteRange, void, undefined> {
  let other = 0;
  for (let i = 0; i < these.count; i++) {
    let at = these.starts[i] ?? 0;
    const end = these.ends[i] ?? 0;
    while (other < others.count && (others.ends[other] ?? 0) <= at) other++;
    for (let over = other; over < others.count && (others.starts[over] ?? 0) < end; over++) {
      const start = others.starts[over] ?? 0;
      if (start > at) yield { offsetBytes: at, lengthBytes: start - at };
      at = Math.max(at, others.ends[over] ?? 0);
    }
    if (at < end) yield { offsetBytes: at, lengthBytes: end - at };
  }
}

/** What any of them covers. */
export function together(...covers: readonly Cover[]): Cover {
  const all = rangeList();
  for (const { count, starts, ends } of covers) {
    for (let i = 0; i < count; i++) all.add(starts[i] ?? 0, ends[i] ?? 0);
  }
  return all.cover();
}

export function coverOf(startBytes: number, endBytes: number): Cover {
  const all = rangeList();
  all.add(startBytes, endBytes);
  return all.cover();
}
