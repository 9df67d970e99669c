// The nodes of a guest's storage -> a tree from each of its disks down, with the layers of its image and the room that nobody
// has. What lies on several things (a volume group on two disks) is drawn whole under the first, and named under the others.

import { hostNumbers, type Layer, layersOf } from '../../container/container.js';
import { KIB, MIB } from '../../limits.js';
import { childrenOf, type StackNode } from '../../stack/node.js';
import { NO_LABEL, theLabel } from '../../validation/guest.js';
import type { VolumeFigures } from '../../volume/volume.js';
import { shownPath } from '../disks.js';
import { problemOf } from '../problem.js';
import type { FilesystemRecord } from '../report.js';
import { type SubvolumeNames, subvolumeName } from '../subvolumes.js';
import { lvsPercent } from '../use-percent.js';
import type { TreeNode } from './record.js';

/** What was read of a filesystem. */
export interface Contents {
  readonly record: FilesystemRecord;
  readonly subvolumes: SubvolumeNames | null;
}

/** Less is alignment: partitions begin at whole MiB. */
const MIN_FREE_BYTES = MIB;

/** What a table has at the beginning and at the end of its disk, generously. */
const TABLE_BYTES = 64 * KIB;

interface Building {
  readonly children: ReadonlyMap<StackNode, readonly StackNode[]>;
  readonly contents: ReadonlyMap<StackNode, Contents>;
  readonly figures: ReadonlyMap<StackNode, VolumeFigures>;
  /** Nodes that were drawn. */
  readonly drawn: Set<StackNode>;
}

/** A node told before the search for its log ended, and the same node with its log, are one. */
export function buildTree(
  nodes: readonly StackNode[],
  contents: ReadonlyMap<StackNode, Contents>,
  figures: ReadonlyMap<StackNode, VolumeFigures>,
): readonly TreeNode[] {
  const replaced = new Set(nodes.flatMap((node) => ('before' in node ? [node.before] : [])));
  const last = nodes.filter((node) => node.kind !== 'filesystem' || !replaced.has(node));
  const known = { children: childrenOf(last), contents, figures };
  const building = { ...known, drawn: new Set<StackNode>() };
  return last.filter(({ kind }) => kind === 'disk').map((disk) => draw(disk, building));
}

function draw(node: StackNode, building: Building): TreeNode {
  const { children, contents, figures, drawn } = building;
  const own = { ...ownFields(node, contents.get(node)), ...figuresOf(node, figures.get(node)) };
  if (drawn.has(node)) return { ...own, isRepeated: true, children: [] };
  drawn.add(node);
  const below = (children.get(node) ?? []).map((child) => draw(child, building));
  const layers = node.kind === 'disk' && node.layer !== null ? [layerNode(node.layer)] : [];
  return { ...own, children: [...layers, ...withRoom(node, below, building)] };
}

function ownFields(node: StackNode, contents: Contents | undefined): TreeNode {
  const { device, kind, source, identity, problem } = node;
  const sizeBytes = source?.isOpenEnded ? null : node.sizeBytes;
  const own = {
    name: device,
    kind,
    type: identity?.type ?? null,
    sizeBytes,
    offsetBytes: offsetOf(node),
    usedBytes: contents?.record.usedBytes ?? null,
    ...theLabel(identity ?? NO_LABEL),
    uuid: identity?.uuid ?? null,
    version: identity?.version ?? null,
    ...NO_FIGURES,
    problem: contents?.record.problem ?? (problem === null ? null : problemOf(problem)),
    isRepeated: false,
    children: [],
  };
  switch (node.kind) {
    case 'disk':
      return { ...own, type: node.layer?.format ?? null };
    case 'partition': {
      const { nativeName, partition } = node;
      const { typeCode, uuid } = partition;
      const native = nativeName === null ? {} : { nativeName };
      return { ...own, type: own.type ?? typeCode, ...theLabel(partition), uuid, ...native };
    }
    case 'volume':
      return { ...own, uuid: node.uuid };
    case 'filesystem':
      return { ...own, sizeBytes: contents?.record.sizeBytes ?? sizeBytes };
    case 'group': {
      const { freeBytes } = node;
      return freeBytes === undefined ? own : { ...own, usedBytes: node.sizeBytes - freeBytes };
    }
    default:
      return own;
  }
}

/** Of what has no store of its own. */
export const NO_FIGURES = {
  dataPercent: null,
  metadataPercent: null,
  snapPercent: null,
  mappedBytes: null,
  exclusiveBytes: null,
} as const;

