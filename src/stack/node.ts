// The tree of one guest's storage as nodes. Devices (a disk, a partition, a logical volume) and their contents (a table, a
// member of a group, a filesystem) take turns:
//
//   disk /dev/sda - table gpt - partition /dev/sda1 - filesystem ext4
//                               partition /dev/sda2 - member LVM2 \
//   disk /dev/sdb - member LVM2 ---------------------------------- group /dev/vg - volume /dev/vg/root - filesystem xfs
//
// A node knows its parents, the nodes that it lies on; a volume group, a btrfs on two devices, and a filesystem with its
// log have several. It does not know its children: a guest may have thousands of volumes, and df needs none of them
// twice. A caller that draws the tree keeps the nodes and asks `childrenOf`.

import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import type { Layer } from '../container/container.js';
import { reasonOf, VirtDfError } from '../errors.js';
import type { FilesystemIdentity } from '../filesystem/fault.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { GuestDisk } from '../guests/guest.js';
import { theLabel } from '../validation/guest.js';
import type { AssembledVolume, MemberArea, Partition, PartitionTable } from '../volume/volume.js';

/** The type, label, UUID and version that a device's content states of itself. */
export type Identity = FilesystemIdentity;

/** A reason to distrust the numbers of a device that could be read: a journal with a damaged checksum, for example. */
export interface Doubt {
  readonly device: string;
  readonly error: VirtDfError;
}

interface AnyNode {
  /** The name of the device that it is, or that it fills, as libguestfs names it: `/dev/sda1`, `/dev/VG/LV`. */
  readonly device: string;
  /** The disk that it lies on; null if it lies on several. */
  readonly disk: string | null;
  readonly parents: readonly StackNode[];
  /** The node's bytes; null where `problem` says why they cannot be read, and for a join of several devices. */
  readonly source: ByteSource | null;
  readonly sizeBytes: number;
  /** null: nothing states one, as for a disk or for content that is unknown. */
  readonly identity: Identity | null;
  /** Why the node or its content cannot be read. */
  readonly problem: VirtDfError | null;
  readonly doubts: readonly Doubt[];
}

interface AnyDevice extends AnyNode {
  /** Whether the kernel looks for a partition table on it: a disk or an array, no partition and no logical volume. */
  readonly isDisk: boolean;
}

/** A disk of the guest, or one of those in an archive. */
export interface DiskNode extends AnyDevice {
  readonly kind: 'disk';
  /** As the guest's definition has it, with the path of an archive's member. */
  readonly definition: GuestDisk;
  /** Which of the guest's definitions it is of: those in one archive are of one. */
  readonly index: number;
  /** The active layer of its chain of images; null if it was not opened. */
  readonly layer: Layer | null;
}

export interface PartitionNode extends AnyDevice {
  readonly kind: 'partition';
  /** Where it has another role than `data`, it is not looked into, and `identity` says which. */
  readonly partition: Partition;
  /** What another system calls it, whose table it is of: `da0s1a`; null where nothing tells. */
  readonly nativeName: string | null;
}

/** `volume`: a logical volume or an array. `clear`: the decrypted bytes of an encrypted volume. */
export interface VolumeNode extends AnyDevice {
  readonly kind: 'volume' | 'clear';
  /** The volume's own, which is not that of its content; null if it has none. */
  readonly uuid: string | null;
  /** As `AssembledVolume.figures`. */
  readonly figures?: AssembledVolume['figures'];
}

/** What begins behind a filesystem that ends before its device does: `/dev/sda2@786432`. */
export interface RestNode extends AnyDevice {
  readonly kind: 'rest';
  /** The device whose rest it is, and where it begins there. */
  readonly on: DeviceNode;
  readonly offsetBytes: number;
  /** 1: behind the device's filesystem; 2: behind that one. */
  readonly number: number;
}

/** A device as the guest's kernel would show it: it has a name, and bytes that may hold a table or a filesystem. */
export type DeviceNode = DiskNode | PartitionNode | VolumeNode | RestNode;

