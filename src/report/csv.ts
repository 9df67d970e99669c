// CSV: a header always, bytes as integers, unknown as an empty field.
// References: RFC 4180 (with LF, as everything else that virt-df prints); OWASP "CSV Injection".
import type { Column, Value } from './column.js';
import { type ColumnChanges, changed, NO_CHANGES } from './column-names.js';
import { RECORD_COLUMNS } from './columns.js';
import type { Row } from './row.js';

/**
 * Where a spreadsheet takes a field for a formula, which it does behind blanks too; where commas are for decimals, a
 * field begins behind each `;`. The last four characters are full-width forms of the others.
 */
const FORMULA = /(?<=^|;)(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/**
 * A CSV text with its header line. Labels and names come from guests, and a spreadsheet runs `=HYPERLINK(...)`: text
 * that begins like a formula gets a leading apostrophe. Machines that need the exact text read JSON.
 */
export function csv(
  rows: readonly Row[],
  chosen: readonly Column[] | null = null,
  changes: ColumnChanges = NO_CHANGES,
): string {
  const columns = chosen ?? changed(RECORD_COLUMNS, changes);
  const header = csvLine(columns.map(({ name }) => name));
  return [header, ...rows.map((row) => csvLine(columns.map((c) => c.value(row))))].join('');
}

/** With its line end. */
export function csvLine(values: readonly Value[]): string {
  return `${values.map(csvField).join(',')}\n`;
}

function csvField(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = value.replace(FORMULA, "'");
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
