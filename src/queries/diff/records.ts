// Which records of two states are looked at: only those that may differ, where the format tells by their places or by the nodes
// of their trees.
import type {
  FileNode,
  FileReader,
  RecordNode,
  RecordTree,
  VolumeRange,
} from '../../filesystem/files.js';
import type { Memory } from '../files/columns.js';
import type { Pair, Records } from './differing.js';
import { differingLeaves } from './record-trees.js';

/** @param hasSnapshots also those that only one state has. @throws SourceError OVER_BUDGET, and what the readers throw. */
export async function recordsOf(
  pair: Pair,
  hasSnapshots: boolean,
  memory: Memory,
): Promise<Records> {
  const { old, other, changed } = pair;
  const none = { old: [], other: [] };
  if (old.recordTrees !== undefined && other.recordTrees !== undefined) {
    const [olds, others] = [await old.recordTrees(), await other.recordTrees()];
    const apart = { old: lone(olds, others), other: lone(others, olds) };
    const snapshots = hasSnapshots ? none : apart;
    const [from, to] = [without(olds, snapshots.old), without(others, snapshots.other)];
    const leaves = await differingLeaves(from, to, changed, memory);
    const pages = (nodes: readonly RecordNode[]) => () => filesOf(nodes);
    return { old: pages(leaves.old), other: pages(leaves.other), snapshots };
  }
  const pages = (reader: FileReader) => () => reader.filesIn?.(isWanted) ?? reader.files();
  const isWanted = ({ volumeIndex, offsetBytes, lengthBytes }: VolumeRange) =>
    changed[volumeIndex]?.meets(offsetBytes, lengthBytes) ?? true;
  const isByPlace = old.filesIn !== undefined && other.filesIn !== undefined;
  if (isByPlace) return { old: pages(old), other: pages(other), snapshots: none };
  return { old: () => old.files(), other: () => other.files(), snapshots: none };
}

function lone(trees: readonly RecordTree[], others: readonly RecordTree[]): readonly RecordTree[] {
  const known = new Set(others.map(({ root }) => root.tree));
  const isLone = ({ isSnapshot, root }: RecordTree) => isSnapshot && !known.has(root.tree);
  // What both have may have been moved into it, or out of it: its names tell.
  const needed = new Set(trees.filter((tree) => !isLone(tree)).map(({ above }) => above));
  return trees.filter((tree) => isLone(tree) && !needed.has(tree.root.tree));
}

function without(trees: readonly RecordTree[], left: readonly RecordTree[]): RecordTree[] {
  return trees.filter((tree) => !left.includes(tree));
}

async function* filesOf(leaves: readonly RecordNode[]): AsyncGenerator<readonly FileNode[]> {
  for (const leaf of leaves) yield await leaf.files();
}
