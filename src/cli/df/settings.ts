// The settings of `virt-df df`, from its flags, arguments, the environment and the terminal. Contradictions are usage
// errors here; all later code sees settings and no flags.
import type { View } from '../../filesystem/filesystem.js';
import type { TypeFilter } from '../../queries/filter.js';
import { HUMAN, KIBIBYTES } from '../../report/block-size.js';
import { type Column, columns } from '../../report/columns.js';
import type { SizeStyle } from '../../report/human.js';
import { type SortKey, sortKey } from '../../report/select.js';
import type { CommandLine } from '../base-command.js';
import { type GuestSettings, guestSettings, list } from '../guest-settings.js';
import {
  checkApart,
  SIZE_FLAGS,
  type Surroundings,
  sizeStyle,
  type TerminalSettings,
  terminalSettings,
} from '../shared-settings.js';
import type { DfFlags } from './flags.js';

type OutputKind = 'rich' | 'plain' | 'classic' | 'csv' | 'json' | 'ndjson';

export interface Settings extends GuestSettings, TerminalSettings {
  readonly view: View;
  readonly formats: readonly string[];
  readonly debug: boolean;

  readonly output: OutputKind;
  readonly style: SizeStyle;
  readonly human: boolean;
  readonly inodes: boolean;
  readonly printType: boolean;
  readonly total: boolean;
  readonly uuid: boolean;
  /** With `classic`: its CSV. */
  readonly classicCsv: boolean;
  readonly filter: TypeFilter;
  readonly sort: readonly SortKey[];
  readonly columns: readonly Column[] | null;
  /** Tables are neither cut nor wrapped. */
  readonly isWhole: boolean;
}

/** @throws UsageError USAGE */
export function settingsOf(line: CommandLine<DfFlags>, surroundings: Surroundings): Settings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const output = outputKind(flags, surroundings);
  const terminal = terminalSettings(surroundings);
  const isRich = output === 'rich';
  const filter = { only: list(flags.type), exclude: list(flags['exclude-type']) };
  return {
    ...guestSettings(line),
    view: flags.view === 'mount' || flags.classic ? 'mount' : 'guest',
    formats: list(flags.formats),
    debug: flags.debug,
    output,
    style: sizeStyle(line, surroundings.env, isRich ? HUMAN : KIBIBYTES),
    human: flags['human-readable'],
    inodes: flags.inodes,
    printType: flags['print-type'],
    total: flags.total,
    uuid: flags.uuid,
    classicCsv: flags.csv,
    filter,
    sort: list(flags.sort).map(sortKey),
    columns: flags.output === undefined ? null : columns(flags.output),
    isWhole: flags['no-trunc'],
    ...terminal,
    width: flags.width ?? terminal.width,
  };
}

/** For each output the flags that it would silently ignore, and that are refused beside it. */
const APART: Readonly<Record<string, readonly string[]>> = {
  csv: ['json', 'ndjson', 'total', ...SIZE_FLAGS],
  json: ['ndjson', 'output', 'total', ...SIZE_FLAGS],
  ndjson: ['output', 'total', ...SIZE_FLAGS],
  classic: ['json', 'ndjson', 'output', 'sort', 'total', 'print-type', 'si', 'block-size'],
};

function outputKind(flags: DfFlags, { stdout }: Surroundings): OutputKind {
  if (flags.classic) return 'classic';
  if (flags.csv) return 'csv';
  if (flags.json) return 'json';
  if (flags.ndjson) return 'ndjson';
  return stdout.isTTY === true || flags.width !== undefined ? 'rich' : 'plain';
}
