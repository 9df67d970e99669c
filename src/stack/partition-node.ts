// The node of a partition, and what it is where nothing is looked for in it.
import { isAnyProblem, orNull } from '../bytes/sound.js';
import { VirtDfError } from '../errors.js';
import { theLabel } from '../validation/guest.js';
import type { Partition, PartitionTable } from '../volume/volume.js';
import { partitionDevice } from './device-name.js';
import { type DeviceNode, type PartitionNode, sourceOrProblem, type TableNode } from './node.js';
import type { PartitionNames } from './partition-names.js';

/**
 * The table with which a partition begins; null if there is none, or it cannot be read: then its content says why. Where it names no
 * part of the partition (a BSD's `a` is all of its slice), the content is the partition's own.
 */
export async function innerTable({ inner, source }: Partition): Promise<PartitionTable | null> {
  if (inner === undefined || source instanceof VirtDfError) return null;
  const table = await orNull(() => inner(source), isAnyProblem);
  return table === null || table.partitions.length === 0 ? null : table;
}

/** A frame of others has nothing to look for in it: errors in its bounds are doubts. */
export function partitionNode(
  partition: Partition,
  on: DeviceNode,
  table: TableNode,
  names: PartitionNames,
): PartitionNode {
  const { role, sizeBytes } = partition;
  const device = partitionDevice(names.device, partition.number);
  const { source, problem } = sourceOrProblem(partition.source);
  const common = { device, disk: on.disk, parents: [table], isDisk: false, source, sizeBytes };
  const nativeName = partition.nativeName?.(names.diskIndex) ?? null;
  const node = { ...common, kind: 'partition' as const, partition, nativeName, identity: null };
  if (role === 'data' || role === 'reserved') return { ...node, problem, doubts: [] };
  return withoutContent({ ...node, problem, doubts: [] }, role);
}

/** The partition as its type code tells it. An error in its bounds is a doubt then, since it costs nobody a filesystem. */
export function withoutContent(
  node: PartitionNode,
  type: Exclude<Partition['role'], 'data'>,
): PartitionNode {
  const { device, problem, partition } = node;
  const doubts = problem === null ? [] : [{ device, error: problem }];
  return {
    ...node,
    identity: { type, ...theLabel(partition), uuid: partition.uuid },
    problem: null,
    doubts,
  };
}
