// The rows of every output: a guest's filesystems, and a row for each problem that has none of its own.

import { NO_STRETCH } from '../queries/place.js';
import { NO_NUMBERS } from '../queries/record.js';
import type {
  DiskRecord,
  FilesystemRecord,
  GuestReport,
  ProblemRecord,
  VolumeRecord,
} from '../queries/report.js';
import { naturalOrder } from './natural-order.js';

/** A filesystem, or a place (a device, or the guest as a whole when `device` is null) that could not be read. */
export interface Row extends Omit<FilesystemRecord, 'device'> {
  /**
   * `problem`: a problem of a guest or a device for which there is no filesystem's row. `volume`: of
   * --all-volumes, no filesystem. `total`: the row of --total.
   */
  readonly kind: 'filesystem' | 'volume' | 'problem' | 'total';
  readonly device: string | null;
  /** `running`, `shut off`; null for an image. */
  readonly state: string | null;
  /** The libvirt URI; null for an image. */
  readonly uri: string | null;
  /** The disk that it lies on, with the host's numbers; null if it lies on several. */
  readonly onDisk: DiskRecord | null;
}

/** The rows of one guest with its volumes that are no filesystems, in the order of their names. */
export function rowsWithVolumes(report: GuestReport): Row[] {
  const { uuid, state, uri, disks, volumes, filesystems } = report;
  // A LUKS volume that is locked has a row already, which says so.
  const told = new Set(filesystems.map(({ device }) => device));
  const others = volumes.filter(({ device }) => !told.has(device));
  const rows = others.map((volume) => ({
    ...volumeRow(volume),
    ...{ uuid, state, uri },
    onDisk: disks.find(({ disk }) => disk === volume.disk) ?? null,
  }));
  return [...rowsOf(report), ...rows].sort(byDevice);
}

function byDevice(a: Row, b: Row): number {
  if (a.device === null || b.device === null) {
    return Number(a.device === null) - Number(b.device === null);
  }
  return naturalOrder(a.device, b.device);
}

function volumeRow(volume: VolumeRecord) {
  return { ...NO_NUMBERS, ...volume, kind: 'volume' as const, problem: null };
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
    // By spreads, V8 would take twenty times as long for so many fields.
    ...report.filesystems.map((record) =>
      Object.assign({ kind: 'filesystem' as const, ...ofGuest(record.disk) }, record),
    ),
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
