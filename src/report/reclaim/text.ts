// The text of `virt-df reclaim`: a row for each filesystem, the sum of all, and what else is to know of the images.
import {
  type ReclaimArea,
  type ReclaimFilesystem,
  type ReclaimImage,
  type ReclaimReport,
  sumOf,
  unknownOf,
} from '../../queries/reclaim/record.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type NotedLine, notedLines } from '../noted-lines.js';
import { clean, inAscii, isolated, wrapped } from '../text.js';

export interface ReclaimTextOptions {
  readonly style: SizeStyle;
  /** Laid out for a terminal. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; null: nothing is cut or wrapped. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
}

const TITLES = ['Filesystem', 'Type', 'Free', 'Stored', 'Reclaimable', 'Partial', 'Pinned', 'Copy'];
/** Columns of text; numbers follow. */
const TEXT_COLUMNS = 2;

export function reclaimText(
  reports: readonly ReclaimReport[],
  options: ReclaimTextOptions,
): string {
  const rows = reports.flatMap(({ guest, filesystems, areas }) => [
    ...filesystems.map((one) => rowOf(clean(guest), one, options)),
    ...areas
      // A guest without filesystems has no other rows.
      .filter(({ space }) => space.storedBytes > 0 || filesystems.length === 0)
      .map((one) => areaRow(clean(guest), one, options)),
  ]);
  const hasSum = rows.length > 1 && reports.some(({ filesystems }) => filesystems.length > 0);
  const total = hasSum ? [totalOf(reports, options)] : [];
  const lines = [{ cells: TITLES, note: '' }, ...rows, ...total];
  const notes = options.isTerminal ? reports.flatMap((report) => notesOf(report, options)) : [];
  return [...notedLines(lines, TEXT_COLUMNS, options), ...notes].join('');
}

function rowOf(guest: string, one: ReclaimFilesystem, options: ReclaimTextOptions): NotedLine {
  const { record, freeBytes, space, problem } = one;
  const name = told(`${guest}:${clean(record.device)}`, options);
  const numbers = [
    freeBytes,
    space?.storedBytes,
    space?.reclaimableBytes,
    space?.partialBytes,
    space?.pinnedBytes,
    space?.copyBytes,
  ];
  return {
    cells: [name, clean(record.type) ?? '-', ...numbers.map((bytes) => size(bytes, options))],
    note: problem === null ? '' : told(`${problem.code}: ${clean(problem.message)}`, options),
  };
}

/** fstrim does not reach it. */
function areaRow(guest: string, area: ReclaimArea, options: ReclaimTextOptions): NotedLine {
  const { kind, device, sizeBytes, space } = area;
  const { storedBytes, copyBytes } = space;
  const numbers = [sizeBytes, storedBytes, null, null, null, copyBytes];
  const name = told(`${guest}:${clean(device)}`, options);
  return { cells: [name, kind, ...numbers.map((bytes) => size(bytes, options))], note: '' };
}

/** Of filesystems. */
function totalOf(reports: readonly ReclaimReport[], options: ReclaimTextOptions): NotedLine {
  const all = reports.flatMap(({ filesystems }) => filesystems);
  const free = all.reduce((sum, { freeBytes }) => sum + (freeBytes ?? 0), 0);
  const sum = sumOf(all.flatMap(({ space }) => space ?? []));
  const { storedBytes, reclaimableBytes, partialBytes, pinnedBytes, copyBytes } = sum;
  const numbers = [free, storedBytes, reclaimableBytes, partialBytes, pinnedBytes, copyBytes];
  const { length } = unknownOf(all);
  const note = length === 0 ? '' : `a lower bound: ${length} of ${all.length} are not known`;
  return { cells: ['total', '-', ...numbers.map((bytes) => size(bytes, options))], note };
}

function size(bytes: number | null | undefined, { style }: ReclaimTextOptions): string {
  return bytes === null || bytes === undefined ? '-' : formatCount(bytes, style);
}

function told(text: string, { isAscii }: ReclaimTextOptions): string {
  return isAscii ? inAscii(text) : text;
}

/** What must be known before anybody counts on the numbers. */
function notesOf(
  { guest, images, filesystems }: ReclaimReport,
  options: ReclaimTextOptions,
): readonly string[] {
  const ofImages = images.flatMap((image) => imageNote(image, options));
  const ofFilesystems = filesystems.flatMap(({ record, through }) =>
    through.map((one) => `${record.device}: ${THROUGH[one]}`),
  );
  return [...ofImages, ...ofFilesystems].flatMap((note) => {
    const text = told(`${clean(guest)}:${clean(note)}`, options);
    const lines = options.width === null ? [text] : wrapped(text, options.width);
    return lines.map((line) => `${isolated(line)}\n`);
  });
}

const THROUGH = {
  cipher: 'the encrypted device must let discards pass (discard in crypttab)',
  array: 'lies on an array, which must let discards pass',
};

function imageNote(
  { disk, reason, space, leakedBytes }: ReclaimImage,
  options: ReclaimTextOptions,
): readonly string[] {
  const leaked = leakedBytes === null || leakedBytes === 0 ? null : size(leakedBytes, options);
  return [
    ...(reason === null || space.storedBytes === 0 ? [] : [`${disk}: ${reason}`]),
    ...(leaked === null ? [] : [`${disk}: ${leaked} in leaked clusters (qemu-img check -r leaks)`]),
  ];
}
