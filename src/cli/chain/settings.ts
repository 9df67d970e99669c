// The settings of `virt-df chain`, from its command line, the environment and the terminal.
import { UsageError } from '../../errors.js';
import type { Threshold } from '../../queries/chain/filling.js';
import { HUMAN, parseBlockSize } from '../../report/block-size.js';
import type { SizeStyle } from '../../report/human.js';
import type { CommandLine } from '../base-command.js';
import { type GuestSettings, guestSettings } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import { checkApart, SIZE_FLAGS, type Surroundings, sizeStyle } from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { ChainFlags } from './flags.js';

export interface ChainSettings extends GuestSettings, Talk {
  readonly hasProgress: boolean;
  readonly output: 'tree' | 'json' | 'xml';
  readonly style: SizeStyle;
  /** null: nothing is wrapped or cut. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
  /** null: none was asked about. */
  readonly threshold: Threshold | null;
  /** Between two answers; null: there is one. */
  readonly watchSeconds: number | null;
  /** Whether an answer is drawn in the place of the one before. */
  readonly redraws: boolean;
}

const APART = { json: ['xml', ...SIZE_FLAGS], xml: SIZE_FLAGS };

/** @throws UsageError USAGE */
export function chainSettings(
  line: CommandLine<ChainFlags>,
  surroundings: Surroundings,
): ChainSettings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const output = flags.json ? 'json' : flags.xml ? 'xml' : 'tree';
  return {
    ...guestSettings(line),
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output,
    threshold: flags.threshold === undefined ? null : thresholdOf(flags.threshold),
    watchSeconds: flags.watch ?? null,
    redraws: output === 'tree' && surroundings.stdout.isTTY === true,
    style: sizeStyle(line, surroundings.env, HUMAN),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}

const PERCENT = /^(\d{1,2}(?:\.\d+)?|100)%$/u;

/** `512M`, `10%`. @throws UsageError USAGE */
function thresholdOf(text: string): Threshold {
  const [, percent] = PERCENT.exec(text) ?? [];
  if (percent !== undefined) return { percent: Number(percent) };
  if (!text.endsWith('%')) {
    const { blockSizeBytes, autoscale } = parseBlockSize(text, '--threshold');
    if (!autoscale) return { bytes: blockSizeBytes };
  }
  throw new UsageError('USAGE', `--threshold is a size (512M) or a share (10%), not '${text}'`);
}
