// Which leaves two states of a filesystem do not share, of a format that never writes over a node in use. Both states' trees are gone down
// level by level, and a node that both have is left out with all below it.
//
// A node of one name is the same in both where its bytes are: they lie where no state wrote. A node is known too that lies in a cluster
// which was written to beside it. A node whose bytes are the same, of transaction T, was written before the states parted, and
// so were all of T and before; what was written then and both states still refer to, neither could write over. Two
// clones of one image that both went on to transaction T + 1 may have two nodes of one name, and these are read.
// References: Linux 6.18 fs/btrfs/send.c: btrfs_compare_trees; ctree.c: should_cow_block.
import type { RecordNode, RecordTree } from '../../filesystem/files.js';
import type { Memory } from '../files/columns.js';
import type { RangeSet } from './range-set.js';

/** Memory of a node, with its pointer. */
const NODE_BYTES = 600;

interface Nodes {
  readonly old: readonly RecordNode[];
  readonly other: readonly RecordNode[];
}

/** @throws SourceError OVER_BUDGET, and what the readers throw. */
export async function differingLeaves(
  olds: readonly RecordTree[],
  others: readonly RecordTree[],
  changed: readonly RangeSet[],
  memory: Memory,
): Promise<Nodes> {
  const tops = { old: olds.map(({ top }) => top), other: others.map(({ top }) => top) };
  const levels = [...tops.old, ...tops.other].map((node) => node.level);
  let nodes: Nodes = { old: [], other: [] };
  let lastCommon = -1n;
  for (let level = Math.max(0, ...levels); level >= 0; level--) {
    const isTop = (node: RecordNode) => node.level === level;
    const all = {
      old: await below(nodes.old, tops.old.filter(isTop), memory),
      other: await below(nodes.other, tops.other.filter(isTop), memory),
    };
    drop(nodes, memory);
    [nodes, lastCommon] = withoutCommon(all, changed, lastCommon);
    drop(all, memory);
    memory.take(NODE_BYTES * (nodes.old.length + nodes.other.length));
  }
  return nodes;
}

/** The nodes below some, behind the tops of the trees that have only so many levels. */
async function below(
  nodes: readonly RecordNode[],
  tops: readonly RecordNode[],
  memory: Memory,
): Promise<readonly RecordNode[]> {
  const found = [...tops];
  memory.take(NODE_BYTES * tops.length);
  for (const node of nodes) {
    const children = await node.below();
    memory.take(NODE_BYTES * children.length);
    for (const one of children) found.push(one);
  }
  return found;
}

function drop({ old, other }: Nodes, memory: Memory): void {
  memory.drop(NODE_BYTES * (old.length + other.length));
}

/** @param lastCommon the last transaction that is known to be of both states. */
function withoutCommon(
  { old, other }: Nodes,
  changed: readonly RangeSet[],
  lastCommon: bigint,
): readonly [Nodes, bigint] {
  const byName = new Map(old.map((node) => [node.name, node]));
  let last = lastCommon;
  const common = other.flatMap((node) => {
    const { name, transaction } = node;
    const same = byName.get(name);
    if (same === undefined) return [];
    const isSure = isUntouched(same, node, changed);
    if (isSure && transaction > last) last = transaction;
    return [{ name, transaction, isSure }];
  });
  const left = new Set<string>();
  for (const { name, transaction, isSure } of common) {
    if (isSure || transaction <= last) left.add(name);
  }
  const rest = (nodes: readonly RecordNode[]) => nodes.filter(({ name }) => !left.has(name));
  return [{ old: rest(old), other: rest(other) }, last];
}

/** Whether no copy of a node has a byte that may differ, and all lie at the same places. */
function isUntouched(old: RecordNode, other: RecordNode, changed: readonly RangeSet[]): boolean {
  const [places, others] = [old.at(), other.at()];
  if (places.length === 0 || places.length !== others.length) return false;
  return places.every(({ volumeIndex, offsetBytes, lengthBytes }, index) => {
    const place = others[index];
    const isSame = place?.volumeIndex === volumeIndex && place.offsetBytes === offsetBytes;
    return isSame && changed[volumeIndex]?.meets(offsetBytes, lengthBytes) === false;
  });
}
