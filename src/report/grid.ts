// Cells of the tables: a column's value as text, and columns laid side by side.
import { NO_STRETCH } from '../queries/place.js';
import { NO_NUMBERS } from '../queries/record.js';
import { sizeTitle } from './block-size.js';
import type { Column } from './column.js';
import { column } from './column-names.js';
import { formatCount, type SizeStyle } from './human.js';
import type { Row } from './row.js';
import { totalsOf } from './select.js';
import { displayWidth } from './width.js';

/** Unknown: never 0, never empty. */
const UNKNOWN_CELL = '-';

/** A column's value in a table. */
export function cell(column: Column, row: Row, style: SizeStyle): string {
  const value = column.value(row);
  if (value === null) return UNKNOWN_CELL;
  if (typeof value !== 'number') return value === '' ? UNKNOWN_CELL : String(value);
  switch (column.type) {
    case 'bytes':
      return formatCount(value, style);
    case 'count':
      return style.autoscale ? formatCount(value, style) : String(value);
    default:
      return column.type === 'percent' ? `${value}%` : String(value);
  }
}

/** A column's title in a table; the size's says its unit. */
export function title({ name, title }: Column, style: SizeStyle): string {
  if (name === 'size_bytes') return sizeTitle(style);
  return name === 'avail_bytes' && !style.autoscale ? 'Available' : title;
}

/** The greatest width of the cells and their title, at least `min`. */
export function columnWidth(cells: readonly string[], min = 0): number {
  return cells.reduce((width, text) => Math.max(width, displayWidth(text)), min);
}

/** The numbers that df shows, in its order: of bytes, or of inodes with -i. */
export function usageColumns(inodes: boolean): Column[] {
  const names = inodes
    ? ['files', 'files_used', 'files_free', 'files_use_percent']
    : ['size_bytes', 'used_bytes', 'avail_bytes', 'use_percent'];
  return names.map(column);
}

/** The row of --total. */
export function totalRow(rows: readonly Row[]): Row {
  const guest = { guest: 'total', uuid: null, state: null, uri: null };
  const place = { ...guest, disk: null, device: null, onDisk: null };
  return {
    kind: 'total',
    ...place,
    ...NO_STRETCH,
    ...NO_NUMBERS,
    ...totalsOf(rows),
    problem: null,
  };
}
