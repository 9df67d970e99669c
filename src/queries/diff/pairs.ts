// Which filesystem of the new state is which of the old one.
import type { FilesystemNode } from '../../stack/node.js';

/** null: only one state has it. */
export interface NodePair {
  readonly old: FilesystemNode | null;
  readonly other: FilesystemNode | null;
}

type IsPair = (old: FilesystemNode, other: FilesystemNode) => boolean;

/** By what is most certain first. A device whose filesystem was made anew has other files, compared by their paths. */
const RULES: readonly IsPair[] = [
  (old, other) => old.device === other.device && isRelated(old, other),
  isRelated,
  (old, other) => old.device === other.device,
];

/** In the order of the new state; what only the old one has comes last. */
export function pairsOf(
  olds: readonly FilesystemNode[],
  others: readonly FilesystemNode[],
): readonly NodePair[] {
  const found = new Map<FilesystemNode, FilesystemNode>();
  const left = new Set(olds);
  for (const isPair of RULES) {
    for (const other of others) {
      if (found.has(other)) continue;
      const old = [...left].find((one) => isPair(one, other));
      if (old === undefined) continue;
      found.set(other, old);
      left.delete(old);
    }
  }
  return [
    ...others.map((other) => ({ old: found.get(other) ?? null, other })),
    ...[...left].map((old) => ({ old, other: null })),
  ];
}

/** Whether both are states of one filesystem. */
export function isRelated(old: FilesystemNode, other: FilesystemNode): boolean {
  const [a, b] = [old.filesystem, other.filesystem];
  return a.type === b.type && a.uuid === b.uuid;
}
