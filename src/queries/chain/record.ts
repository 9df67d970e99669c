// The records of `virt-df chain`: the layers of a disk, from the active image down to the base. Keys here are camelCase;
// report/chain/json.ts gives their public names, and docs/chain.md explains each number.
import type { LayerFile, Snapshot } from '../../container/container.js';
import type { DiskJobRecord, JobFileRecord } from '../jobs/record.js';
import type { GuestHeader, Problem, ProblemRecord } from '../report.js';

export type { LayerFile };

/** Numbers that are upper bounds: the host's file has holes, and its format (raw) does not say where. */
export type BoundName = 'dataBytes' | 'hiddenBytes' | 'commitBytes';

export interface SnapshotRecord extends Snapshot {
  /** Bytes that deleting it would free; null if unknown. */
  readonly ownBytes: number | null;
}

/** One image of a chain. Unknown is null, in every field. */
export interface LayerRecord {
  /** null: there is no file that can be read, and `problem` says why. */
  readonly path: string | null;
  readonly format: string | null;
  readonly version: string | null;
  readonly features: readonly string[];
  readonly clusterBytes: number | null;
  /** The size of the disk that the guest sees. */
  readonly capacityBytes: number | null;
  /** Bytes that its files take on the host, as du counts them. */
  readonly allocationBytes: number | null;
  /** The lengths of its files, as ls shows them. */
  readonly physicalBytes: number | null;
  /** The highest offset in use in the image file. */
  readonly watermarkBytes: number | null;
  /** From the watermark to the end of the device; null for an image in a file. */
  readonly deviceFreeBytes: number | null;
  /** Bytes of the guest's disk that it stores as they are. */
  readonly dataBytes: number | null;
  /** Bytes of the guest's disk that it stores compressed. */
  readonly compressedBytes: number | null;
  readonly compressedClusterCount: number | null;
  /** Bytes of the guest's disk of which it says that they are zeros. */
  readonly zeroBytes: number | null;
  /** Clusters that are zeros, all of them or in part. */
  readonly zeroClusterCount: number | null;
  /** Bytes that it stores and the layers above hide from the guest. */
  readonly hiddenBytes: number | null;
  /** Bytes that its base would have to allocate for its data, if it were committed; null without a base. */
  readonly commitBytes: number | null;
  /** By how much the base's disk would grow; null without a base. */
  readonly commitGrowthBytes: number | null;
  readonly bounds: readonly BoundName[];
  readonly leakedClusterCount: number | null;
  readonly snapshots: readonly SnapshotRecord[];
  /** The image first. */
  readonly files: readonly LayerFile[];
  /** Whether a file of the chain changed while it was read, so that numbers may not fit each other; null: it was not read. */
  readonly stale: boolean | null;
  /** Why something of it is unknown, or in doubt: a file of no stated format that looks like an image. */
  readonly problem: Problem | null;
  /** Left out: no QEMU runs on it, or it does not tell. */
  readonly domstats?: LiveNumbers;
  /** Left out: it was not asked for, or it is no active layer. */
  readonly blockInfo?: BlockNumbers;
  readonly backing: LayerRecord | null;
}

/** What a running QEMU itself knows of one of its files (virDomainListGetStats, with what lies behind). */
export interface LiveNumbers {
  /** Tells it from the other files of the disk, in the XML too. */
  readonly index: number | null;
  readonly capacityBytes: number | null;
  /** The highest offset that was written since QEMU opened it; 0: none was. */
  readonly allocationBytes: number | null;
  /** Bytes that the host stores; of a device, its size. */
  readonly physicalBytes: number | null;
  /** The offset of which somebody wants to be told (virsh domblkthreshold). */
  readonly thresholdBytes: number | null;
}

/** What libvirt says of the active layer of a disk that runs (virDomainGetBlockInfo). */
export interface BlockNumbers {
  readonly capacityBytes: number;
  /** Of a qcow2 in a file bytes that the host stores, else the highest offset that was written, once one was. */
  readonly allocationBytes: number;
  readonly physicalBytes: number;
}

/** The running guest of libvirt whose disk an image is that was given by its path. */
export interface ImageUser {
  readonly guest: string;
  readonly uuid: string;
  readonly state: string;
  readonly uri: string;
  /** libvirt's word for the disk: `vda`. */
  readonly target: string;
  /** Whether the guest writes to it; otherwise it is behind the image that it writes to. */
  readonly isActive: boolean;
}

/** A file that QEMU has open for a disk and that is none of its layers. */
export interface BesideFile {
  readonly path: string | null;
  /** null: no job is known that writes it. */
  readonly role: JobFileRecord['role'] | null;
  /** What the job says of it; null: no job is known that writes it. */
  readonly format: string | null;
  readonly isDevice: boolean;
  readonly domstats: LiveNumbers;
}

/** What goes on with the layers of a disk, and how far it is. */
export type ChainJob = Pick<
  DiskJobRecord,
  'disk' | 'type' | 'meaning' | 'curBytes' | 'endBytes' | 'isReady'
>;

/** An image on a block device that is written to: the device does not grow by itself. */
export interface Filling {
  readonly path: string;
  readonly deviceBytes: number;
  /** The higher of what the image's own tables and QEMU say. */
  readonly watermarkBytes: number;
  readonly leftBytes: number;
  /** A second, since the answer before; null: there is none. */
  readonly rateBytes: number | null;
  /** Whether less is left than was asked about; null: nothing was. */
  readonly isNear: boolean | null;
  readonly nearInSeconds: number | null;
  readonly fullInSeconds: number | null;
}

export interface ChainDisk {
  /** `/dev/sda` */
  readonly disk: string;
  /** libvirt's word for it: `vda`. */
  readonly target: string | null;
  readonly chain: LayerRecord;
  /** Left out: it is the disk of a guest, or no running guest's. */
  readonly user?: ImageUser;
  /** Left out, as the next two: none. */
  readonly beside?: readonly BesideFile[];
  readonly jobs?: readonly ChainJob[];
  readonly filling?: readonly Filling[];
}

/** The chains of one guest. */
export interface ChainAnswer {
  readonly disks: readonly ChainDisk[];
  readonly problems: readonly ProblemRecord[];
  /** When QEMU was asked, in milliseconds since the epoch; left out: it was not. */
  readonly askedAtMs?: number;
}

export type ChainReport = GuestHeader & ChainAnswer;

/** The layer and those behind it. */
export function layerRecordsOf(layer: LayerRecord): readonly LayerRecord[] {
  return [layer, ...(layer.backing === null ? [] : layerRecordsOf(layer.backing))];
}
