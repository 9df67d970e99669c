// The order in which the rows of a listing are told: by name, as they are kept, or the largest first.
import { bytes, integers } from '../files/columns.js';
import { type DuOptions, isOfFiles } from './options.js';
import type { Listing } from './record.js';

/** By size: those of one directory among each other, or with --top all, the largest alone. */
export function inOrder(
  listing: Pick<Listing, 'parents' | 'count' | 'totalSizes' | 'totalAllocated'>,
  order: Int32Array,
  options: DuOptions,
): Int32Array {
  const { sort, top, isApparent } = options;
  const sizes = isApparent ? listing.totalSizes : listing.totalAllocated;
  const bySize = (a: number, b: number) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b;
  if (top !== null) {
    const largest = order.slice().sort(bySize).slice(0, top);
    return sort === 'name' ? largest.sort() : largest;
  }
  if (sort === 'name') return order;
  return isOfFiles(options) ? order.sort(bySize) : siblingsBySize(listing, order, bySize);
}

/** The tree again, from the top down: of each directory the largest first. */
function siblingsBySize(
  { parents, count }: Pick<Listing, 'parents' | 'count' | 'totalSizes' | 'totalAllocated'>,
  order: Int32Array,
  bySize: (a: number, b: number) => number,
): Int32Array {
  const isListed = bytes(count);
  for (const node of order) isListed[node] = 1;
  // A node's children, linked: the last one first.
  const [firsts, nexts] = [integers(count).fill(-1), integers(count).fill(-1)];
  const nodes = integers(count).map((_, node) => node);
  // The smallest is put in front first.
  for (const node of nodes.sort(bySize).reverse()) {
    const parent = parents[node] ?? -1;
    if (parent === -1) continue;
    nexts[node] = firsts[parent] ?? -1;
    firsts[parent] = node;
  }
  const result = integers(order.length);
  let at = 0;
  let node = count > 0 ? 0 : -1;
  while (node !== -1) {
    if (isListed[node] === 1) {
      result[at] = node;
      at += 1;
    }
    let next = firsts[node] ?? -1;
    for (; next === -1 && node !== -1; node = parents[node] ?? -1) next = nexts[node] ?? -1;
    node = next;
  }
  return result;
}
