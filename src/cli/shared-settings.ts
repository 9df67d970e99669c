// Settings from the flags that several commands share, with the arguments, the environment and the terminal: which guests
// to read and how, the unit of sizes, the width and colour of the output.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { InferredFlags } from '@oclif/core/interfaces';
import { refusedFormats } from '../container/refused.js';
import { containerNamed, containers, rawEntry } from '../container/registry.js';
import { UsageError } from '../errors.js';
import { MIB } from '../limits.js';
import type { RunOptions } from '../queries/ask-run.js';
import { readKeys } from '../queries/keys.js';
import {
  blockSizeFromEnvironment,
  HUMAN,
  KIBIBYTES,
  parseBlockSize,
  SI,
} from '../report/block-size.js';
import type { SizeStyle } from '../report/human.js';
import type { guestFlags, readingFlags, sizeFlags } from './shared-flags.js';

/** The guests that a command reads, and how it reads them. */
export interface GuestSettings extends Omit<RunOptions, 'filesystems' | 'formats'> {
  readonly images: readonly string[];
  readonly sameGuest: boolean;
  /**
   * Whether images that are parts of others have no rows of their own: some were given as arguments, as a shell's glob gives
   * them. With -t each is a guest of its own.
   */
  readonly joinsParts: boolean;
  readonly format: string;
  /** The domains to ask libvirt for; null if the command line asks for images alone. */
  readonly libvirt: {
    readonly uris: readonly string[];
    readonly all: boolean;
    readonly select: readonly string[];
  } | null;
}

export interface TerminalSettings {
  readonly width: number;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

/** The parts of `process` that matter. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { readonly isTTY?: boolean; readonly columns?: number };
}

/** The part of a command line that is about guests. */
interface GuestCommandLine {
  readonly flags: InferredFlags<typeof guestFlags> & InferredFlags<typeof readingFlags>;
  /** Positional arguments. */
  readonly words: readonly string[];
}

/** The part of a command line that is about the unit of sizes. */
interface SizeCommandLine {
  readonly flags: InferredFlags<typeof sizeFlags>;
  /** The names of the flags, in order; flags set by the environment are not among them. */
  readonly typed: readonly string[];
}

/** The values of a flag that may be given several times; one from the environment is a single string. */
export function list(value: readonly string[] | string | undefined): readonly string[] {
  return [value ?? []].flat();
}

/**
 * An argument with a slash, or that names a file, is an image, as for libguestfs's tools; so is the folder of a machine
 * with the ending that its program gives it (`vm.utm`). Any other names a guest.
 * @throws UsageError USAGE
 */
export function guestSettings({ flags, words }: GuestCommandLine): GuestSettings {
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
    joinsParts: words.some(isImage),
    format: imageFormat(flags.format),
    disks: {
      allowRoots: list(flags['allow-root']).map(root),
      allowsRedirects: flags['allow-redirects'],
      snapshot: flags.snapshot ?? null,
    },
    keys: readKeys(list(flags.key), flags['keys-from-stdin']),
    parallel: flags.parallel === undefined || flags.parallel === 0 ? null : flags.parallel,
    timeoutSeconds: flags.timeout === 0 ? null : flags.timeout,
    deadlineMs: flags.deadline === 0 ? null : Date.now() + flags.deadline * 1000,
    memoryBytes: flags['max-memory'] * MIB,
    libvirt: wantsLibvirt ? { uris, all: flags.all, select } : null,
  };
}

const MACHINE_FOLDER = /\.(?:vmwarevm|pvm|utm|hdd|sparsebundle)$/iu;

function isFile(path: string): boolean {
  // Bytes that are not UTF-8: libvirt's names, from XML, have none.
  if (path.includes('\ufffd')) return true;
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status !== undefined && (!status.isDirectory() || MACHINE_FOLDER.test(path));
  } catch {
    return true; // A link that leads to itself, a folder that may not be looked into: its row says so.
  }
}

/** A directory, or any other file, that is there; a URL as it is. */
function root(value: string): string {
  if (/^[a-z+]+:\/\//u.test(value)) return value;
  try {
    if (statSync(value, { throwIfNoEntry: false }) !== undefined) return resolve(value);
  } catch {
    // A directory that may not be looked into counts as one that does not exist.
  }
  throw new UsageError('USAGE', `--allow-root needs a directory that exists, not '${value}'`);
}

function imageFormat(name: string): string {
  if (name === 'auto' || containerNamed(name) !== undefined) return name;
  const isRead = (entry: { name: string }) =>
    !refusedFormats.some(({ spec }) => spec.name === entry.name);
  const readable = [...containers, rawEntry].filter(isRead);
  const names = ['auto', ...readable.map((entry) => entry.name).sort()];
  throw new UsageError('USAGE', `--format is one of ${names.join(', ')}, not '${name}'`);
}

export const SIZE_FLAGS = ['human-readable', 'si', 'block-size', 'kibibytes'];

/**
 * The unit of sizes: by the last size flag, or else by df's environment variables, or else the output's own default.
 * @throws UsageError USAGE
 */
export function sizeStyle(
  { flags, typed }: SizeCommandLine,
  env: NodeJS.ProcessEnv,
  otherwise: SizeStyle,
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
      return blockSizeFromEnvironment(env) ?? otherwise;
  }
}

const SHORT: Readonly<Record<string, string>> = {
  'human-readable': '-h',
  si: '-H',
  'block-size': '-B',
  kibibytes: '-k',
};

/**
 * Refuses flags that contradict each other: --json would silently ignore --total. Only flags that were typed count; a
 * variable of the environment that does not apply is no contradiction.
 * @throws UsageError USAGE
 */
export function checkApart(
  typed: readonly string[],
  apart: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [output, others] of Object.entries(apart)) {
    const other = typed.find((flag) => others.includes(flag));
    if (other === undefined || !typed.includes(output)) continue;
    const message = `you cannot use ${SHORT[other] ?? `--${other}`} and --${output} options together.`;
    throw new UsageError('USAGE', message);
  }
}

const DEFAULT_WIDTH = 80;

export function terminalSettings({ env, stdout }: Surroundings): TerminalSettings {
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
