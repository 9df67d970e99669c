// The rows of every output: a guest's filesystems, and a row for each problem that has none of its own.
import { NO_STRETCH } from '../queries/place.js';
import { NO_NUMBERS } from '../queries/record.js';
import type {
  DiskRecord,
  FilesystemRecord,
  GuestReport,
  ProblemRecord,
} from '../queries/report.js';

/** A filesystem, or a place (a device, or the guest as a whole when `device` is null) that could not be read. */
export interface Row extends Omit<FilesystemRecord, 'device'> {
  /** `problem`: a problem of a guest or a device for which there is no filesystem's row. `total`: the row of --total. */
  readonly kind: 'filesystem' | 'problem' | 'total';
  readonly device: string | null;
  /** `running`, `shut off`; null for an image. */
  readonly state: string | null;
  /** The libvirt URI; null for an image. */
  readonly uri: string | null;
  /** The disk that it lies on, with the host's numbers; null if it lies on several. */
  readonly onDisk: DiskRecord | null;
}

/** The rows of one guest, in the order of its disks; problems without a filesystem come last. */
export function rowsOf(report: GuestReport): Row[] {
  const { uuid, state, uri } = report;
  const devices = new Set(report.filesystems.map(({ device }) => device));
  const orphans = report.problems.filter(({ device }) => device === null || !devices.has(device));
  const onDisk = new Map(report.disks.map((disk) => [disk.disk, disk]));
  const ofGuest = (disk: string | null) => ({
    state,
    uri,
    onDisk: disk === null ? null : (onDisk.get(disk) ?? null),
  });
  return [
    ...report.filesystems.map((record) => ({
      ...record,
      kind: 'filesystem' as const,
      ...ofGuest(record.disk),
    })),
    ...orphans.map((problem) => ({ ...problemRow(problem), uuid, ...ofGuest(problem.disk) })),
  ];
}

function problemRow({ guest, disk, device, ...problem }: ProblemRecord) {
  return {
    kind: 'problem' as const,
    guest,
    disk,
    device,
    ...NO_STRETCH,
    ...NO_NUMBERS,
    problem,
  };
}

/** df's Use%: used / (used + available), rounded up; null where there is nothing to divide. */
export function usePercent(used: number | null, available: number | null): number | null {
  if (used === null || available === null || used + available === 0) return null;
  const [part, whole] = [BigInt(used) * 100n, BigInt(used) + BigInt(available)];
  return Number((part + whole - 1n) / whole);
}

/** How full a row is: of bytes, or of inodes with -i. */
export function percentOf(row: Row, inodes: boolean): number | null {
  return inodes
    ? usePercent(row.filesUsed, row.filesFree)
    : usePercent(row.usedBytes, row.availBytes);
}