/** How full its own store is. */
function figuresOf(node: StackNode, figures: VolumeFigures | undefined): Partial<TreeNode> {
  const { sizeBytes } = node;
  if (node.kind === 'group' && node.metadataPercent !== undefined) {
    const { metadataPercent, freeBytes = 0 } = node;
    const dataPercent = percentOf(sizeBytes - freeBytes, sizeBytes);
    return { dataPercent, metadataPercent: lvsPercent(metadataPercent) };
  }
  if (figures === undefined) return {};
  const { snapPercent, mappedBytes = null, exclusiveBytes = null } = figures;
  return {
    dataPercent: mappedBytes === null ? null : percentOf(mappedBytes, sizeBytes),
    snapPercent: snapPercent === undefined ? null : lvsPercent(snapPercent),
    mappedBytes,
    exclusiveBytes,
  };
}

function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : lvsPercent((part / whole) * 100);
}

function offsetOf(node: StackNode): number | null {
  switch (node.kind) {
    case 'partition':
      return node.partition.endBytes === 0 ? null : node.partition.endBytes - node.sizeBytes;
    case 'rest':
      return node.offsetBytes;
    case 'volume':
    case 'clear':
    case 'group':
    case 'disk':
      return null;
    default:
      return 0;
  }
}

/** The image and those behind it, each in the one that names it. */
function layerNode(active: Layer): TreeNode {
  let node: TreeNode | null = null;
  for (const layer of [...layersOf(active)].reverse()) {
    node = {
      ...NOTHING,
      name: shownPath(layer.path),
      kind: 'layer',
      type: layer.format,
      sizeBytes: layer.capacityBytes,
      usedBytes: hostNumbers(layer).allocationBytes,
      problem: layer.problem === null ? null : problemOf(layer.problem),
      children: node === null ? [] : [node],
    };
  }
  if (node === null) throw new Error('a chain has no layer');
  return node;
}

const NOTHING = {
  ...NO_FIGURES,
  type: null,
  sizeBytes: null,
  offsetBytes: null,
  usedBytes: null,
  label: null,
  uuid: null,
  version: null,
  problem: null,
  isRepeated: false,
  children: [],
} as const;

function free(sizeBytes: number, offsetBytes: number | null): TreeNode {
  return { ...NOTHING, name: 'free', kind: 'free', sizeBytes, offsetBytes };
}

/** What lies on a node, with the room between. */
function withRoom(
  node: StackNode,
  below: readonly TreeNode[],
  { contents, children }: Building,
): readonly TreeNode[] {
  const isOpenEnded = node.source?.isOpenEnded === true;
  if (node.kind === 'table') return withGaps(below, isOpenEnded ? 0 : node.sizeBytes);
  if (node.kind === 'group') {
    const { freeBytes = 0 } = node;
    return freeBytes < MIN_FREE_BYTES ? below : [...below, free(freeBytes, null)];
  }
  if (node.kind === 'filesystem') {
    const names = contents.get(node)?.subvolumes?.paths ?? [];
    return [...below, ...names.map((path) => subvolume(node.device, path))];
  }
  const filesystems = (children.get(node) ?? []).filter(({ kind }) => kind === 'filesystem');
  const [only] = filesystems;
  const record = only === undefined ? undefined : contents.get(only)?.record;
  const end = filesystems.length === 1 && below.length === 1 ? (record?.endBytes ?? null) : null;
  if (end === null || isOpenEnded || node.sizeBytes - end < MIN_FREE_BYTES) return below;
  return [...below, free(node.sizeBytes - end, end)];
}

function subvolume(device: string, path: string): TreeNode {
  return { ...NOTHING, name: subvolumeName(device, path), kind: 'subvolume', type: 'subvolume' };
}

/** Partitions in the order of their places, with the room before, between and behind them. */
function withGaps(below: readonly TreeNode[], diskBytes: number): readonly TreeNode[] {
  const isPlaced = ({ kind, offsetBytes }: TreeNode) =>
    kind === 'partition' && offsetBytes !== null;
  const placed = below.filter(isPlaced).sort((a, b) => (a.offsetBytes ?? 0) - (b.offsetBytes ?? 0));
  const found: TreeNode[] = [];
  let at = TABLE_BYTES;
  for (const node of placed) {
    const start = node.offsetBytes ?? 0;
    // Before each logical partition the extended boot record has up to a MiB.
    if (start - at > MIN_FREE_BYTES) found.push(free(start - at, at));
    found.push(node);
    // An extended partition frames the logical ones that follow it: the room in it is between those.
    at = Math.max(at, start + (node.type === 'extended' ? 0 : (node.sizeBytes ?? 0)));
  }
  const end = diskBytes - TABLE_BYTES;
  if (end - at >= MIN_FREE_BYTES) found.push(free(end - at, at));
  return [...found, ...below.filter((node) => !isPlaced(node))];
}
