// --classic: the output of libguestfs's virt-df byte for byte, its CSV and its rounding included.
// References: guestfs-tools df/output.c and df/df.c, libguestfs daemon/listfs.ml (order of filesystems), gnulib
// lib/human.c.
import type { FilesystemRecord, GuestReport } from '../queries/report.js';
import { isWithin } from '../stack/within.js';
import { formatCount, type SizeStyle } from './human.js';
import { clean } from './text.js';

export interface ClassicOptions {
  readonly human: boolean;
  readonly inodes: boolean;
  readonly csv: boolean;
  /** The UUID for the name, where there is one. */
  readonly uuid: boolean;
}

const NEAREST: SizeStyle = {
  autoscale: true,
  base: 1024,
  letter: true,
  byteLetter: false,
  blockSizeBytes: 1,
  rounding: 'nearest',
};
const NAME_WIDTH = 36;

/** The title line and a line for each filesystem that can be mounted; nothing else is shown, and nothing explained. */
export function classic(reports: readonly GuestReport[], options: ClassicOptions): string {
  const lines = reports.flatMap((report) =>
    classicOrder(report.filesystems.filter(isMountable)).map((record) =>
      options.csv ? csvLine(report, record, options) : textLine(report, record, options),
    ),
  );
  return [titleLine(options), ...lines].join('');
}

/** The original sees disks alone: no directory of the host that a guest has as well, and no machine that runs within a guest. */
function isMountable(record: FilesystemRecord): boolean {
  const { device, problem, sizeBytes, freeBytes, hostDevice } = record;
  const isOwn = hostDevice === undefined && !isWithin(device);
  return isOwn && problem === null && sizeBytes !== null && freeBytes !== null;
}

/** Whole disks, other mapped devices, partitions, arrays, logical volumes by byte order of their names. */
function classicOrder(records: readonly FilesystemRecord[]): FilesystemRecord[] {
  const groups: FilesystemRecord[][] = [[], [], [], [], []];
  for (const record of records) groups[groupOf(record.device)]?.push(record);
  const byName = (a: FilesystemRecord, b: FilesystemRecord) =>
    Buffer.compare(Buffer.from(a.device), Buffer.from(b.device));
  groups[1]?.sort(byName);
  groups[4]?.sort(byName);
  return groups.flat();
}

function groupOf(device: string): number {
  if (/^\/dev\/sd[a-z]+$/u.test(device)) return 0;
  if (device.startsWith('/dev/mapper/')) return 1;
  if (/^\/dev\/(?:sd[a-z]+|md)\d+(?:p\d+)?$/u.test(device)) {
    return /^\/dev\/md\d+$/u.test(device) ? 3 : 2;
  }
  return 4;
}

function titleLine({ csv, human, inodes }: ClassicOptions): string {
  const size = human ? 'Size' : '1K-blocks';
  const [first, used, free, percent] = inodes
    ? ['Inodes', 'IUsed', 'IFree', 'IUse%']
    : [size, 'Used', 'Available', 'Use%'];
  if (csv) return `VirtualMachine,Filesystem,${first},${used},${free},${percent}\n`;
  return layOut('Filesystem', [first, used, free, percent]);
}

function textLine(report: GuestReport, record: FilesystemRecord, options: ClassicOptions): string {
  const { numbers, percent } = values(record, options);
  const name = `${nameOf(report, options)}:${clean(record.device)}`;
  return layOut(name, [...numbers, `${Math.ceil(percent)}%`]);
}

function layOut(name: string, cells: readonly (string | undefined)[]): string {
  // The original counts bytes, and starts a new line after a longer name.
  const bytes = Buffer.byteLength(name);
  const gap = bytes <= NAME_WIDTH ? ' '.repeat(NAME_WIDTH - bytes) : `\n${' '.repeat(NAME_WIDTH)}`;
  const [first = '', second = '', third = '', percent = ''] = cells;
  const row = `${first.padStart(10)} ${second.padStart(10)} ${third.padStart(10)} ${percent.padStart(5)}`;
  return `${name}${gap}${row}\n`;
}

function csvLine(report: GuestReport, record: FilesystemRecord, options: ClassicOptions): string {
  const { numbers, percent } = values(record, options);
  const fields = [nameOf(report, options), clean(record.device), ...numbers, oneDecimal(percent)];
  return `${fields.map(quoted).join(',')}\n`;
}

/** The original quotes for a blank as well, and not for a carriage return. */
function quoted(field: string): string {
  return /[ ",\n]/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** One `+` for each further image of the same guest. */
function nameOf({ guest, uuid, uri, disks }: GuestReport, options: ClassicOptions): string {
  const name = clean(options.uuid && uuid !== null ? uuid : guest);
  return uri === null ? name + '+'.repeat(Math.max(0, disks.length - 1)) : name;
}

function values(record: FilesystemRecord, { human, inodes }: ClassicOptions) {
  const { files, filesUsed, filesFree, sizeBytes, usedBytes, freeBytes, availBytes } = record;
  const blockSize = record.blockSizeBytes ?? 1;
  const isHuman = human && !inodes; // The original counts inodes in full.
  const number = isHuman
    ? (n: number | null) => formatCount(n ?? 0, NEAREST)
    : (n: number | null) => String(Math.floor((n ?? 0) / (inodes ? 1 : 1024)));
  return inodes
    ? { numbers: [files, filesUsed, filesFree].map(number), percent: percent(files, filesFree, 1) }
    : {
        numbers: [sizeBytes, usedBytes, availBytes].map(number),
        percent: percent(sizeBytes, freeBytes, blockSize),
      };
}

/** A C float of a double expression in blocks (or inodes), as the original computes it. */
function percent(total: number | null, free: number | null, unit: number): number {
  if (total === null || total === 0) return 0;
  return Math.fround(100 - (100 * ((free ?? 0) / unit)) / (total / unit));
}

/** printf's %.1f: exact ties go to the even digit, where toFixed rounds them up. Only .25 and .75 can be ties. */
function oneDecimal(value: number): string {
  return value % 1 === 0.25 ? (value - 0.05).toFixed(1) : value.toFixed(1);
}
