// What the flags, the arguments, the environment and the terminal come to. Contradictions are usage errors here; what
// follows sees settings and no flags.
import { statSync } from 'node:fs';
import { containerNamed, containers, rawEntry } from '../../container/registry.js';
import { UsageError } from '../../errors.js';
import type { View } from '../../filesystem/filesystem.js';
import {
  blockSizeFromEnvironment,
  HUMAN,
  KIBIBYTES,
  parseBlockSize,
  SI,
} from '../../report/block-size.js';
import { type Column, columns } from '../../report/columns.js';
import type { SizeStyle } from '../../report/human.js';
import { type SortKey, sortKey, type TypeFilter } from '../../report/select.js';
import type { DfFlags } from './flags.js';

export type OutputKind = 'rich' | 'plain' | 'classic' | 'csv' | 'json' | 'ndjson';

export interface Settings {
  /** Instead of a df: print the columns, or the version. */
  readonly print: 'columns' | 'version' | null;
  readonly images: readonly string[];
  readonly sameGuest: boolean;
  readonly format: string;
  /** What to ask libvirt; null if images are all that was asked for. */
  readonly libvirt: {
    readonly uris: readonly string[];
    readonly all: boolean;
    readonly select: readonly string[];
  } | null;
  readonly view: View;
  /** null: by the number of processors. */
  readonly parallel: number | null;
  readonly timeoutSeconds: number | null;
  readonly formats: readonly string[];
  readonly debug: boolean;

  readonly output: OutputKind;
  readonly style: SizeStyle;
  readonly human: boolean;
  readonly inodes: boolean;
  readonly printType: boolean;
  readonly total: boolean;
  readonly uuid: boolean;
  /** With `classic`: its CSV. */
  readonly classicCsv: boolean;
  readonly filter: TypeFilter;
  readonly sort: readonly SortKey[];
  readonly columns: readonly Column[] | null;
  readonly width: number;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

/** What was typed. */
export interface CommandLine {
  readonly flags: DfFlags;
  /** Positional arguments. */
  readonly words: readonly string[];
  /** The names of the flags, in order; flags set by the environment are not among them. */
  readonly typed: readonly string[];
}

/** The parts of `process` that matter. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { readonly isTTY?: boolean; readonly columns?: number };
}

/** @throws UsageError USAGE */
export function settingsOf(line: CommandLine, surroundings: Surroundings): Settings {
  const { flags, typed } = line;
  checkTogether(typed);
  const output = outputKind(flags, surroundings);
  const size = sizeStyle(flags, typed, surroundings.env, output);
  const filter = { only: list(flags.type), exclude: list(flags['exclude-type']) };
  return {
    print: flags.version ? 'version' : flags['list-columns'] ? 'columns' : null,
    ...guests(line),
    format: imageFormat(flags.format),
    view: flags.view === 'mount' || flags.classic ? 'mount' : 'guest',
    parallel: flags.parallel === undefined || flags.parallel === 0 ? null : flags.parallel,
    timeoutSeconds: flags.timeout === 0 ? null : flags.timeout,
    formats: list(flags.formats),
    debug: flags.debug,
    output,
    style: size,
    human: flags['human-readable'],
    inodes: flags.inodes,
    printType: flags['print-type'],
    total: flags.total,
    uuid: flags.uuid,
    classicCsv: flags.csv,
    filter,
    sort: list(flags.sort).map(sortKey),
    columns: flags.output === undefined ? null : columns(flags.output),
    ...terminal(surroundings),
  };
}

/** Of a flag that may be given several times; from the environment it is one string. */
function list(value: readonly string[] | string | undefined): readonly string[] {
  return [value ?? []].flat();
}

/** What has a slash or is a file is an image, as libguestfs's tools take it; anything else is a guest. */
function guests({ flags, words }: CommandLine) {
  const isImage = (word: string) => word.includes('/') || isFile(word);
  const images = [...list(flags.test), ...words.filter(isImage)];
  const select = [...list(flags.domain), ...words.filter((word) => !isImage(word))];
  if (select.includes('')) {
    throw new UsageError('USAGE', 'a guest needs a name, a UUID or a glob; it is empty');
  }
  const uris = list(flags.connect);
  const wantsLibvirt = images.length === 0 || select.length > 0 || flags.all || uris.length > 0;
  if (flags['same-guest'] && images.length === 0) {
    throw new UsageError('USAGE', '--same-guest is about images; give some with -t');
  }
  return {
    images,
    sameGuest: flags['same-guest'],
    libvirt: wantsLibvirt ? { uris, all: flags.all, select } : null,
  };
}

function isFile(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isDirectory();
}

function imageFormat(name: string): string {
  if (name === 'auto' || containerNamed(name) !== undefined) return name;
  const names = ['auto', ...[...containers, rawEntry].map((entry) => entry.name)];
  throw new UsageError('USAGE', `--format is one of ${names.join(', ')}, not '${name}'`);
}

const SIZE_FLAGS = ['human-readable', 'si', 'block-size', 'kibibytes'];

/** What an output cannot show, and would silently leave out. */
const APART: Readonly<Record<string, readonly string[]>> = {
  csv: ['json', 'ndjson', 'total', ...SIZE_FLAGS],
  json: ['ndjson', 'output', 'total', ...SIZE_FLAGS],
  ndjson: ['output', 'total', ...SIZE_FLAGS],
  classic: ['json', 'ndjson', 'output', 'sort', 'total', 'print-type', 'si', 'block-size'],
};

const SHORT: Readonly<Record<string, string>> = {
  'human-readable': '-h',
  si: '-H',
  'block-size': '-B',
  kibibytes: '-k',
};

/** Only what was typed: a variable of the environment that does not apply is no contradiction. */
function checkTogether(typed: readonly string[]): void {
  for (const [output, others] of Object.entries(APART)) {
    const other = typed.find((flag) => others.includes(flag));
    if (other === undefined || !typed.includes(output)) continue;
    const message = `you cannot use ${SHORT[other] ?? `--${other}`} and --${output} options together.`;
    throw new UsageError('USAGE', message);
  }
}

function outputKind(flags: DfFlags, { stdout }: Surroundings): OutputKind {
  if (flags.classic) return 'classic';
  if (flags.csv) return 'csv';
  if (flags.json) return 'json';
  if (flags.ndjson) return 'ndjson';
  return stdout.isTTY === true ? 'rich' : 'plain';
}

/** The last size flag wins; then df's environment; then what suits the reader. */
function sizeStyle(
  flags: DfFlags,
  typed: readonly string[],
  env: NodeJS.ProcessEnv,
  output: OutputKind,
): SizeStyle {
  switch (typed.findLast((flag) => SIZE_FLAGS.includes(flag))) {
    case 'human-readable':
      return HUMAN;
    case 'si':
      return SI;
    case 'kibibytes':
      return KIBIBYTES;
    case 'block-size':
      return parseBlockSize(flags['block-size'] ?? '');
    default:
      return blockSizeFromEnvironment(env) ?? (output === 'rich' ? HUMAN : KIBIBYTES);
  }
}

const DEFAULT_WIDTH = 80;

function terminal({ env, stdout }: Surroundings) {
  const columns = Number(env.COLUMNS);
  const isWide = Number.isSafeInteger(columns) && columns > 0;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return {
    width: isWide ? columns : stdout.columns || DEFAULT_WIDTH,
    hasColor: hasColor(env, stdout.isTTY === true),
    hasUnicode: /utf-?8/iu.test(locale),
  };
}

/** References: https://no-color.org, https://force-color.org. */
function hasColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return isTerminal && env.TERM !== 'dumb';
}
