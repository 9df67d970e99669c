// df-like columns for pipes and scripts: one line a row, no cutting, no colour. With short names it is laid out as
// libguestfs's virt-df does (%-36s%10s %10s %10s %5s); a row that could not be read says why at the end of its line.
import type { Column } from './column.js';
import { type ColumnChanges, changed, column } from './column-names.js';
import { cell, columnWidth, title, totalRow, usageColumns } from './grid.js';
import type { SizeStyle } from './human.js';
import type { Row } from './row.js';
import { inAscii, isolated, pad } from './text.js';

interface PlainOptions {
  readonly style: SizeStyle;
  readonly inodes: boolean;
  readonly printType: boolean;
  readonly total: boolean;
  /** --output; null: df's columns. */
  readonly columns: readonly Column[] | null;
  /** Of the columns that are its own. */
  readonly changes?: ColumnChanges;
  /** Letters that are not ASCII are spelled. */
  readonly isAscii?: boolean;
}

/** Column widths of virt-df's traditional layout, by kind of column. */
const NAME_WIDTH = 36;
const TYPE_WIDTH = 8;
const NUMBER_WIDTH = 10;
const PERCENT_WIDTH = 5;

/** The whole table as text, with its title line. */
export function plainTable(rows: readonly Row[], options: PlainOptions): string {
  const { style, total } = options;
  const isTraditional = options.columns === null;
  const columns = options.columns ?? changed(defaultColumns(options), options.changes);
  const shown = total ? [...rows, totalRow(rows)] : rows;
  const body = shown.map((row) => columns.map((c) => told(cell(c, row, style), options)));
  const lines = [columns.map((c) => title(c, style)), ...body];
  const widths = columns.map((c, index) =>
    columnWidth(
      lines.map((line) => line[index] ?? ''),
      isTraditional ? minWidth(c) : 0,
    ),
  );
  const notes = ['', ...shown.map((row) => (isTraditional ? told(note(row), options) : ''))];
  return lines
    .map(
      (cells, index) => `${[layOut(cells, columns, widths), notes[index]].join(' ').trimEnd()}\n`,
    )
    .join('');
}

function defaultColumns({ inodes, printType }: PlainOptions): Column[] {
  const type = printType ? [column('type')] : [];
  return [column('filesystem'), ...type, ...usageColumns(inodes)];
}

/** The name's column has its gap within its width, as in the original; the others are joined by one blank. */
function minWidth({ name, type }: Column): number {
  if (name === 'filesystem') return NAME_WIDTH - 1;
  if (name === 'type') return TYPE_WIDTH;
  return type === 'percent' ? PERCENT_WIDTH : NUMBER_WIDTH;
}

function layOut(
  cells: readonly string[],
  columns: readonly Column[],
  widths: readonly number[],
): string {
  return columns
    .map(({ align }, i) => pad(isolated(cells[i] ?? ''), widths[i] ?? 0, align))
    .join(' ');
}

function told(text: string, { isAscii }: PlainOptions): string {
  return isAscii ? inAscii(text) : text;
}

function note(row: Row): string {
  return row.problem === null ? '' : isolated(String(column('problem').value(row)));
}
