// The files as the tree that paths lead through: each directory's names in their order, each file counted where the path
// that sorts first leads to it. Everything is iterated, since a guest may nest directories as deeply as it likes.
import { bytes, floats, integers, type Memory } from '../files/columns.js';
import type { Entries } from '../files/names.js';
import { DIRECTORY, type Gathered, NO_RECORD } from './gather.js';

/** Most names differ within so many bytes. */
const NEAR_BYTES = 24;

/** Nodes of the trees, each after the directory that it lies in. */
export interface FileTree {
  count: number;
  /** For each top, the node behind its last one. */
  readonly ends: number[];
  /** Places of files, of the names that lead to them (-1: a top), and nodes of their directories (-1). */
  readonly files: Int32Array;
  readonly entries: Int32Array;
  readonly parents: Int32Array;
  /** 0: the top. */
  readonly depths: Int32Array;
  /** 1: another path, which sorts before this one, leads to the file as well, and has its bytes. */
  readonly isRepeated: Uint8Array;
  /** Of the node and all below it, each file once. */
  readonly allocated: Float64Array;
  readonly sizes: Float64Array;
  /** What of `allocated` others have too; empty where nothing is shared. */
  readonly shared: Float64Array;
}

/** What was seen on the way. */
export interface Arranging {
  /** By the place of a file: 1 if a path leads to it. */
  readonly isReached: Uint8Array;
  /** Names that lead to no file. */
  danglingCount: number;
  /** Names that lead to a directory which another path leads to. */
  loopCount: number;
}

/** Names by the directory that they are in. */
export interface Children {
  /** By the place of a directory: where its names begin in `order`. */
  readonly starts: Int32Array;
  /** Entries, of each directory in the order of their bytes. */
  readonly order: Int32Array;
}

export function arranging({ files }: Gathered, memory: Memory): Arranging {
  memory.take(files.count);
  return { isReached: bytes(files.count), danglingCount: 0, loopCount: 0 };
}

export function childrenOf({ files, entries }: Gathered, memory: Memory): Children {
  memory.take(4 * (files.count + 1 + entries.count));
  const starts = new Int32Array(files.count + 1);
  const order = new Int32Array(entries.count);
  for (let entry = 0; entry < entries.count; entry++) {
    const parent = entries.parents[entry] ?? 0;
    starts[parent + 1] = (starts[parent + 1] ?? 0) + 1;
  }
  for (let place = 0; place < files.count; place++) {
    starts[place + 1] = (starts[place + 1] ?? 0) + (starts[place] ?? 0);
  }
  const next = starts.slice();
  for (let entry = 0; entry < entries.count; entry++) {
    const parent = entries.parents[entry] ?? 0;
    const at = next[parent] ?? 0;
    order[at] = entry;
    next[parent] = at + 1;
  }
  const byName = (a: number, b: number) => compareNames(entries, a, b);
  for (let place = 0; place < files.count; place++) {
    const [start, end] = [starts[place] ?? 0, starts[place + 1] ?? 0];
    if (end - start > 1) order.subarray(start, end).sort(byName);
  }
  return { starts, order };
}

function compareNames(entries: Entries, a: number, b: number): number {
  const { names, nameEnds } = entries;
  let i = a === 0 ? 0 : (nameEnds[a - 1] ?? 0);
  let j = b === 0 ? 0 : (nameEnds[b - 1] ?? 0);
  const [endA, endB] = [nameEnds[a] ?? 0, nameEnds[b] ?? 0];
  const near = Math.min(endA, i + NEAR_BYTES);
  for (; i < near && j < endB; i++, j++) {
    const difference = (names[i] ?? 0) - (names[j] ?? 0);
    if (difference !== 0) return difference;
  }
  // A guest may give a million names the same begin.
  return Buffer.compare(names.subarray(i, endA), names.subarray(j, endB)) || a - b;
}

