// Which files and directories of a tree are listed, and in which order. What is not listed, and is on no path of those, is
// not kept.
import { bytes, floats, integers, type Memory, naturals } from './columns.js';
import { DIRECTORY, type Gathered, KINDS } from './gather.js';
import type { DuOptions } from './options.js';
import type { Listing } from './record.js';
import { type FileTree, nameRange } from './tree.js';

const FILE = KINDS.indexOf('file');
/** Columns of a listing have so many bytes for each node. */
const NODE_BYTES = 3 * 4 + 2 + 2 * 8 + 4 + 5 * 8;

/** @param kept for the listing itself, which stays when the rest is forgotten. */
export function select(
  gathered: Gathered,
  tree: FileTree,
  top: string,
  options: DuOptions,
  { memory, kept }: { readonly memory: Memory; readonly kept: Memory },
): Listing {
  const end = tree.ends[0] ?? 0;
  const isListed = listed(gathered, tree, end, options);
  // By node: where it lies in the listing, counted from 1.
  memory.take(2 * 4 * end);
  const places = integers(end);
  for (let node = end - 1; node >= 0; node--) {
    if (isListed[node] !== 1 && places[node] !== 1) continue;
    places[node] = 1;
    const parent = tree.parents[node] ?? -1;
    if (parent !== -1) places[parent] = 1;
  }
  if (end > 0) places[0] = 1;
  let [count, nameBytes] = [0, 0];
  for (let node = 0; node < end; node++) {
    if (places[node] === 0) continue;
    count += 1;
    places[node] = count;
    nameBytes += lengthOf(gathered, tree, node);
  }
  const listing = copied(gathered, tree, places, { count, nameBytes, top, kept, options });
  const order = integers(end);
  let listedCount = 0;
  for (let node = 0; node < end; node++) {
    if (isListed[node] !== 1) continue;
    order[listedCount] = (places[node] ?? 0) - 1;
    listedCount += 1;
  }
  return { ...listing, order: sorted(listing, order.slice(0, listedCount), options) };
}

function lengthOf({ entries }: Gathered, tree: FileTree, node: number): number {
  const entry = tree.entries[node] ?? -1;
  if (entry === -1) return 0;
  const [start, end] = nameRange(entries, entry);
  return end - start;
}

function listed({ files }: Gathered, tree: FileTree, end: number, options: DuOptions): Uint8Array {
  const { depth, hasFiles, olderThanSeconds, largerBytes, isApparent } = options;
  const isOfFiles = olderThanSeconds !== null || largerBytes !== null;
  const isListed = bytes(end);
  for (let node = 0; node < end; node++) {
    const file = tree.files[node] ?? 0;
    const kind = files.kinds[file] ?? 0;
    if (depth !== null && (tree.depths[node] ?? 0) > depth) continue;
    if (isOfFiles) {
      if (kind !== FILE) continue;
      const size = (isApparent ? files.sizes[file] : files.allocated[file]) ?? 0;
      if (largerBytes !== null && size < largerBytes) continue;
      const modified = files.modified[file] ?? Number.NaN;
      if (olderThanSeconds !== null && !(modified < olderThanSeconds)) continue;
    } else if (!hasFiles && kind !== DIRECTORY && node !== 0) continue;
    isListed[node] = 1;
  }
  return isListed;
}

interface Copying {
  readonly count: number;
  readonly nameBytes: number;
  readonly top: string;
  readonly kept: Memory;
  readonly options: DuOptions;
}

function copied(
  { files, entries }: Gathered,
  tree: FileTree,
  places: Int32Array,
  { count, nameBytes, top, kept, options }: Copying,
): Omit<Listing, 'order'> {
  kept.take(count * NODE_BYTES + nameBytes);
  const hasTimes = options.olderThanSeconds !== null;
  const listing = {
    count,
    top,
    parents: integers(count),
    depths: integers(count),
    nameEnds: naturals(count),
    names: bytes(nameBytes),
    kinds: bytes(count),
    isRepeated: bytes(count),
    trees: floats(count),
    inodes: floats(count),
    links: naturals(count),
    sizes: floats(count),
    allocated: floats(count),
    totalSizes: floats(count),
    totalAllocated: floats(count),
    modified: floats(hasTimes ? count : 0),
  };
  let nameEnd = 0;
  for (const [node, place] of places.entries()) {
    if (place === 0) continue;
    const at = place - 1;
    const file = tree.files[node] ?? 0;
    const entry = tree.entries[node] ?? -1;
    const parent = tree.parents[node] ?? -1;
    if (entry !== -1) {
      const [start, end] = nameRange(entries, entry);
      listing.names.set(entries.names.subarray(start, end), nameEnd);
      nameEnd += end - start;
    }
    listing.nameEnds[at] = nameEnd;
    listing.parents[at] = parent === -1 ? -1 : (places[parent] ?? 0) - 1;
    listing.depths[at] = tree.depths[node] ?? 0;
    listing.kinds[at] = files.kinds[file] ?? 0;
    listing.isRepeated[at] = tree.isRepeated[node] ?? 0;
    listing.trees[at] = files.trees[file] ?? 0;
    listing.inodes[at] = files.numbers[file] ?? 0;
    listing.links[at] = files.links[file] ?? 0;
    listing.sizes[at] = files.sizes[file] ?? 0;
    listing.allocated[at] = files.allocated[file] ?? 0;
    listing.totalSizes[at] = tree.sizes[node] ?? 0;
    listing.totalAllocated[at] = tree.allocated[node] ?? 0;
    if (hasTimes) listing.modified[at] = files.modified[file] ?? Number.NaN;
  }
  return listing;
}

/** By size: those of one directory among each other, or with --top all, the largest alone. */
function sorted(
  listing: Omit<Listing, 'order'>,
  order: Int32Array,
  { sort, top, isApparent, olderThanSeconds, largerBytes }: DuOptions,
): Int32Array {
  const sizes = isApparent ? listing.totalSizes : listing.totalAllocated;
  const bySize = (a: number, b: number) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b;
  if (top !== null) {
    const largest = order.slice().sort(bySize).slice(0, top);
    return sort === 'name' ? largest.sort() : largest;
  }
  if (sort === 'name') return order;
  const isFlat = olderThanSeconds !== null || largerBytes !== null;
  return isFlat ? order.sort(bySize) : siblingsBySize(listing, order, bySize);
}

/** The tree again, from the top down: of each directory the largest first. */
function siblingsBySize(
  { parents, count }: Omit<Listing, 'order'>,
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
