// The records of `virt-df top`, which every output is made from. Unknown is null; rates are a second, and null before there are two
// answers.
import type { JobRecord } from '../jobs/record.js';
import type { GuestHeader, ProblemRecord } from '../report.js';

/** What a guest has had of one disk or network card since it was started. */
export interface DiskCounters {
  readonly disk: string;
  readonly readRequests: number | null;
  readonly writeRequests: number | null;
  readonly readBytes: number | null;
  readonly writeBytes: number | null;
}

export interface NetCounters {
  /** The card's name on the host (`vnet0`). */
  readonly net: string;
  readonly receivedBytes: number | null;
  readonly sentBytes: number | null;
  readonly receivedPackets: number | null;
  readonly sentPackets: number | null;
}

/** The host that a libvirt runs on. */
export interface TopHost {
  readonly uri: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
}

/** A filesystem of a guest, and how fast it becomes fuller. */
export interface TopFilesystem {
  readonly device: string;
  readonly type: string | null;
  readonly label: string | null;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  readonly availBytes: number | null;
  readonly usePercent: number | null;
  /** null also: it became emptier, or was read once. */
  readonly growthBytes: number | null;
  readonly fullInSeconds: number | null;
}

type TopHeader = Pick<GuestHeader, 'guest' | 'givenName' | 'uuid' | 'state' | 'uri'>;

export interface TopGuest extends TopHeader {
  /** Why it is paused; null: it is not. */
  readonly reason: string | null;
  /** Of all processors of its host, as virt-top counts. */
  readonly cpuPercent: number | null;
  /** Of processors, since it was started. */
  readonly cpuSeconds: number | null;
  readonly vcpuCount: number | null;
  /** What it has of its host's memory, by its balloon. */
  readonly memoryBytes: number | null;
  readonly memoryPercent: number | null;
  /** What its process takes of it. */
  readonly residentBytes: number | null;
  /** Rates, by disk and card; their sums are made by who needs them. */
  readonly disks: readonly DiskCounters[];
  readonly nets: readonly NetCounters[];
  /** The fullest first; null: they were not read yet, or are not wanted. */
  readonly filesystems: readonly TopFilesystem[] | null;
  /** Those that run; null: they were not asked for yet, or are not wanted. */
  readonly jobs: readonly JobRecord[] | null;
  /** What stops it, as `virt-df jobs` has it. */
  readonly stop: string | null;
  readonly problems: readonly ProblemRecord[];
  /** When it was asked, in milliseconds since the epoch. */
  readonly askedAtMs: number;
}

export interface TopAnswer {
  /** Between this answer and the one before; null: this is the first. */
  readonly seconds: number | null;
  readonly hosts: readonly TopHost[];
  readonly guests: readonly TopGuest[];
}
