// The differences of two states by the paths of files, directory by directory: of formats whose files have no identity but
// where their entry lies (FAT), and of filesystems that were made apart.
import type { FileKind, FileNode, FileReader } from '../../filesystem/files.js';
import { MAX_PATH_BYTES } from '../../limits.js';
import type { Memory } from '../files/columns.js';
import { changedBytes } from './content.js';
import type { DifferingFile, Pair } from './differing.js';
import { movesOf, type Place, type Places } from './moves.js';
import { type Link, linksOf } from './names.js';
import type { Found } from './rows.js';
import { differingFields, type FileKey, type Ignored, keyOf, stateOf } from './state.js';

interface Comparison {
  readonly pair: Pair;
  readonly memory: Memory;
  readonly ignored: Ignored;
  /** Two states of one filesystem: a file is known again by where its content begins. */
  readonly isRelated: boolean;
  readonly hasContent: boolean;
  onFiles(count: number): void;
}

interface Finding {
  readonly differing: Map<FileKey, DifferingFile>;
  readonly removed: Places;
  readonly added: Places;
  readonly kept: Map<string, Place>;
  readonly renaming: Set<FileKey>;
}

/** @throws SourceError OVER_BUDGET, and what the readers throw. */
export async function foundByPath(comparison: Comparison): Promise<Found> {
  const { old, other } = comparison.pair;
  const found: Finding = {
    differing: new Map(),
    removed: new Map(),
    added: new Map(),
    kept: new Map(),
    renaming: new Set(),
  };
  const [from, to] = [await rootOf(old), await rootOf(other)];
  if (from !== null && to !== null) await compareTrees(comparison, found, from, to);
  const moves = movesOf(found.removed, found.added);
  for (const { old: was, other: is } of moves.renamed.values()) {
    const state = found.differing.get(was.key)?.old ?? null;
    found.differing.set(is.key, { old: state, other: found.differing.get(is.key)?.other ?? null });
  }
  return { ...found, moves, belowCounts: new Map() };
}

async function rootOf(reader: FileReader): Promise<FileNode | null> {
  const [root] = reader.roots;
  return root === undefined ? null : reader.file(root);
}

interface Level {
  readonly old: FileNode;
  readonly other: FileNode;
  readonly path: string;
}

async function compareTrees(
  comparison: Comparison,
  found: Finding,
  old: FileNode,
  other: FileNode,
): Promise<void> {
  const entered = new Set([keyOf(other.id)]);
  const stack: Level[] = [{ old, other, path: '' }];
  await compare(comparison, found, { old, other, path: '' });
  for (let level = stack.pop(); level !== undefined; level = stack.pop()) {
    for (const below of await compareNames(comparison, found, level)) {
      const key = keyOf(below.other.id);
      if (entered.has(key)) continue;
      entered.add(key);
      stack.push(below);
    }
  }
}

/** @returns directories that both have. */
async function compareNames(
  comparison: Comparison,
  found: Finding,
  { old, other, path }: Level,
): Promise<readonly Level[]> {
  const { pair, memory, onFiles } = comparison;
  const olds = await linksOf(pair.old, old.id, memory);
  const others = await linksOf(pair.other, other.id, memory);
  const levels: Level[] = [];
  for (const [name, link] of olds) {
    const below = `${path}/${name}`;
    const is = others.get(name);
    const [from, to] = [
      await pair.old.file(link.id),
      is === undefined ? null : await pair.other.file(is.id),
    ];
    if (from !== null && to !== null && from.kind === to.kind) {
      await compare(comparison, found, { old: from, other: to, path: below });
      if (to.kind === 'directory') levels.push({ old: from, other: to, path: below });
      continue;
    }
    found.renaming.add(path);
    await addTree(comparison, found, 'removed', link, below);
    if (is !== undefined) await addTree(comparison, found, 'added', is, below);
  }
  for (const [name, link] of others) {
    if (olds.has(name)) continue;
    found.renaming.add(path);
    await addTree(comparison, found, 'added', link, `${path}/${name}`);
  }
  onFiles(others.size);
  return levels;
}

async function compare(
  { pair, ignored, hasContent, memory }: Comparison,
  { differing, kept }: Finding,
  { old, other, path }: Level,
): Promise<void> {
  const states = { old: stateOf(old), other: stateOf(other) };
  const isOther =
    differingFields(states.old, states.other, ignored).length > 0 ||
    (hasContent && old.kind === 'file' && (await changedBytes(pair, old, other)) > 0);
  if (!isOther) return;
  memory.take(STATE_BYTES);
  differing.set(path, states);
  kept.set(path, { key: path, id: other.id, kind: other.kind, identity: null });
}

const STATE_BYTES = 1600;

/** A file that only one state has, and all below it. */
async function addTree(
  { pair, isRelated, memory }: Comparison,
  found: Finding,
  side: 'removed' | 'added',
  top: Link,
  path: string,
): Promise<void> {
  const reader = side === 'removed' ? pair.old : pair.other;
  const entered = new Set<FileKey>();
  const stack: (readonly [Link, string])[] = [[top, path]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [link, at] = next;
    const node = await reader.file(link.id);
    if (node === null || at.length > MAX_PATH_BYTES) continue;
    memory.take(STATE_BYTES);
    // A path may be in both, as another kind of file.
    const key = `${side} ${at}`;
    const state = stateOf(node);
    found.differing.set(
      key,
      side === 'removed' ? { old: state, other: null } : { old: null, other: state },
    );
    const identity = isRelated ? await beginOf(node) : null;
    found[side].set(at, { key, id: node.id, kind: node.kind, identity });
    if (node.kind !== 'directory' || entered.has(keyOf(node.id))) continue;
    entered.add(keyOf(node.id));
    for (const below of (await linksOf(reader, node.id, memory)).values()) {
      stack.push([below, `${at}/${below.name}`]);
    }
  }
}

/** Where the content begins; null where there is none. */
async function beginOf(node: FileNode): Promise<string | null> {
  const kind: FileKind = node.kind;
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'hole' || extent.kind === 'inline') continue;
      return `${kind} ${extent.at.volumeIndex} ${extent.at.offsetBytes}`;
    }
  }
  return null;
}
