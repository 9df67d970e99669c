// --plain: a line for each row, in which each value stands behind its word. A screen reader says it in one go, and grep finds it;
// there are no bars, no blanks for alignment, and nothing is cut.
import type { Column } from './column.js';
import { type ColumnChanges, changed, column } from './column-names.js';
import { cell, title, totalRow, usageColumns } from './grid.js';
import type { SizeStyle } from './human.js';
import type { Row } from './row.js';
import { inAscii, isolated } from './text.js';

interface LineOptions {
  readonly style: SizeStyle;
  readonly inodes: boolean;
  readonly total: boolean;
  /** --output; null: guest, device, type, numbers, and what is to be said about them. */
  readonly columns: readonly Column[] | null;
  /** Of the columns that are its own. */
  readonly changes?: ColumnChanges;
  /** Letters that are not ASCII are spelled. */
  readonly isAscii: boolean;
}

/** `guest: web1, device: /dev/sda1, type: ext4, size: 9.8G, ...`; what is not known is left out. */
export function lines(rows: readonly Row[], options: LineOptions): string {
  const { style, inodes, total, isAscii } = options;
  const isChosen = options.columns !== null;
  const own = [...['guest', 'device', 'type'].map(column), ...usageColumns(inodes), column('note')];
  const columns = options.columns ?? changed(own, options.changes);
  const shown = total ? [...rows, totalRow(rows)] : rows;
  return shown
    .map((row) => {
      const fields = columns
        .filter((c) => c.value(row) !== null)
        .map((c) => `${title(c, style).toLowerCase()}: ${cell(c, row, style)}`);
      const text = [...fields, ...(isChosen ? [] : reasons(row))].join(', ');
      return `${isolated(isAscii ? inAscii(text) : text)}\n`;
    })
    .join('');
}

/** Why there are no numbers, or why they may lag or be off. */
function reasons(row: Row): string[] {
  if (row.problem !== null) return [`problem: ${column('problem').value(row)}`];
  const codes = new Set(row.doubts.map(({ code }) => code));
  return codes.size === 0 ? [] : [`doubts: ${[...codes].join(' and ')}`];
}
