// The lines of libguestfs's virt-diff, without the contents that it prints behind a changed file: `+` and `-` for what only one state has,
// `=` for a regular file that changed, as it was; of others both lines, and which fields differ. In the order of the paths'
// components: virt-diff merges by whole paths what it walked by directories, and so tells of files that are the same.
// References: guestfs-tools 1.48 diff/diff.c (output_file, changed); virt-diff(1).
import type { DiffChange, DiffReport } from '../../queries/diff/record.js';
import { type Field, type FileState, isSameList } from '../../queries/diff/state.js';
import { type GuestPath, guestPath } from '../../queries/files/guest-path.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { formatCount, type SizeStyle } from '../human.js';

export interface ClassicDiffOptions {
  readonly isCsv: boolean;
  /** virt-diff's --uids, --times, --extra-stats; what of these it shows of directories as 0 is shown as it is. */
  readonly hasOwners: boolean;
  readonly hasTimes: boolean;
  readonly hasExtraStats: boolean;
  /** --xattrs */
  readonly hasAttributes: boolean;
  /** --atime, --dir-times, --dir-links: what is compared and shown of them too. */
  readonly hasAccessTimes: boolean;
  readonly hasDirectoryTimes: boolean;
  readonly hasDirectoryLinks: boolean;
  /** --time-t, and --time-relative and --time-days from now on; null: as dates. */
  readonly timeStyle: 'seconds' | 'relative' | 'days' | null;
  readonly nowSeconds: number;
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
  if (kind === 'file' && fields.some((field) => field !== 'accessed')) {
    yield told('=', old, path);
    return;
  }
  const own = changedNames(change, options);
  if (own.length === 0) return;
  yield told('-', old, path);
  yield told('+', other, path);
  yield joined(['#', 'changed:', ...own], options);
}

/** The names of what differs, in the order of virt-diff. */
function changedNames(
  { kind, fields, old, other }: DiffChange,
  { hasDirectoryTimes, hasDirectoryLinks }: ClassicDiffOptions,
): readonly string[] {
  const isOther = (field: string) =>
    kind !== 'directory' ||
    (field === 'links' ? hasDirectoryLinks : hasDirectoryTimes || !TIMES.has(field));
  const names = STAT_NAMES.flatMap(([field, own]) =>
    fields.includes(field) && isOther(field) ? own : [],
  );
  const isSame = isSameList(old?.attributes ?? [], other?.attributes ?? []);
  return isSame ? names : [...names, 'xattrs'];
}

const STAT_NAMES: readonly (readonly [Field, readonly string[]])[] = [
  ['mode', ['st_mode']],
  ['links', ['st_nlink']],
  ['owner', ['st_uid', 'st_gid']],
  ['size', ['st_size']],
  ['blocks', ['st_blocks']],
  ['accessed', ['st_atime_sec']],
  ['modified', ['st_mtime_sec']],
  ['changed', ['st_ctime_sec']],
];
/** virt-diff passes over these of directories, and over links, unless --dir-times and --dir-links say otherwise. */
const TIMES: ReadonlySet<string> = new Set(['accessed', 'modified', 'changed']);
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
  const { isCsv, hasOwners, hasTimes, hasExtraStats, hasAttributes, style } = options;
  const { stat, sizeBytes, linkCount, allocatedBytes, id, target } = file;
  const shown = (one: GuestPath) => (isCsv ? quoted(shownPath(one)) : shownPath(one));
  const padded = (text: string, width: number) => (isCsv ? text : text.padStart(width));
  const size = style === null ? String(sizeBytes) : formatCount(sizeBytes, style);
  const owners = [stat.userId, stat.groupId].map((one) => padded(String(one ?? 0), ID_WIDTH));
  const times = [
    ...(options.hasAccessTimes ? [stat.accessedNs] : []),
    stat.modifiedNs,
    stat.changedNs,
  ].map((ns) => timeOf(ns, options));
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
    ...(hasAttributes ? attributesOf(file, isCsv) : []),
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

const NS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_DAY = 86_400;
const SECONDS_WIDTH = 10;
const RELATIVE_WIDTH = 8;
const DAYS_WIDTH = 3;

/** As strftime's `%Y-%m-%d %H:%M:%S`, in the time of the place where virt-df runs, or in numbers. */
function timeOf(ns: bigint | null, { timeStyle, nowSeconds }: ClassicDiffOptions): string {
  if (ns === null) return '-';
  const seconds = Number(
    BigInt.asIntN(
      64,
      (ns - (((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND)) / NS_PER_SECOND,
    ),
  );
  const ago = nowSeconds - seconds;
  if (timeStyle === 'seconds') return String(seconds).padStart(SECONDS_WIDTH);
  if (timeStyle === 'relative') return String(ago).padStart(RELATIVE_WIDTH);
  if (timeStyle === 'days') return String(Math.trunc(ago / SECONDS_PER_DAY)).padStart(DAYS_WIDTH);
  const date = new Date(Number(ns / 1_000_000n));
  if (Number.isNaN(date.getTime())) return '-';
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** Name and value by turns; of the value what is not printable as `\\x0a`. */
function attributesOf({ attributes }: FileState, isCsv: boolean): readonly string[] {
  return (attributes ?? []).flatMap(({ name, value }) => {
    const text = Array.from(value, printed).join('');
    return [shownPath(guestPath(name)), text].map((one) => (isCsv ? quoted(one) : one));
  });
}

function printed(byte: number): string {
  const isPrintable = byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE;
  return isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

function joined(fields: readonly string[], { isCsv }: ClassicDiffOptions): string {
  return `${fields.join(isCsv ? ',' : ' ')}\n`;
}

/** As virt-diff quotes what is a name; it leaves times as they are, which have a space too. */
function quoted(field: string): string {
  return /[ ",\n]/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
