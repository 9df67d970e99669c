// The lines of libguestfs's virt-diff, without the contents that it prints behind a changed file: `+` and `-` for what only one state has,
// `=` for a regular file that changed, as it was; of others both lines, and which fields differ. In the order of the paths'
// components: virt-diff merges by whole paths what it walked by directories, and so tells of files that are the same.
// References: guestfs-tools 1.48 diff/diff.c (output_file, changed); virt-diff(1).
import type { DiffChange, DiffReport } from '../../queries/diff/record.js';
import type { FileState } from '../../queries/diff/state.js';
import type { GuestPath } from '../../queries/files/guest-path.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { formatCount, type SizeStyle } from '../human.js';

export interface ClassicDiffOptions {
  readonly isCsv: boolean;
  /** virt-diff's --uids, --times, --extra-stats. */
  readonly hasOwners: boolean;
  readonly hasTimes: boolean;
  readonly hasExtraStats: boolean;
  /** null: sizes are bytes (without -h). */
  readonly style: SizeStyle | null;
}

type Sign = '+' | '-' | '=';

export function classicDiff(
  reports: readonly DiffReport[],
  options: ClassicDiffOptions,
): Iterable<string> {
  return together(lines(reports, options));
}

function* lines(reports: readonly DiffReport[], options: ClassicDiffOptions): Generator<string> {
  for (const { filesystems } of reports) {
    for (const { changes } of filesystems) {
      for (const change of changes ?? []) yield* linesOf(change, options);
    }
  }
}

function* linesOf(change: DiffChange, options: ClassicDiffOptions): Generator<string> {
  const { path, from, old, other, kind, fields } = change;
  const told = (sign: Sign, file: FileState | null, at: GuestPath) =>
    file === null ? '' : joined(columns(sign, file, at, options), options);
  const isInBoth = old !== null && other !== null && from === null;
  if (!isInBoth || change.change === 'replaced') {
    if (change.change === 'replaced' && kind === 'file' && old?.kind === 'file') {
      yield told('=', old, path);
      return;
    }
    // What was renamed is gone there, and new here.
    yield told('-', old, change.change === 'replaced' ? path : (from ?? path));
    yield told('+', other, path);
    return;
  }
  if (kind === 'file') {
    yield told('=', old, path);
    return;
  }
  const names = fields.flatMap((field) => STAT_NAMES[field] ?? []);
  const own = names.filter((name) => kind !== 'directory' || !OF_ENTRIES.has(name));
  if (own.length === 0) return;
  yield told('-', old, path);
  yield told('+', other, path);
  yield joined(['#', 'changed:', ...own], options);
}

const STAT_NAMES: Readonly<Partial<Record<string, readonly string[]>>> = {
  mode: ['st_mode'],
  owner: ['st_uid', 'st_gid'],
  links: ['st_nlink'],
  size: ['st_size'],
  blocks: ['st_blocks'],
  modified: ['st_mtime_sec'],
  changed: ['st_ctime_sec'],
};
/** virt-diff passes over these of directories, unless --dir-times and --dir-links say otherwise. */
const OF_ENTRIES: ReadonlySet<string> = new Set(['st_nlink', 'st_mtime_sec', 'st_ctime_sec']);
const SIZE_WIDTH = 10;
const ID_WIDTH = 4;
const PERMISSION_BITS = 0o7777n;
const TYPES: Readonly<Record<string, string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  device: 'u',
};

function columns(
  sign: Sign,
  file: FileState,
  path: GuestPath,
  options: ClassicDiffOptions,
): readonly string[] {
  const { isCsv, hasOwners, hasTimes, hasExtraStats, style } = options;
  const { stat, sizeBytes, linkCount, allocatedBytes, id, target } = file;
  const shown = (one: GuestPath) => (isCsv ? quoted(shownPath(one)) : shownPath(one));
  const padded = (text: string, width: number) => (isCsv ? text : text.padStart(width));
  const size = style === null ? String(sizeBytes) : formatCount(sizeBytes, style);
  const owners = [stat.userId, stat.groupId].map((one) => padded(String(one ?? 0), ID_WIDTH));
  const times = [stat.modifiedNs, stat.changedNs].map(timeOf);
  // The devices that it was on in virt-diff's machine mean nothing.
  const extra = ['-', String(id.number), String(linkCount), '-', String(allocatedBytes / SECTOR)];
  return [
    sign,
    typeOf(file),
    permissions(stat.mode),
    padded(size, SIZE_WIDTH),
    ...(hasOwners ? owners : []),
    ...(hasTimes ? times : []),
    ...(hasExtraStats ? extra : []),
    shown(path),
    ...(target === undefined ? [] : [...(isCsv ? [] : ['->']), shown(target)]),
  ];
}

const SECTOR = 512;
/** The letters of S_IFMT, of what is no file, directory or link. */
const DEVICE_TYPES: Readonly<Record<number, string>> = { 1: 'p', 2: 'c', 6: 'b', 12: 's' };
const MODE_TYPES = 4096;

function typeOf({ kind, stat }: FileState): string {
  const type = stat.mode === null ? null : DEVICE_TYPES[Math.floor(stat.mode / MODE_TYPES)];
  return type ?? TYPES[kind] ?? 'u';
}

function permissions(mode: number | null): string {
  if (mode === null) return '----';
  return Number(BigInt(mode) & PERMISSION_BITS)
    .toString(8)
    .padStart(4, '0');
}

/** As strftime's `%Y-%m-%d %H:%M:%S`, in the time of the place where virt-df runs. */
function timeOf(ns: bigint | null): string {
  if (ns === null) return '-';
  const date = new Date(Number(ns / 1_000_000n));
  if (Number.isNaN(date.getTime())) return '-';
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

function joined(fields: readonly string[], { isCsv }: ClassicDiffOptions): string {
  return `${fields.join(isCsv ? ',' : ' ')}\n`;
}

/** As virt-diff quotes what is a name; it leaves times as they are, which have a space too. */
function quoted(field: string): string {
  return /[ ",\n]/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
