// Columns by the words that --output and --sort take.
import { UsageError } from '../errors.js';
import type { Column } from './column.js';
import { COLUMNS } from './columns.js';
import { clean } from './text.js';

/**
 * The column of that name, df's word for it, or its title in tables (`use%`), in any case.
 * @throws UsageError USAGE that names the list.
 */
export function column(name: string): Column {
  const word = name.toLowerCase();
  const found =
    COLUMNS.find((candidate) => candidate.name === word || candidate.alias === word) ??
    COLUMNS.find(({ title }) => title.toLowerCase() === word);
  if (found === undefined) {
    const message = `there is no column '${clean(name)}'; --list-columns prints them`;
    throw new UsageError('USAGE', message, { data: { column: clean(name) } });
  }
  return found;
}

/** Columns by name, in the order given: `guest,device,size`. */
export function columns(names: string): Column[] {
  return names.split(',').map((name) => column(name.trim()));
}

/** The columns that are added to an output's own, and those that are left out of them. */
export interface ColumnChanges {
  readonly added: readonly Column[];
  readonly removed: readonly Column[];
}

export const NO_CHANGES: ColumnChanges = { added: [], removed: [] };

interface ColumnChoice {
  /** null: the output's own, with the changes. */
  readonly columns: readonly Column[] | null;
  readonly changes: ColumnChanges;
}

/**
 * `guest,size`, or `+label,-used`.
 * @throws UsageError USAGE for an unknown column, and for a mixture of both.
 */
export function columnChoice(words: string | undefined): ColumnChoice {
  if (words === undefined) return { columns: null, changes: NO_CHANGES };
  const names = words.split(',').map((name) => name.trim());
  const signed = names.filter((name) => /^[+-]/u.test(name));
  if (signed.length === 0) return { columns: columns(words), changes: NO_CHANGES };
  if (signed.length < names.length) {
    const message = 'either columns (guest,size) or changes of those that are there (+label,-used)';
    throw new UsageError('USAGE', `--output takes ${message}, not both`);
  }
  const behind = (sign: string) =>
    names.filter((name) => name.startsWith(sign)).map((name) => column(name.slice(1)));
  return { columns: null, changes: { added: behind('+'), removed: behind('-') } };
}

/** An output's own columns with the changes: new names stand beside the names, new numbers last. */
export function changed(
  own: readonly Column[],
  { added, removed }: ColumnChanges = NO_CHANGES,
): readonly Column[] {
  const kept = own.filter((one) => !removed.includes(one));
  const fresh = added.filter((one) => !kept.includes(one));
  const isNumber = ({ align }: Column) => align === 'right';
  const first = kept.findIndex(isNumber);
  const at = first === -1 ? kept.length : first;
  const names = fresh.filter((one) => !isNumber(one));
  return [...kept.slice(0, at), ...names, ...kept.slice(at), ...fresh.filter(isNumber)];
}

/** The output of --list-columns: a line for each column. */
export function columnList(): string {
  const width = Math.max(...COLUMNS.map(({ name }) => name.length));
  const aliasOf = ({ alias }: Column) => (alias === undefined ? '' : ` (also: ${alias})`);
  return COLUMNS.map((c) => `${c.name.padEnd(width)}  ${c.description}${aliasOf(c)}\n`).join('');
}
