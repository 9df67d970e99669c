// All files of a filesystem and all names in its directories, in one pass in the order of the disk: a few numbers of each
// in columns. tree.ts makes paths of them.
import { FormatError } from '../../errors.js';
import type { FileKind, FileNode, FileReader, FileWalk } from '../../filesystem/files.js';
import { bytes, floats, growColumns, grown, type Memory, naturals } from '../files/columns.js';
import { type IdTable, idTable } from '../files/id-table.js';
import { addEntry, type Entries, noEntries } from '../files/names.js';
import { differencesOf } from './differences.js';
import type { DuOther } from './record.js';

/** The kinds of files as numbers; 0: a name leads to it, and it has no record. */
export const KINDS: readonly (FileKind | null)[] = [null, 'file', 'directory', 'symlink', 'device'];
export const DIRECTORY = KINDS.indexOf('directory');
export const NO_RECORD = 0;

const COLUMNS = ['trees', 'numbers', 'kinds', 'links', 'allocated', 'sizes', 'isSystem'] as const;

/** Files by their place. */
interface Files {
  count: number;
  trees: Float64Array;
  numbers: Float64Array;
  kinds: Uint8Array;
  /** st_nlink. */
  links: Uint32Array;
  /** st_blocks in bytes, and st_size. */
  allocated: Float64Array;
  sizes: Float64Array;
  /** st_mtime in seconds, NaN where there is none; empty if nobody asks. */
  modified: Float64Array;
  /** What of `allocated` others have too; as long as the last one that shares anything, NaN where that is not known. */
  shared: Float64Array;
  /** 1: one that the filesystem keeps for itself. */
  isSystem: Uint8Array;
}

/** Files that are counted by their pieces, since df counts them otherwise than st_blocks does. */
interface Apart {
  readonly kind: 'system' | 'deleted';
  readonly name: string;
  fileCount: number;
  /** By how df counts them. */
  usedBytes: number;
  overheadBytes: number;
  freeBytes: number;
}

export interface Gathered {
  readonly files: Files;
  readonly entries: Entries;
  /** The places of the reader's roots. */
  readonly roots: readonly number[];
  readonly apart: readonly Apart[];
  /** Why df counts the files otherwise than they themselves; null: nobody looked for it on the way. */
  readonly differences: readonly DuOther[] | null;
}

interface GatherOptions extends FileWalk {
  readonly memory: Memory;
  /** Whether anybody asks when files were modified. */
  readonly hasTimes: boolean;
  /** Whether anybody adds up all files, so that it is df's number. */
  readonly isWhole: boolean;
  /** Told of each page: how many files it had. */
  onFiles(count: number): void;
}

/** @throws SourceError OVER_BUDGET, and what the reader throws. */
export async function gather(reader: FileReader, options: GatherOptions): Promise<Gathered> {
  const { memory, hasTimes, onFiles } = options;
  const files: Files = {
    count: 0,
    trees: floats(0),
    numbers: floats(0),
    kinds: bytes(0),
    links: naturals(0),
    allocated: floats(0),
    sizes: floats(0),
    modified: floats(0),
    shared: floats(0),
    isSystem: bytes(0),
  };
  const entries = noEntries();
  const ids = idTable(memory);
  const apart = new Map<string, Apart>();
  const differing =
    options.isWhole && reader.hasPiecesBeside ? differencesOf(reader, memory, options) : null;
  for await (const nodes of reader.files()) {
    for (const node of nodes) {
      const place = placeOf(files, ids, node.id.tree, node.id.number, options);
      files.kinds[place] = KINDS.indexOf(node.kind);
      files.links[place] = node.linkCount;
      files.allocated[place] = node.allocatedBytes;
      files.sizes[place] = node.sizeBytes;
      if (hasTimes) files.modified[place] = modifiedSeconds(node, options);
      if (differing !== null) {
        addShared(files, place, node, await differing.add(node), memory);
      } else if (node.sharedBytes !== undefined && isCounted(node)) {
        addShared(files, place, node, await node.sharedBytes(), memory);
      }
      if (node.system !== null) files.isSystem[place] = 1;
      if (node.system !== null || node.linkCount === 0) await addApart(apart, node);
      if (node.kind === 'directory') await addEntries(files, entries, ids, place, node, options);
    }
    onFiles(nodes.length);
  }
  const roots = reader.roots.map(({ tree, number }) => placeOf(files, ids, tree, number, options));
  const differences = differing?.rows() ?? null;
  return { files, entries, roots, apart: [...apart.values()], differences };
}

function placeOf(
  files: Files,
  ids: IdTable,
  tree: number,
  number: number,
  { memory, hasTimes }: GatherOptions,
): number {
  const place = ids.placeOf(tree, number);
  if (place < files.count) return place;
  if (place >= files.trees.length) {
    growColumns(files, hasTimes ? [...COLUMNS, 'modified'] : COLUMNS, place, memory);
  }
  files.trees[place] = tree;
  files.numbers[place] = number;
  files.count = place + 1;
  return place;
}

/** By st_blocks; others are counted by their pieces. */
function isCounted({ system, linkCount }: FileNode): boolean {
  return system === null && linkCount > 0;
}

/** Mostly nothing is shared, and there is no column. */
function addShared(
  files: Files,
  place: number,
  node: FileNode,
  shared: number | null,
  memory: Memory,
): void {
  if (shared === 0 || !isCounted(node)) return;
  if (place >= files.shared.length) files.shared = grown(files.shared, place + 1, memory);
  files.shared[place] = shared ?? Number.NaN;
}

/** NaN: nobody knows. */
function modifiedSeconds(node: FileNode, { onDoubt }: GatherOptions): number {
  try {
    const { modifiedNs } = node.stat();
    return modifiedNs === null ? Number.NaN : Number(modifiedNs) / 1e9;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    onDoubt({ id: node.id, error });
    return Number.NaN;
  }
}

async function addEntries(
  files: Files,
  entries: Entries,
  ids: IdTable,
  parent: number,
  node: FileNode,
  options: GatherOptions,
): Promise<void> {
  for await (const page of node.entries()) {
    for (const { name, id } of page) {
      const child = placeOf(files, ids, id.tree, id.number, options);
      addEntry(entries, { parent, child, name }, options.memory);
    }
  }
}

async function addApart(apart: Map<string, Apart>, node: FileNode): Promise<void> {
  const kind = node.system === null ? 'deleted' : 'system';
  const name = node.system ?? 'deleted, and still open';
  const key = `${kind} ${name}`;
  const sum = apart.get(key) ?? {
    kind,
    name,
    fileCount: 0,
    usedBytes: 0,
    overheadBytes: 0,
    freeBytes: 0,
  };
  apart.set(key, sum);
  sum.fileCount += 1;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      const copies = extent.copies ?? [];
      const length = [extent.at, ...copies].reduce((sum, at) => sum + at.lengthBytes, 0);
      sum[`${extent.countedAs}Bytes`] += length;
    }
  }
}
