// Which nodes of a tree have rows: by their depth, their kind, their size and age, and the length of their paths.
import { MAX_DU_LISTED_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../limits.js';
import { bytes, integers, type Memory } from '../files/columns.js';
import { nameLength } from '../files/names.js';
import { DIRECTORY, type Gathered, KINDS } from './gather.js';
import { type DuOptions, isOfFiles } from './options.js';
import type { FileTree } from './tree.js';

const FILE = KINDS.indexOf('file');

/** Whether a node has a row, by the node. */
interface Listed {
  readonly isListed: Uint8Array;
  /** Rows that are left out because their paths are too long. */
  readonly cutCount: number;
}

export function listed(
  { files, entries }: Gathered,
  tree: FileTree,
  end: number,
  options: DuOptions,
  memory: Memory,
): Listed {
  const { depth, hasFiles } = options;
  memory.take(5 * end);
  const isListed = bytes(end);
  const pathLengths = integers(end);
  const isWanted = isOfFiles(options)
    ? (file: number) => isMatching(files, file, options)
    : (file: number) => hasFiles || files.kinds[file] === DIRECTORY;
  let [cutCount, pathBytes] = [0, 0];
  for (let node = 0; node < end; node++) {
    const ownDepth = tree.depths[node] ?? 0;
    const entry = tree.entries[node] ?? -1;
    const parentLength = node === 0 ? 0 : (pathLengths[tree.parents[node] ?? 0] ?? 0);
    const length = parentLength + 1 + (entry === -1 ? 0 : nameLength(entries, entry));
    // Not more than a sum may be: a guest may nest directories for ever.
    pathLengths[node] = Math.min(length, MAX_PATH_BYTES + 1);
    if (depth !== null && ownDepth > depth) continue;
    if (node > 0 && !isWanted(tree.files[node] ?? 0)) continue;
    if (isOfFiles(options) && tree.isRepeated[node] === 1) continue; // Its bytes are the first path's.
    if (node === 0 && isOfFiles(options) && !isWanted(tree.files[0] ?? 0)) continue;
    pathBytes += length;
    const isTooLong = length > MAX_PATH_BYTES || pathBytes > MAX_DU_LISTED_BYTES;
    if (ownDepth > MAX_PATH_DEPTH || isTooLong) cutCount += 1;
    else isListed[node] = 1;
  }
  return { isListed, cutCount };
}

function isMatching(files: Gathered['files'], file: number, options: DuOptions): boolean {
  const { olderThanSeconds, largerBytes, isApparent } = options;
  if (files.kinds[file] !== FILE) return false;
  const size = (isApparent ? files.sizes[file] : files.allocated[file]) ?? 0;
  if (largerBytes !== null && size < largerBytes) return false;
  // A file of which nobody knows how old it is is not among them: a comparison with NaN is false.
  return olderThanSeconds === null || (files.modified[file] ?? Number.NaN) < olderThanSeconds;
}
