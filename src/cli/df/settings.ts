// The settings of `virt-df df`, from its flags, arguments, the environment and the terminal. Contradictions are usage
// errors here; all later code sees settings and no flags.
import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import type { View } from '../../filesystem/filesystem.js';
import { checkLive, type LiveMode } from '../../queries/agent/options.js';
import type { RowFilter } from '../../queries/filter.js';
import { HUMAN, KIBIBYTES } from '../../report/block-size.js';
import type { Column } from '../../report/column.js';
import { type ColumnChanges, columnChoice } from '../../report/column-names.js';
import type { SizeStyle } from '../../report/human.js';
import type { Levels } from '../../report/paint.js';
import { type SortKey, sortKey } from '../../report/select.js';
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
import { type TerminalSettings, terminalSettings } from '../terminal.js';
import type { DfFlags } from './flags.js';

type OutputKind = 'rich' | 'plain' | 'lines' | 'classic' | 'csv' | 'json' | 'ndjson';

export interface Settings extends GuestSettings, Talk, TerminalSettings {
  readonly view: View;
  readonly formats: readonly string[];
  /** How the agents in guests are asked; null: they are not. */
  readonly live: LiveMode | null;

  readonly output: OutputKind;
  readonly style: SizeStyle;
  readonly human: boolean;
  readonly inodes: boolean;
  readonly printType: boolean;
  readonly total: boolean;
  readonly uuid: boolean;
  /** With `classic`: its CSV. */
  readonly classicCsv: boolean;
  readonly filter: RowFilter;
  /** Whether volumes that are no filesystems have rows. */
  readonly allVolumes: boolean;
  readonly sort: readonly SortKey[];
  readonly columns: readonly Column[] | null;
  readonly changes: ColumnChanges;
  /** Use% from which a row is painted. */
  readonly levels: Levels;
}

/** @throws UsageError USAGE */
export function settingsOf(line: CommandLine<DfFlags>, surroundings: Surroundings): Settings {
  const { flags, typed } = line;
  checkApart(typed, APART);
  const terminal = terminalSettings(flags, surroundings);
  const output = outputKind(flags, terminal);
  const isForPeople = output === 'rich' || output === 'lines';
  const filter: RowFilter = {
    only: words(flags.type),
    exclude: words(flags['exclude-type']),
    minUsePercent: flags['min-use'] ?? null,
    ofInodes: flags.inodes,
    excludesReadOnly: flags['exclude-read-only'],
  };
  const guests = guestSettings(line, list(flags.recursive));
  const isJson = output === 'json' || output === 'ndjson';
  const isSized = isJson && typed.some((flag) => SIZE_FLAGS.includes(flag));
  return {
    ...guests,
    notes: [...guests.notes, ...(isSized ? [JSON_HAS_BYTES] : []), ...typesForImages(flags)],
    view: flags.classic ? 'mount' : asView(flags.view),
    formats: list(flags.formats),
    live: liveMode(flags, guests),
    debug: flags.debug,
    quiet: flags.quiet && !flags.debug,
    output,
    style: sizeStyle(line, surroundings.env, isForPeople ? HUMAN : KIBIBYTES),
    human: flags['human-readable'],
    inodes: flags.inodes,
    printType: flags['print-type'],
    total: flags.total,
    uuid: flags.uuid,
    classicCsv: flags.csv,
    filter,
    allVolumes: flags['all-volumes'],
    sort: list(flags.sort).map(sortKey),
    ...outputColumns(line, isJson),
    levels: { warnPercent: flags.warn, criticalPercent: flags.crit },
    ...terminal,
  };
}

/** @throws UsageError USAGE */
function liveMode({ live, view }: DfFlags, { libvirt, disks }: GuestSettings): LiveMode | null {
  if (live === undefined) return null;
  const { snapshot = null } = disks;
  checkLive({ isReadOnly: libvirt?.isReadOnly ?? false, view: asView(view), snapshot });
  if (libvirt === null) {
    const message = "--live asks the agents in libvirt's guests; an image has none";
    throw new UsageError('USAGE', message);
  }
  return live === 'only' ? 'only' : 'prefer';
}

/** Whether a column is shown, or rows are sorted by it. */
export function asksFor({ columns, changes, sort }: Settings, name: string): boolean {
  const asked = [...(columns ?? []), ...changes.added, ...sort.map(({ column }) => column)];
  return asked.some((column) => column.name === name);
}

/** They are about tables and lines for people. */
const FOR_PEOPLE = ['width', 'no-trunc', 'ascii', 'warn', 'crit', 'plain'];

const JSON_HAS_BYTES = 'sizes in JSON are bytes, whatever the flags of sizes say';

/** df's `-t ext4` is `--type ext4` here. */
function typesForImages({ test }: DfFlags): readonly string[] {
  const types = list(test).filter((word) => TYPE.test(word) && !existsSync(word));
  return types.map(
    (type) =>
      `-t takes an image, and there is no file '${type}'; filesystems of a type are --type ${type}`,
  );
}

const TYPE = /^(?:ext[234]|xfs|btrfs|f2fs|vfat|exfat|ntfs|iso9660|udf|squashfs|erofs|tmpfs|nfs)$/u;

/** Of --output; JSON's fields do not depend on the environment. */
function outputColumns({ flags, typed }: CommandLine<DfFlags>, isJson: boolean) {
  return columnChoice(isJson && !typed.includes('output') ? undefined : flags.output);
}

/** `--type ext4,xfs --type btrfs`: three. */
function words(value: readonly string[] | undefined): readonly string[] {
  return list(value)
    .flatMap((one) => one.split(',').map((word) => word.trim()))
    .filter((word) => word !== '');
}

/** For each output the flags that it would silently ignore, and that are refused beside it. */
const APART: Readonly<Record<string, readonly string[]>> = {
  csv: ['json', 'ndjson', 'total', ...SIZE_FLAGS, ...FOR_PEOPLE],
  json: ['ndjson', ...FOR_PEOPLE],
  ndjson: FOR_PEOPLE,
  classic: [
    'live',
    'json',
    'ndjson',
    'output',
    'sort',
    'total',
    'print-type',
    'si',
    'block-size',
    ...FOR_PEOPLE,
  ],
  plain: ['width', 'no-trunc', 'warn', 'crit', 'print-type'],
};

function outputKind(flags: DfFlags, { isTerminal }: TerminalSettings): OutputKind {
  if (flags.classic) return 'classic';
  if (flags.csv) return 'csv';
  if (flags.json) return 'json';
  if (flags.ndjson) return 'ndjson';
  if (flags.plain) return 'lines';
  return isTerminal ? 'rich' : 'plain';
}
