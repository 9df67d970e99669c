// Ranges of blocks of one group beside each other: the part of a file's blocks that a list has, and the rest.
import { lastAtMost } from '../../bytes/search.js';
import type { GroupBlocks } from './shared-blocks.js';

interface Part extends GroupBlocks {
  readonly isInside: boolean;
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
export function partsOf(
  { block, count }: GroupBlocks,
  list: readonly GroupBlocks[],
): readonly Part[] {
  const end = block + count;
  const parts: Part[] = [];
  let at = block;
  const add = (to: number, isInside: boolean) => {
    if (to > at) parts.push({ block: at, count: to - at, isInside });
    at = Math.max(at, to);
  };
  const first = Math.max(
    0,
    lastAtMost(block, list.length, (i) => list[i]?.block),
  );
  for (let i = first; i < list.length && at < end; i++) {
    const one = list[i];
    if (one === undefined || one.block >= end) break;
    add(Math.min(end, Math.max(at, one.block)), false);
    add(Math.min(end, one.block + one.count), true);
  }
  add(end, false);
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
