// The settings of `virt-df chain`, from its command line, the environment and the terminal.
import { HUMAN } from '../../report/block-size.js';
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
  return {
    ...guestSettings(line),
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output: flags.json ? 'json' : flags.xml ? 'xml' : 'tree',
    style: sizeStyle(line, surroundings.env, HUMAN),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}
