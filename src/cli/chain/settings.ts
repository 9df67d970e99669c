// The settings of `virt-df chain`, from its command line, the environment and the terminal.
import { HUMAN } from '../../report/block-size.js';
import type { SizeStyle } from '../../report/human.js';
import type { CommandLine } from '../base-command.js';
import { type GuestSettings, guestSettings } from '../guest-settings.js';
import {
  checkApart,
  SIZE_FLAGS,
  type Surroundings,
  sizeStyle,
  terminalSettings,
} from '../shared-settings.js';
import type { ChainFlags } from './flags.js';

export interface ChainSettings extends GuestSettings {
  readonly debug: boolean;
  readonly output: 'tree' | 'json' | 'xml';
  readonly style: SizeStyle;
  /** null: nothing is wrapped or cut. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

const APART = { json: ['xml', ...SIZE_FLAGS], xml: SIZE_FLAGS };

/** @throws UsageError USAGE */
export function chainSettings(
  line: CommandLine<ChainFlags>,
  surroundings: Surroundings,
): ChainSettings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const isTerminal = surroundings.stdout.isTTY === true;
  const terminal = terminalSettings(surroundings);
  return {
    ...guestSettings(line),
    debug: flags.debug,
    output: flags.json ? 'json' : flags.xml ? 'xml' : 'tree',
    style: sizeStyle(line, surroundings.env, HUMAN),
    width: isTerminal ? terminal.width : null,
    hasColor: terminal.hasColor,
    hasUnicode: isTerminal && terminal.hasUnicode,
  };
}
