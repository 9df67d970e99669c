// The settings of `virt-df tree`, from its command line, the environment and the terminal.
import type { View } from '../../filesystem/filesystem.js';
import { HUMAN, parseBlockSize } from '../../report/block-size.js';
import { DEFAULT_TREE_COLUMNS, treeColumns } from '../../report/tree/columns.js';
import type { TreeTextOptions } from '../../report/tree/text.js';
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
import type { TreeFlags } from './flags.js';

export interface TreeSettings extends GuestSettings, Talk, TreeTextOptions {
  readonly hasProgress: boolean;
  readonly isJson: boolean;
  /** What each thin volume holds alone is counted. */
  readonly hasExclusive: boolean;
  readonly view: View;
  readonly formats: readonly string[];
}

const APART = { json: ['list', 'output', 'bytes', ...SIZE_FLAGS], bytes: SIZE_FLAGS };

/** @throws UsageError USAGE */
export function treeSettings(
  line: CommandLine<TreeFlags>,
  surroundings: Surroundings,
): TreeSettings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const columns = flags.output === undefined ? DEFAULT_TREE_COLUMNS : treeColumns(flags.output);
  return {
    ...guestSettings(line),
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    isJson: flags.json,
    view: asView(flags.view),
    formats: list(flags.formats),
    hasExclusive: flags.exclusive || columns.some(({ name }) => name === 'exclusive_bytes'),
    columns: withThin(columns, flags),
    isList: flags.list,
    style: flags.bytes ? parseBlockSize('1') : sizeStyle(line, surroundings.env, HUMAN),
    ...terminal,
    width: terminal.isTerminal && !terminal.isWhole ? terminal.width : null,
  };
}

/** Whoever asks what volumes hold alone sees it, with what they hold in all. */
function withThin(
  columns: TreeSettings['columns'],
  { exclusive, output }: TreeFlags,
): TreeSettings['columns'] {
  return exclusive && output === undefined
    ? [...columns, ...treeColumns('mapped,exclusive')]
    : columns;
}