/**
 * @param tops places of directories; what is reached from one is repeated in the others.
 * @param isOneTree what lies in other subvolumes than its top is left out.
 */
export function arrange(
  gathered: Gathered,
  children: Children,
  tops: readonly number[],
  seen: Arranging,
  { memory, isOneTree }: { readonly memory: Memory; readonly isOneTree: boolean },
): FileTree {
  const { files, entries } = gathered;
  const tree = emptyTree(entries.count + tops.length, files.shared.length > 0, memory);
  // The directories on the way down, and which of their names comes next.
  const nodes: number[] = [];
  const next: number[] = [];
  const visit = (file: number, entry: number, parent: number): void => {
    const node = addNode(tree, gathered, seen, file, entry, parent);
    if (files.kinds[file] !== DIRECTORY) return;
    if (tree.isRepeated[node] === 1) {
      seen.loopCount += 1;
      return;
    }
    nodes.push(node);
    next.push(children.starts[file] ?? 0);
  };
  for (const top of tops) {
    if (isGone(gathered, top)) seen.danglingCount += 1;
    else visit(top, -1, -1);
    while (nodes.length > 0) {
      const last = nodes.length - 1;
      const node = nodes[last] ?? 0;
      const at = next[last] ?? 0;
      if (at === children.starts[(tree.files[node] ?? 0) + 1]) {
        nodes.pop();
        next.pop();
        continue;
      }
      next[last] = at + 1;
      const entry = children.order[at] ?? 0;
      const file = entries.children[entry] ?? 0;
      const isForeign = isOneTree && files.trees[file] !== files.trees[top];
      if (isGone(gathered, file)) seen.danglingCount += 1;
      else if (!isForeign && files.isSystem[file] !== 1) visit(file, entry, node);
    }
    tree.ends.push(tree.count);
  }
  addUp(tree);
  return tree;
}

function emptyTree(length: number, isShared: boolean, memory: Memory): FileTree {
  const tree = {
    count: 0,
    ends: [],
    files: integers(length),
    entries: integers(length),
    parents: integers(length),
    depths: integers(length),
    isRepeated: bytes(length),
    allocated: floats(length),
    sizes: floats(length),
    shared: floats(isShared ? length : 0),
  };
  memory.take(length * (4 * 4 + 1 + (isShared ? 3 : 2) * 8));
  return tree;
}

/** A name leads to it, and no file is there, or one that was deleted. */
function isGone({ files }: Gathered, file: number): boolean {
  return files.kinds[file] === NO_RECORD || files.links[file] === 0;
}

function addNode(
  tree: FileTree,
  { files }: Gathered,
  { isReached }: Arranging,
  file: number,
  entry: number,
  parent: number,
): number {
  const node = tree.count;
  tree.count += 1;
  tree.files[node] = file;
  tree.entries[node] = entry;
  tree.parents[node] = parent;
  tree.depths[node] = parent === -1 ? 0 : (tree.depths[parent] ?? 0) + 1;
  if (isReached[file] === 1) tree.isRepeated[node] = 1;
  else {
    isReached[file] = 1;
    tree.allocated[node] = files.allocated[file] ?? 0;
    tree.sizes[node] = files.sizes[file] ?? 0;
    if (tree.shared.length > 0) tree.shared[node] = files.shared[file] ?? 0;
  }
  return node;
}

/** A directory stands before what is in it: backwards, all below a node is summed up when it is come to. */
function addUp({ count, parents, allocated, sizes, shared }: FileTree): void {
  for (let node = count - 1; node > 0; node--) {
    const parent = parents[node] ?? -1;
    if (parent === -1) continue;
    allocated[parent] = (allocated[parent] ?? 0) + (allocated[node] ?? 0);
    sizes[parent] = (sizes[parent] ?? 0) + (sizes[node] ?? 0);
    if (shared.length > 0) shared[parent] = (shared[parent] ?? 0) + (shared[node] ?? 0);
  }
}
