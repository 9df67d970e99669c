// The records of `virt-df pools`: the images of a guest, and the filesystems of this host that they lie on. Keys here are camelCase;
// report/pools/json.ts gives their public names, and docs/pools.md explains each number.
import type { FilesystemRecord, GuestHeader, ProblemRecord } from '../report.js';

/** A filesystem of this host. */
export interface PoolFilesystem {
  /** One for all places where it is mounted: `98:0`. */
  readonly id: string;
  /** null: the table of mounts cannot be read. */
  readonly mountPoint: string | null;
  readonly type: string | null;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  readonly availBytes: number;
}

/** A file that an image consists of. */
export interface PoolFile {
  /** As opened, without links. */
  readonly path: string;
  readonly allocationBytes: number;
  /** The same for all its names, hard links and those below other mounts among them; null: it was not asked yet, or is gone. */
  readonly id: string | null;
  /** null: it was not asked yet, or did not answer. */
  readonly on: PoolFilesystem | null;
}

/** An image, or one behind it, in files of this host. */
export interface PoolImage {
  /** `/dev/sda` */
  readonly disk: string;
  readonly target: string | null;
  readonly path: string;
  readonly format: string;
  /** Whether the guest writes to it; otherwise it is behind the one that it writes to. */
  readonly isActive: boolean;
  readonly capacityBytes: number | null;
  /** What it can still take on the host, if the guest writes to all of its disk; null where that cannot be told. */
  readonly growthBytes: number | null;
  /** Its own first. */
  readonly files: readonly PoolFile[];
  /** Where the first of them lies, which is what grows. */
  readonly on: PoolFilesystem | null;
}

/** What one guest has on this host. */
export interface PoolsAnswer {
  readonly images: readonly PoolImage[];
  /** Disks on devices and on other hosts, which no filesystem of this host has to hold: `/dev/sda`. */
  readonly elsewhere: readonly string[];
  /** As of df. */
  readonly filesystems: readonly FilesystemRecord[];
  readonly problems: readonly ProblemRecord[];
}

export type PoolsReport = GuestHeader & PoolsAnswer;

/** An image that can take more than there is. */
export interface PoolFiller {
  readonly guest: string;
  readonly disk: string;
  readonly path: string;
  readonly growthBytes: number;
}

/** A filesystem of this host with all images that lie on it. */
export interface Pool {
  readonly on: PoolFilesystem;
  readonly guestCount: number;
  /** Files, each once. */
  readonly fileCount: number;
  /** What these files take, as du(1) counts them. */
  readonly allocationBytes: number;
  /** The sizes of the disks that guests see, each once. */
  readonly virtualBytes: number;
  /** What the filesystems on these disks use; null where none could be read. */
  readonly guestUsedBytes: number | null;
  /** Guests whose filesystems lie on disks of more than one pool, and are counted in none. */
  readonly spreadGuests: readonly string[];
  /** What fstrim would give back of these images; null where nobody asked, or it is not known of any. */
  readonly reclaimableBytes: number | null;
  /** The sum of what its images can still take. */
  readonly growthBytes: number;
  /** Images of which that cannot be told. */
  readonly unknownGrowthCount: number;
  /** Images each of which could fill it alone, the largest first. */
  readonly fillers: readonly PoolFiller[];
  /** Since an earlier run; null without one. */
  readonly trend: PoolTrend | null;
}

/** How it filled since an earlier run. */
export interface PoolTrend {
  readonly sinceMs: number;
  readonly bytesPerSecond: number;
  /** Until nothing is left, if it goes on so; null where it does not grow. */
  readonly secondsToFull: number | null;
}
