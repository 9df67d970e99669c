// Which devices lie in the ranges that are asked about, and where in them: from a disk, or from one device, up to those on
// which filesystems lie. Two devices may have the same range (a thin volume and its snapshot): both are told.
import type { ByteRange, ByteSource } from '../../bytes/source.js';
import type { DeviceNode, PartitionNode, StackNode } from '../../stack/node.js';
import { isFrame } from '../../volume/volume.js';
import { placesIn } from '../places.js';
import { problemOf } from '../problem.js';
import { merged, type Ranges, within, withoutSet } from './ranges.js';

/** A range of a device; where it lies in what was asked about. */
export interface DevicePiece extends ByteRange {
  readonly rootOffsetBytes: number;
}

/** A range that was asked for, as the caller counts (a file of the host, a disk) and as the root does. */
export interface AskedPiece extends ByteRange {
  readonly rootOffsetBytes: number;
  /** Of a compressed stream of the host's: how many bytes of the root are in it. Default: as many as it has itself. */
  readonly rootLengthBytes?: number;
}

export interface Survey {
  readonly root: DeviceNode;
  readonly asked: readonly AskedPiece[];
  readonly wanted: Ranges;
  /** Of each device, ascending by its own bytes; none of it is empty. */
  readonly pieces: Map<DeviceNode, readonly DevicePiece[]>;
  /** By the device: what fills it. */
  readonly contents: Map<StackNode, StackNode>;
  /** Encrypted devices that have one of their own in clear. */
  readonly opened: Set<StackNode>;
  /** What is asked about, and what lies on it, also where nobody knows in which bytes. */
  readonly above: Set<StackNode>;
  /** By the device: why not all that lies on it can be told. */
  readonly reasons: Map<DeviceNode, string>;
}

export function surveyOf(root: DeviceNode, asked: readonly AskedPiece[]): Survey {
  const wanted = merged(asked.map(askedInRoot));
  const own = wanted.map((range) => ({ ...range, rootOffsetBytes: range.offsetBytes }));
  const nothing = {
    contents: new Map(),
    opened: new Set<StackNode>(),
    above: new Set<StackNode>([root]),
    reasons: new Map(),
  };
  return { root, asked, wanted, pieces: new Map([[root, own]]), ...nothing };
}

export function askedInRoot(piece: AskedPiece): ByteRange {
  const { rootOffsetBytes, lengthBytes, rootLengthBytes = lengthBytes } = piece;
  return { offsetBytes: rootOffsetBytes, lengthBytes: rootLengthBytes };
}

export function isDevice(node: StackNode): node is DeviceNode {
  return ['disk', 'partition', 'volume', 'clear', 'rest'].includes(node.kind);
}

/** Takes in a node; those that it lies on came before. */
export async function survey(found: Survey, node: StackNode, check: () => void): Promise<void> {
  const { root, pieces, contents, opened } = found;
  addAbove(found, node);
  if (!isDevice(node)) {
    for (const parent of node.parents) contents.set(parent, node);
    return;
  }
  if (node.kind === 'clear' && node.source !== null) {
    for (const device of below(node)) opened.add(device);
  }
  if (node === root || node.kind === 'disk' || node.source === null) return;
  const isAbove = below(node).some((device) => pieces.has(device));
  if (!isAbove || root.source === null) return;
  const own = await piecesOf(node.source, root.source, found.wanted, check);
  if (own.length === 0) return;
  pieces.set(node, own);
  found.above.add(node);
}

/** A volume without its bytes may lie anywhere on its devices; a partition that has none is no matter of the others. */
function addAbove({ pieces, above, reasons }: Survey, node: StackNode): void {
  const isUnplaced = node.source === null && node.kind !== 'partition';
  if (isDevice(node) && !isUnplaced) return;
  if (!node.parents.some((parent) => above.has(parent))) return;
  above.add(node);
  if (node.problem === null) return;
  const reason = problemOf(node.problem).message;
  for (const device of below(node)) {
    if (pieces.has(device) && !reasons.has(device)) reasons.set(device, reason);
  }
}

async function piecesOf(
  source: ByteSource,
  root: ByteSource,
  wanted: Ranges,
  check: () => void,
): Promise<readonly DevicePiece[]> {
  const own: DevicePiece[] = [];
  for await (const { offsetBytes, targetOffsetBytes, lengthBytes } of placesIn(
    source,
    root,
    check,
  )) {
    for (const part of within(wanted, { offsetBytes: targetOffsetBytes, lengthBytes })) {
      own.push({
        offsetBytes: offsetBytes + (part.offsetBytes - targetOffsetBytes),
        lengthBytes: part.lengthBytes,
        rootOffsetBytes: part.offsetBytes,
      });
    }
  }
  return own.sort((a, b) => a.offsetBytes - b.offsetBytes);
}

/** The devices that a node lies on: those of a partition's table, of a volume group's or a filesystem's members. */
export function below(node: StackNode): readonly DeviceNode[] {
  const found = new Set<DeviceNode>();
  const nodes: StackNode[] = [...node.parents];
  for (let next = nodes.pop(); next !== undefined; next = nodes.pop()) {
    if (isDevice(next)) found.add(next);
    else nodes.push(...next.parents);
  }
  return [...found];
}

/** What of each device no other device has that lies on it. */
export function uncovered({ pieces }: Survey): ReadonlyMap<DeviceNode, readonly DevicePiece[]> {
  const covering = new Map<DeviceNode, ByteRange[]>();
  const cover = (device: DeviceNode, own: readonly DevicePiece[]) => {
    const others = covering.get(device) ?? [];
    covering.set(device, others);
    for (const piece of own) others.push(inRoot(piece));
  };
  const extended = [...pieces.keys()].filter(isExtended);
  for (const [device, own] of pieces) {
    for (const parent of below(device)) cover(parent, own);
    // The logical partitions of a disk are entries of its table, and lie in one of its partitions.
    if (device.kind !== 'partition' || isFrame(device.partition)) continue;
    for (const frame of extended) if (frame.parents[0] === device.parents[0]) cover(frame, own);
  }
  return new Map(
    [...pieces].map(([device, own]) => {
      const taken = merged(covering.get(device) ?? []);
      return [device, own.flatMap((piece) => cut(piece, taken))];
    }),
  );
}

/** @param taken in what was asked about. */
function cut(piece: DevicePiece, taken: Ranges): readonly DevicePiece[] {
  return withoutSet([inRoot(piece)], taken).map(({ offsetBytes, lengthBytes }) => ({
    offsetBytes: piece.offsetBytes + (offsetBytes - piece.rootOffsetBytes),
    lengthBytes,
    rootOffsetBytes: offsetBytes,
  }));
}

export function isExtended(node: StackNode): node is PartitionNode {
  return node.kind === 'partition' && isFrame(node.partition);
}

function inRoot({ rootOffsetBytes, lengthBytes }: DevicePiece): ByteRange {
  return { offsetBytes: rootOffsetBytes, lengthBytes };
}
