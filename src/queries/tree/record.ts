// The records of `virt-df tree`: what a guest's storage is made of, each thing within the one that it lies on.
import type { GuestHeader, Problem, ProblemRecord } from '../report.js';

/**
 * `layer`: an image of a disk's chain. `free`: room that nothing has: between partitions, in a volume group, behind a
 * filesystem. `subvolume`: of a btrfs. The others are the nodes of src/stack/node.ts.
 */
export type TreeKind =
  | 'disk'
  | 'layer'
  | 'table'
  | 'partition'
  | 'free'
  | 'member'
  | 'group'
  | 'volume'
  | 'encrypted'
  | 'clear'
  | 'rest'
  | 'filesystem'
  | 'subvolume'
  | 'swap'
  | 'other'
  | 'empty'
  | 'unknown';

export interface TreeNode {
  /** The device, `/dev/sda1`; of a layer its path, of room `free`. */
  readonly name: string;
  readonly kind: TreeKind;
  /** blkid's word for content, the image's format of a disk or layer, the type that its table gives a partition. */
  readonly type: string | null;
  readonly sizeBytes: number | null;
  /** Where it begins on its parent; null where it lies in several places, or nothing says. */
  readonly offsetBytes: number | null;
  /** Of a filesystem: f_blocks - f_bfree. Of a layer: what the host stores. Of a group: what its volumes have. */
  readonly usedBytes: number | null;
  readonly label: string | null;
  readonly labelBytes?: Uint8Array;
  readonly uuid: string | null;
  readonly version: string | null;
  /** Of a thin pool and of its volumes: how much of it is taken, as lvs has it. */
  readonly dataPercent: number | null;
  /** Of a thin pool: how much of the room for its trees is taken. */
  readonly metadataPercent: number | null;
  /** Of a snapshot of the older kind: how much of the store of its changes is taken. */
  readonly snapPercent: number | null;
  /** Of a thin volume: what some block of its pool holds. */
  readonly mappedBytes: number | null;
  /** What of that no other volume of the pool has; null where it was not asked for. */
  readonly exclusiveBytes: number | null;
  /** What the system calls a partition whose table it is of: `da0s1a`; left out where none tells. */
  readonly nativeName?: string;
  readonly problem: Problem | null;
  /** It lies on several things, and was told with all that is in it under the first of them. */
  readonly isRepeated: boolean;
  readonly children: readonly TreeNode[];
}

export interface TreeAnswer {
  /** The disks. */
  readonly nodes: readonly TreeNode[];
  /** Problems of nodes, doubts about them, and why the rest is missing. */
  readonly problems: readonly ProblemRecord[];
}

export type TreeReport = GuestHeader & TreeAnswer;
