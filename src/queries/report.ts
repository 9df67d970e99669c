// What df found: the records behind every output. Keys here are camelCase; report/columns.ts gives their public names.
import type { ErrorCode, SignatureClaim } from '../errors.js';
import type { Basis } from '../filesystem/filesystem.js';
import type { ReadStatistics } from '../host/scope.js';

export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** Of AMBIGUOUS: what the volume may be. */
  readonly signatures?: readonly SignatureClaim[];
  /** Of INTERNAL: where in the program, line by line; for --debug, and in no output. */
  readonly stack?: readonly string[];
}

/** A df row: a filesystem, or a place where one was expected and could not be read (then `problem` is set). */
export interface FilesystemRecord {
  readonly guest: string;
  readonly uuid: string | null;
  /** The disk's own device name `/dev/sda`; null for a volume over several disks. */
  readonly disk: string | null;
  /** `/dev/sda1`, `/dev/VG/LV`, as libguestfs names it. */
  readonly device: string;
  readonly type: string | null;
  readonly label: string | null;
  readonly fsUuid: string | null;
  /** As the format counts its versions: `1.0`, `FAT32`. */
  readonly fsVersion: string | null;
  readonly blockSizeBytes: number | null;
  readonly sizeBytes: number | null;
  /** sizeBytes - freeBytes */
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
  readonly availBytes: number | null;
  readonly files: number | null;
  readonly filesUsed: number | null;
  readonly filesFree: number | null;
  readonly basis: Basis | null;
  readonly stale: boolean | null;
  /** Why the numbers may be off; never empty where they are stale or an estimate. */
  readonly doubts: readonly Problem[];
  readonly problem: Problem | null;
}

/** Something on a disk that is no filesystem: swap, a physical volume, a reserved partition, an empty disk. */
export interface VolumeRecord {
  readonly guest: string;
  readonly disk: string | null;
  readonly device: string;
  /** blkid's word or ours: `swap`, `LVM2_member`, `bios-boot`, `extended`, `empty`. */
  readonly type: string;
  readonly sizeBytes: number | null;
  readonly label: string | null;
  readonly fsUuid: string | null;
  readonly fsVersion: string | null;
}

export interface DiskRecord {
  /** `/dev/sda` */
  readonly disk: string;
  readonly target: string | null;
  readonly path: string | null;
  readonly format: string | null;
  readonly capacityBytes: number | null;
  readonly allocationBytes: number | null;
  readonly physicalBytes: number | null;
  /** Layers of its chain of images; 1 for an image without a backing file. */
  readonly layerCount: number | null;
}

/** A problem that has no row of its own in `filesystems` as well as those that have. */
export interface ProblemRecord extends Problem {
  readonly guest: string;
  readonly disk: string | null;
  readonly device: string | null;
}

/** What every answer says of its guest. */
export interface GuestHeader {
  readonly guest: string;
  readonly uuid: string | null;
  readonly state: string | null;
  readonly uri: string | null;
  readonly statistics: ReadStatistics;
}

/** What df found in one guest. */
export interface DfReport {
  readonly disks: readonly DiskRecord[];
  readonly filesystems: readonly FilesystemRecord[];
  readonly volumes: readonly VolumeRecord[];
  readonly problems: readonly ProblemRecord[];
}

export type GuestReport = GuestHeader & DfReport;
