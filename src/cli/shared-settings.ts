// Settings from the flags that several commands share, with the environment and the terminal: the unit of sizes, the width and
// colour of the output, flags that contradict each other. guest-settings.ts has which guests to read.
import type { InferredFlags } from '@oclif/core/interfaces';
import { UsageError } from '../errors.js';
import {
  blockSizeFromEnvironment,
  HUMAN,
  KIBIBYTES,
  parseBlockSize,
  SI,
} from '../report/block-size.js';
import type { SizeStyle } from '../report/human.js';
import type { sizeFlags } from './shared-flags.js';

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

/** The part of a command line that is about the unit of sizes. */
interface SizeCommandLine {
  readonly flags: InferredFlags<typeof sizeFlags>;
  /** The names of the flags, in order; flags set by the environment are not among them. */
  readonly typed: readonly string[];
}

export const SIZE_FLAGS = ['human-readable', 'si', 'block-size', 'kibibytes', 'mebibytes'];

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
    case 'mebibytes':
      return parseBlockSize('1M');
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
  mebibytes: '-m',
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
