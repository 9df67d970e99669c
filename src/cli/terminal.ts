// The terminal as flags, the environment and stdout describe it: its width, colours, letters.
// References: https://no-color.org, https://force-color.org; locale(7).
import type { InferredFlags } from '@oclif/core/interfaces';
import type { Surroundings } from './shared-settings.js';
import type { terminalFlags } from './terminal-flags.js';

export interface TerminalSettings {
  /** Whether the output is laid out for a terminal; a pipe is one if --width or --color=always says so. */
  readonly isTerminal: boolean;
  readonly width: number;
  /** Nothing is cut or wrapped. */
  readonly isWhole: boolean;
  readonly hasColor: boolean;
  /** Whether bars and strokes are drawn with more than ASCII. */
  readonly hasUnicode: boolean;
  /** Whether letters that are not ASCII are spelled. */
  readonly isAscii: boolean;
  readonly hasProgress: boolean;
}

type TerminalFlags = InferredFlags<typeof terminalFlags>;

const DEFAULT_WIDTH = 80;

export function terminalSettings(
  flags: TerminalFlags,
  { env, stdout }: Surroundings,
): TerminalSettings {
  const isTerminal = stdout.isTTY === true || flags.width !== undefined || flags.color === 'always';
  const columns = Number(env.COLUMNS);
  const isWide = Number.isSafeInteger(columns) && columns > 0;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const isAscii = flags.ascii || (isTerminal && !/utf-?8/iu.test(locale));
  return {
    isTerminal,
    width: flags.width ?? (isWide ? columns : stdout.columns || DEFAULT_WIDTH),
    isWhole: flags['no-trunc'],
    hasColor: hasColor(flags.color, env, stdout.isTTY === true),
    hasUnicode: isTerminal && !isAscii && env.TERM !== 'dumb',
    isAscii,
    hasProgress: !flags['no-progress'],
  };
}

function hasColor(when: string, env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (when !== 'auto') return when === 'always';
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '')
    return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return isTerminal && env.TERM !== 'dumb';
}
