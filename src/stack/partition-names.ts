// What the partitions of a disk are called: Linux counts on with those of the tables within partitions (a BSD's label) where
// the disk's own table ends, in the order in which those lie in it.
// References: Linux block/partitions/msdos.c (msdos_partition: the second pass, state->next).
import type { PartitionTable } from '../volume/volume.js';
import type { DeviceNode } from './node.js';

/** DISK_MAX_PARTS of the kernel, which counts the disk as one. */
const MAX_NUMBER = 255;
const FIRST_LOGICAL = 5;

export interface PartitionNames {
  /** The device that the names begin with: `/dev/sda`. */
  readonly device: string;
  /** The disk's number among those of the guest, counted from 0. */
  readonly diskIndex: number;
  /** The number of the next one that is found within a partition. */
  next: number;
}

export function namesOf(device: DeviceNode, { partitions }: PartitionTable): PartitionNames {
  const last = partitions.reduce((most, { number }) => Math.max(most, number), FIRST_LOGICAL - 1);
  return { device: device.device, diskIndex: diskIndexOf(device), next: last + 1 };
}

function diskIndexOf(device: DeviceNode): number {
  let node: DeviceNode = device;
  while (node.kind === 'partition') {
    const [table] = node.parents;
    const [on] = table?.parents ?? [];
    if (on === undefined || !('isDisk' in on)) return 0;
    node = on;
  }
  return node.kind === 'disk' ? node.index : 0;
}

/** The table with the numbers that Linux gives its partitions; those for which it has none are left out. */
export function numberedOn(table: PartitionTable, names: PartitionNames): PartitionTable {
  const free = Math.max(0, MAX_NUMBER + 1 - names.next);
  const partitions = table.partitions
    .slice(0, free)
    .map((partition) => ({ ...partition, number: names.next++ }));
  return { ...table, partitions };
}
