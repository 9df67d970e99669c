// A column of tables, JSON and CSV, and what makes one.
import type { Row } from './row.js';
import { clean } from './text.js';

export type Value = string | number | boolean | null;

/**
 * The type of a column's values, by which a table shows them: `bytes` in the chosen unit, `count` (inodes) likewise when
 * sizes are human, `percent` with its sign, `problem` as a sentence with its code.
 */
export type ColumnType = 'text' | 'bytes' | 'count' | 'percent' | 'flag' | 'problem';

export interface Column {
  readonly name: string;
  /** df's word for it, accepted by --output and --sort as well. */
  readonly alias?: string;
  /** The title in tables. */
  readonly title: string;
  readonly type: ColumnType;
  readonly align: 'left' | 'right';
  /** One line for --list-columns. */
  readonly description: string;
  /** The value, cleaned: safe for a terminal, CSV and JSON. */
  readonly value: (row: Row) => Value;
  /** Whether it is a key of JSON's filesystem records (and of CSV unless --output says otherwise). */
  readonly isRecord: boolean;
}

type Options = Partial<Pick<Column, 'alias' | 'isRecord'>>;

export function text(
  name: string,
  title: string,
  description: string,
  value: (row: Row) => string | null,
  options: Options = {},
): Column {
  const cleaned = (row: Row) => clean(value(row));
  const type = 'text';
  return {
    name,
    title,
    type,
    align: 'left',
    description,
    value: cleaned,
    isRecord: true,
    ...options,
  };
}

export function number(
  name: string,
  type: 'bytes' | 'count' | 'percent',
  title: string,
  description: string,
  value: (row: Row) => number | null,
  options: Options = {},
): Column {
  return { name, title, type, align: 'right', description, value, isRecord: true, ...options };
}
