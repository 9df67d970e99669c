// The settings of `virt-df reclaim`, from its command line, the environment and the terminal.
import type { View } from '../../filesystem/view.js';
import { HUMAN, KIBIBYTES } from '../../report/block-size.js';
import type { ReclaimTextOptions } from '../../report/reclaim/text.js';
import type { CommandLine } from '../base-command.js';
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
import type { ReclaimFlags } from './flags.js';

export interface ReclaimSettings extends GuestSettings, Talk, ReclaimTextOptions {
  readonly hasProgress: boolean;
  readonly output: 'text' | 'plan' | 'json' | 'ndjson';
  readonly view: View;
  readonly formats: readonly string[];
}

const APART = {
  json: ['ndjson', 'plan', ...SIZE_FLAGS],
  ndjson: ['plan', ...SIZE_FLAGS],
  plan: SIZE_FLAGS,
};

/** @throws UsageError USAGE */
export function reclaimSettings(
  line: CommandLine<ReclaimFlags>,
  surroundings: Surroundings,
): ReclaimSettings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const usual = terminal.isTerminal ? HUMAN : KIBIBYTES;
  return {
    ...guestSettings(line),
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output: outputOf(flags),
    view: asView(flags.view),
    formats: list(flags.formats),
    style: sizeStyle(line, surroundings.env, usual),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}

function outputOf({ json, ndjson, plan }: ReclaimFlags): ReclaimSettings['output'] {
  if (json) return 'json';
  if (ndjson) return 'ndjson';
  return plan ? 'plan' : 'text';
}
