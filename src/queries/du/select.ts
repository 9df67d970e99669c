// The listing of a tree: what has a row, and what is on the paths of those. Where that is most of the tree, it stays as it is;
// else it is copied, and the rest forgotten.
import { bytes, floats, integers, type Memory, naturals } from '../files/columns.js';
import { type Entries, nameRange } from '../files/names.js';
import type { Gathered } from './gather.js';
import { listed } from './listed.js';
import type { DuOptions } from './options.js';
import { inOrder } from './order.js';
import type { Listing } from './record.js';
import type { FileTree } from './tree.js';

/** All but the order of the rows. */
type Nodes = Omit<Listing, 'order' | 'top'>;

/** Of one node: what it takes in a listing, but for its name. */
const NODE_BYTES = 4 * 4 + 2 + 4 + 7 * 8;

interface Selected {
  readonly listing: Listing;
  /** Rows that are left out because their paths are too long. */
  readonly cutCount: number;
}

/** @param kept for the listing itself, which stays when the rest is forgotten. */
export function select(
  gathered: Gathered,
  tree: FileTree,
  top: string,
  options: DuOptions,
  { memory, kept }: { readonly memory: Memory; readonly kept: Memory },
): Selected {
  const end = tree.ends[0] ?? 0;
  const { isListed, cutCount } = listed(gathered, tree, end, options, memory);
  memory.take(2 * 4 * end);
  const places = integers(end);
  const count = number(tree, isListed, places);
  const isWhole = count * 2 > gathered.files.count;
  const order = integers(end);
  let listedCount = 0;
  for (let node = 0; node < end; node++) {
    if (isListed[node] !== 1) continue;
    order[listedCount] = isWhole ? node : (places[node] ?? 0) - 1;
    listedCount += 1;
  }
  const nodes = isWhole ? whole(gathered, tree, end) : copied(gathered, tree, places, count);
  kept.take(nodes.count * NODE_BYTES + nodes.names.length);
  const rows = inOrder(nodes, order.slice(0, listedCount), options);
  return { listing: { ...nodes, top, order: rows }, cutCount };
}

/** Gives each node that is kept its place, counted from 1; 0: it is not. @returns how many are. */
function number(tree: FileTree, isListed: Uint8Array, places: Int32Array): number {
  const end = places.length;
  if (end > 0) places[0] = 1;
  for (let node = end - 1; node > 0; node--) {
    if (isListed[node] === 1) places[node] = 1;
    if (places[node] === 1) places[tree.parents[node] ?? 0] = 1;
  }
  let count = 0;
  for (let node = 0; node < end; node++) {
    if (places[node] === 0) continue;
    count += 1;
    places[node] = count;
  }
  return count;
}

function whole({ files, entries }: Gathered, tree: FileTree, count: number): Nodes {
  const { trees, numbers, kinds, links, sizes, allocated, modified } = files;
  const upTo = <A extends { subarray(from: number, to: number): A }>(column: A) =>
    column.subarray(0, count);
  return {
    count,
    files: { trees, numbers, kinds, links, sizes, allocated, modified },
    fileOf: upTo(tree.files),
    entryOf: upTo(tree.entries),
    nameEnds: entries.nameEnds.subarray(0, entries.count),
    names: entries.names.subarray(0, entries.nameEnds[entries.count - 1] ?? 0),
    parents: upTo(tree.parents),
    depths: upTo(tree.depths),
    isRepeated: upTo(tree.isRepeated),
    totalSizes: upTo(tree.sizes),
    totalAllocated: upTo(tree.allocated),
    totalShared: upTo(tree.shared),
  };
}

function copied(gathered: Gathered, tree: FileTree, places: Int32Array, count: number): Nodes {
  const { files, entries } = gathered;
  const nodes = emptyNodes(count, nameBytesOf(entries, tree, places), {
    hasTimes: files.modified.length > 0,
    isShared: tree.shared.length > 0,
  });
  let nameEnd = 0;
  for (const [node, place] of places.entries()) {
    if (place === 0) continue;
    const at = place - 1;
    const file = tree.files[node] ?? 0;
    const entry = tree.entries[node] ?? -1;
    const parent = tree.parents[node] ?? -1;
    if (entry !== -1) {
      const [start, end] = nameRange(entries, entry);
      nodes.names.set(entries.names.subarray(start, end), nameEnd);
      nameEnd += end - start;
    }
    nodes.nameEnds[at] = nameEnd;
    nodes.fileOf[at] = at;
    nodes.entryOf[at] = entry === -1 ? -1 : at;
    nodes.parents[at] = parent === -1 ? -1 : (places[parent] ?? 0) - 1;
    nodes.depths[at] = tree.depths[node] ?? 0;
    nodes.isRepeated[at] = tree.isRepeated[node] ?? 0;
    nodes.totalSizes[at] = tree.sizes[node] ?? 0;
    nodes.totalAllocated[at] = tree.allocated[node] ?? 0;
    if (nodes.totalShared.length > 0) nodes.totalShared[at] = tree.shared[node] ?? 0;
    const own = nodes.files;
    own.trees[at] = files.trees[file] ?? 0;
    own.numbers[at] = files.numbers[file] ?? 0;
    own.kinds[at] = files.kinds[file] ?? 0;
    own.links[at] = files.links[file] ?? 0;
    own.sizes[at] = files.sizes[file] ?? 0;
    own.allocated[at] = files.allocated[file] ?? 0;
    if (own.modified.length > 0) own.modified[at] = files.modified[file] ?? Number.NaN;
  }
  return nodes;
}

function nameBytesOf(entries: Entries, tree: FileTree, places: Int32Array): number {
  let sum = 0;
  for (const [node, place] of places.entries()) {
    const entry = tree.entries[node] ?? -1;
    if (place === 0 || entry === -1) continue;
    const [start, end] = nameRange(entries, entry);
    sum += end - start;
  }
  return sum;
}

function emptyNodes(
  count: number,
  nameBytes: number,
  { hasTimes, isShared }: { readonly hasTimes: boolean; readonly isShared: boolean },
): Nodes {
  return {
    count,
    files: {
      trees: floats(count),
      numbers: floats(count),
      kinds: bytes(count),
      links: naturals(count),
      sizes: floats(count),
      allocated: floats(count),
      modified: floats(hasTimes ? count : 0),
    },
    fileOf: integers(count),
    entryOf: integers(count),
    nameEnds: naturals(count),
    names: bytes(nameBytes),
    parents: integers(count),
    depths: integers(count),
    isRepeated: bytes(count),
    totalSizes: floats(count),
    totalAllocated: floats(count),
    totalShared: floats(isShared ? count : 0),
  };
}
