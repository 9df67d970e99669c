// The settings of `virt-df pools`, from its command line, the environment and the terminal.

import type { View } from '../../filesystem/view.js';
import { MIB } from '../../limits.js';
import { type EarlierPools, earlierPools } from '../../queries/pools/since.js';
import { HUMAN, KIBIBYTES } from '../../report/block-size.js';
import type { PoolsTextOptions } from '../../report/pools/text.js';
import { clean } from '../../report/text.js';
import type { CommandLine } from '../base-command.js';
import { givenText } from '../given-file.js';
import { type GuestSettings, guestSettings, list } from '../guest-settings.js';
import type { Talk } from '../problems.js';
import {
  asView,
  checkApart,
  SIZE_FLAGS,
  type Surroundings,
  sizeStyle,
} from '../shared-settings.js';
import { terminalSettings } from '../terminal.js';
import type { PoolsFlags } from './flags.js';

/** Of ten thousand guests and more. */
const MAX_EARLIER_BYTES = 64 * MIB;

export interface PoolsSettings extends GuestSettings, Talk, PoolsTextOptions {
  readonly hasProgress: boolean;
  readonly isJson: boolean;
  readonly view: View;
  readonly earlier: EarlierPools | null;
  readonly formats: readonly string[];
}

/** @throws UsageError USAGE */
export function poolsSettings(
  line: CommandLine<PoolsFlags>,
  surroundings: Surroundings,
): PoolsSettings {
  const { flags, typed } = line;
  checkApart(typed, { json: [...SIZE_FLAGS, 'warn', 'crit'] });
  const terminal = terminalSettings(flags, surroundings);
  const usual = terminal.isTerminal ? HUMAN : KIBIBYTES;
  return {
    ...guestSettings(line),
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    isJson: flags.json,
    view: asView(flags.view),
    hasReclaimable: flags.reclaimable,
    earlier: flags.since === undefined ? null : readEarlier(flags.since),
    formats: list(flags.formats),
    style: sizeStyle(line, surroundings.env, usual),
    levels: { warnPercent: flags.warn, criticalPercent: flags.crit },
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}

function readEarlier(path: string): EarlierPools {
  return earlierPools(givenText(path, '--since', MAX_EARLIER_BYTES), clean(path));
}
