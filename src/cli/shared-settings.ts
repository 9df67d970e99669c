// Settings from the flags that several commands share, with the environment and the terminal: the unit of sizes, flags that
// contradict each other. guest-settings.ts has which guests to read, terminal.ts what the terminal can show.
import type { InferredFlags } from '@oclif/core/interfaces';
import { UsageError } from '../errors.js';
import type { View } from '../filesystem/view.js';
import {
  blockSizeFromEnvironment,
  HUMAN,
  KIBIBYTES,
  parseBlockSize,
  SI,
} from '../report/block-size.js';
import type { SizeStyle } from '../report/human.js';
import type { sizeFlags } from './shared-flags.js';

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

/** The view of a word that --view takes. */
export function asView(word: string): View {
  return word === 'mount' || word === 'live' ? word : 'guest';
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