export interface TableNode extends AnyNode {
  readonly kind: 'table';
  readonly table: PartitionTable;
}

export interface FilesystemNode extends AnyNode {
  readonly kind: 'filesystem';
  readonly filesystem: Filesystem;
  readonly identity: Identity;
  /** The same filesystem's first node, which was given before the search for its log on another device ended. */
  readonly before: FilesystemNode | null;
}

/**
 * `member`: of a group, or one of the devices of a filesystem. `group`: a volume group or an array; one without an identity
 * carries only the doubts of members that belong to no whole group. `other`: a log's device, a hibernation image; one without
 * an identity carries only doubts of a disk that were known when all of it was read.
 * `unknown`: `problem` says why it cannot be read.
 */
export interface ContentNode extends AnyNode {
  readonly kind: 'member' | 'group' | 'encrypted' | 'swap' | 'other' | 'empty' | 'unknown';
  /** Of a volume group: how much of it no volume has. */
  readonly freeBytes?: number;
  /** Of a thin pool: how much of the room for its trees is taken. */
  readonly metadataPercent?: number;
  /** Of a volume group: what of each member volumes can have; left out where it does not tell. */
  readonly areas?: readonly MemberArea[];
}

export type StackNode = DeviceNode | TableNode | FilesystemNode | ContentNode;

/** The nodes that lie on each node, in the order of `nodes`. */
export function childrenOf(
  nodes: readonly StackNode[],
): ReadonlyMap<StackNode, readonly StackNode[]> {
  const children = new Map<StackNode, StackNode[]>();
  for (const node of nodes) {
    for (const parent of node.parents) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [node]);
      else known.push(node);
    }
  }
  return children;
}

export function identityOf({ type, uuid, version = null, ...its }: Identity): Identity {
  return { type, ...theLabel(its), uuid, version };
}

/** The `source` and `problem` of a node from its bytes, or from the error that says why there are none. */
export function sourceOrProblem(
  given: ByteSource | VirtDfError,
): Pick<AnyNode, 'source' | 'problem'> {
  return given instanceof VirtDfError
    ? { source: null, problem: given }
    : { source: given, problem: null };
}

/** The node of a device's content. */
export function contentNode<K extends ContentNode['kind']>(
  on: DeviceNode,
  kind: K,
  identity: Identity,
): ContentNode & { readonly kind: K } {
  const { device, disk, source, sizeBytes } = on;
  const nothing = { problem: null, doubts: [] };
  return { kind, device, disk, parents: [on], source, sizeBytes, identity, ...nothing };
}

/** A node that only carries doubts of a disk, and belongs to none of its contents. */
export function doubted({ device, disk }: DiskNode, errors: readonly VirtDfError[]): ContentNode {
  const doubts = errors.map((error) => ({ device, error }));
  const nothing = { identity: null, problem: null, parents: [], source: null, sizeBytes: 0 };
  return { kind: 'other', device, disk, doubts, ...nothing };
}

/** The node of content that cannot be read. */
export function unreadable(on: DeviceNode, error: unknown): ContentNode {
  const { device, disk, source, sizeBytes } = on;
  const nothing = { identity: null, doubts: [] };
  const problem = reasonOf(error);
  return { kind: 'unknown', device, disk, parents: [on], source, sizeBytes, problem, ...nothing };
}

/** What begins `at` bytes from the beginning of a device, `source`, behind the filesystem there. */
export function restNode(device: DeviceNode, source: ByteSource, at: number): RestNode {
  const isRest = device.kind === 'rest';
  const on = isRest ? device.on : device;
  const [before, number] = isRest ? [device.offsetBytes, device.number + 1] : [0, 1];
  const offsetBytes = before + at;
  const sizeBytes = source.sizeBytes - at;
  return {
    kind: 'rest',
    device: `${on.device}@${offsetBytes}`,
    disk: on.disk,
    parents: [on],
    isDisk: false,
    source: slice(source, at, sizeBytes),
    ...{ sizeBytes, identity: null, problem: null, doubts: [] },
    ...{ on, number, offsetBytes },
  };
}
