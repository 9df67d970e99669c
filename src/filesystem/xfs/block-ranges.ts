// Ranges of blocks of one group beside each other: the part of a file's blocks that a list has, and the rest.
import { lastAtMost } from '../../bytes/search.js';
import type { GroupBlocks } from './shared-blocks.js';

interface Part<T> extends GroupBlocks {
  readonly isInside: boolean;
  /** The range of the list that it is a part of; null outside of the list. */
  readonly of: T | null;
}

/** Ascending, and those that touch or overlap as one. */
export function joined(ranges: readonly GroupBlocks[]): readonly GroupBlocks[] {
  const all: { block: number; count: number }[] = [];
  for (const { block, count } of ranges.toSorted((a, b) => a.block - b.block)) {
    const last = all.at(-1);
    if (count === 0) continue;
    if (last === undefined || last.block + last.count < block) all.push({ block, count });
    else last.count = Math.max(last.count, block + count - last.block);
  }
  return all;
}

/**
 * The parts of a range by whether they are in a list, in order.
 * @param list ascending and disjoint, as `joined` gives it.
 */
export function partsOf<T extends GroupBlocks>(
  { block, count }: GroupBlocks,
  list: readonly T[],
): readonly Part<T>[] {
  const end = block + count;
  const parts: Part<T>[] = [];
  let at = block;
  const add = (to: number, of: T | null) => {
    if (to > at) parts.push({ block: at, count: to - at, isInside: of !== null, of });
    at = Math.max(at, to);
  };
  const first = Math.max(
    0,
    lastAtMost(block, list.length, (i) => list[i]?.block),
  );
  for (let i = first; i < list.length && at < end; i++) {
    const one = list[i];
    if (one === undefined || one.block >= end) break;
    add(Math.min(end, Math.max(at, one.block)), null);
    add(Math.min(end, one.block + one.count), one);
  }
  add(end, null);
  return parts;
}

/** The blocks of one list that are also, or are not, in another one. */
export function select(
  ranges: readonly GroupBlocks[],
  list: readonly GroupBlocks[],
  isInside: boolean,
): readonly GroupBlocks[] {
  return joined(ranges).flatMap((range) =>
    partsOf(range, list).filter((part) => part.isInside === isInside),
  );
}
