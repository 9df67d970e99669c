// Silent guests were read and have no filesystem, so no row: a blank disk, a swap area, no disk at all. They are listed
// beside the table, so that nobody takes them for guests that were forgotten.

import { isFiltering } from '../../queries/filter.js';
import type { GuestReport, VolumeRecord } from '../../queries/report.js';
import { clean } from '../../report/text.js';
import type { Settings } from './settings.js';

/** More volumes of a guest than this are only counted. */
const MAX_VOLUMES = 4;

/** The names of the silent guests that nobody asked for by name; for the line below a table. */
export function silentNames(reports: readonly GuestReport[], settings: Settings): string[] {
  return silent(reports, settings)
    .filter((report) => !isNamed(report, settings))
    .map(({ guest, uuid }) => clean((settings.uuid ? uuid : null) ?? guest));
}

/** A line for each silent image or guest that was asked for by name; JSON has a record of it, and --classic is silent. */
export function silentNotes(reports: readonly GuestReport[], settings: Settings): string[] {
  if (!['rich', 'plain', 'lines', 'csv'].includes(settings.output)) return [];
  return silent(reports, settings)
    .filter((report) => isNamed(report, settings))
    .map((report) => `virt-df: ${clean(report.guest)}: no filesystem found${content(report)}`);
}

/** For JSON: where there is no filesystem and no problem in the whole run, which is exit status 1, each guest says what it has. */
export function explained(
  reports: readonly GuestReport[],
  { filter }: Settings,
): readonly GuestReport[] {
  const isEmpty = reports.every(
    (report) => report.filesystems.length + report.problems.length === 0,
  );
  if (!isEmpty || isFiltering(filter)) return reports;
  return reports.map((report) => {
    const message = `no filesystem found${content(report)}`;
    const place = { guest: report.guest, disk: null, device: null };
    return { ...report, problems: [{ ...place, code: 'NO_FILESYSTEM', message }] };
  });
}

/** A guest whose filesystems a filter left out is not silent. */
function silent(
  reports: readonly GuestReport[],
  { filter, allVolumes }: Settings,
): readonly GuestReport[] {
  if (isFiltering(filter)) return [];
  return reports.filter(({ filesystems, problems, volumes }) => {
    const others = allVolumes ? volumes.length : 0;
    return filesystems.length + problems.length + others === 0;
  });
}

function isNamed({ uri }: GuestReport, { libvirt }: Settings): boolean {
  return uri === null || (libvirt?.select.length ?? 0) > 0;
}

function content({ disks, volumes }: GuestReport): string {
  if (disks.length === 0) return '; it has no disk';
  if (volumes.length === 0) return '';
  const more = volumes.length - MAX_VOLUMES;
  const told = volumes.slice(0, MAX_VOLUMES).map(described);
  return `; ${told.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function described({ device, type, sizeBytes }: VolumeRecord): string {
  const size = sizeBytes === null ? '' : ` (${sizeBytes} bytes)`;
  return `${clean(device)} is ${clean(type)}${size}`;
}
