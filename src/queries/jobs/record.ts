// The records of `virt-df jobs`, which every output is made from. Bytes are exact, null is unknown.
import type { Fields } from '../../guests/libvirt/job-protocol.js';
import type { GuestHeader, ProblemRecord } from '../report.js';

/** Of the guest, as virDomainJobOperation has them; a block job is the operation of its disk. */
export type Operation =
  | 'unknown'
  | 'start'
  | 'save'
  | 'restore'
  | 'migration in'
  | 'migration out'
  | 'snapshot'
  | 'snapshot revert'
  | 'dump'
  | 'backup'
  | 'snapshot delete'
  | BlockJobType;

/** virDomainBlockJobType, in virsh's order. */
export type BlockJobType = 'unknown' | 'pull' | 'copy' | 'commit' | 'active commit' | 'backup';

/** `ready` is that of mirrors: both sides are equal, and somebody may switch. */
export type JobState = 'running' | 'ready' | 'completed' | 'failed' | 'cancelled';

/**
 * What `cur` and `end` of a disk's job count. `offset`: how far the disk has been gone through, of its capacity. `written`: bytes of the
 * layer, which become more while the guest writes. `preserved`: bytes of the guest that were saved before it wrote over them; no
 * progress, and seldom all.
 */
export type Meaning = 'offset' | 'written' | 'preserved' | 'unknown';

export interface Progress {
  readonly totalBytes: number | null;
  readonly processedBytes: number | null;
  readonly remainingBytes: number | null;
}

/** The filesystem of this host in which a job's file lies. */
export interface HostFilesystem {
  /** Tells one from another. */
  readonly device: string;
  readonly sizeBytes: number;
  /** For others than root, as the hypervisor is. */
  readonly availBytes: number;
}

/** The file or device that a job writes beside the disk. */
export interface JobFileRecord {
  readonly role: 'scratch' | 'target';
  readonly path: string | null;
  /** It is a block device, whose physical size is its own. */
  readonly isDevice: boolean;
  /** null: libvirt does not say. */
  readonly format: string | null;
  /** libvirt's three numbers of it (virDomainListGetStats): the size that the disk has for the guest, the highest offset written, bytes of the host. */
  readonly capacityBytes: number | null;
  readonly allocationBytes: number | null;
  readonly physicalBytes: number | null;
  /** null: it lies on another host, in a device, or cannot be asked. */
  readonly filesystem: HostFilesystem | null;
  /** Room for it: of its filesystem, or what is left of its device. */
  readonly leftBytes: number | null;
  /** How fast it grows, a second. */
  readonly growthBytes: number | null;
  /** Until there is no room, at that speed. */
  readonly fullInSeconds: number | null;
}

export interface DiskJobRecord {
  /** libvirt's target (`vda`). */
  readonly disk: string;
  readonly type: BlockJobType;
  readonly meaning: Meaning;
  readonly curBytes: number;
  readonly endBytes: number;
  /** The limit that somebody set; null: none. */
  readonly bandwidthBytes: number | null;
  /** Of mirrors; null: it is none. */
  readonly isReady: boolean | null;
  readonly rateBytes: number | null;
  readonly file: JobFileRecord | null;
}

export interface JobRecord {
  readonly operation: Operation;
  /** Of backups that run. */
  readonly mode: 'pull' | 'push' | null;
  readonly isIncremental: boolean | null;
  readonly state: JobState;
  readonly elapsedMs: number | null;
  readonly remainingMs: number | null;
  /** libvirt's words of why it ended. */
  readonly error: string | null;
  /** Of all together; memory and disks are its parts, where libvirt tells them. */
  readonly data: Progress | null;
  readonly memory: Progress | null;
  readonly disk: Progress | null;
  readonly tempUsedBytes: number | null;
  readonly tempTotalBytes: number | null;
  readonly rateBytes: number | null;
  /** All that libvirt says, by its own names; none of a block job. */
  readonly fields: Fields;
  readonly disks: readonly DiskJobRecord[];
}

/** `stopped`: the guest is paused by an error. `error`: a disk has one. `full`: it stops when it writes next. */
interface Stop {
  readonly kind: 'stopped' | 'error' | 'full';
  readonly message: string;
}

/** A file that will have no room before its job can end. */
interface Warning {
  readonly disk: string;
  readonly message: string;
  readonly seconds: number;
}

export interface JobsAnswer {
  /** Why it is paused; null: it is not. */
  readonly reason: string | null;
  readonly stop: Stop | null;
  readonly warnings: readonly Warning[];
  readonly diskErrors: readonly { readonly disk: string; readonly error: string }[];
  readonly jobs: readonly JobRecord[];
  readonly problems: readonly ProblemRecord[];
  /** When it was asked, in milliseconds since the epoch. */
  readonly askedAtMs: number;
}

export type JobsReport = Pick<GuestHeader, 'guest' | 'givenName' | 'uuid' | 'state' | 'uri'> &
  JobsAnswer;
