// The table for a terminal: grouped by guest, human sizes, a bar where there is room for one. A row that could not be read
// says why where its numbers would be. It fits the width: the bar goes first, then names are cut so that they stay different.

import { percentOf } from '../queries/use-percent.js';
import { barCell } from './bar.js';
import type { Column } from './column.js';
import { type ColumnChanges, changed, column } from './column-names.js';
import { absent, footer } from './footer.js';
import { cell, columnWidth, title, totalRow, usageColumns } from './grid.js';
import type { SizeStyle } from './human.js';
import { type Levels, type Paint, painter } from './paint.js';
import type { Row } from './row.js';
import { fit, type Layout, type Strip, totalWidth, WIDE_GAP } from './strips.js';
import { clean, ellipsisFor, inAscii, isolated, pad, wrapped } from './text.js';

export interface RichOptions {
  readonly style: SizeStyle;
  readonly inodes: boolean;
  readonly total: boolean;
  /** --output; null: guest, device, type, numbers, bar and note. */
  readonly columns: readonly Column[] | null;
  /** Of the columns that are its own. */
  readonly changes?: ColumnChanges;
  /** Columns of the terminal. */
  readonly width: number;
  /** --no-trunc: nothing is cut or wrapped. */
  readonly isWhole?: boolean;
  readonly hasColor: boolean;
  readonly levels?: Levels;
  /** Whether bars are drawn with more than ASCII. */
  readonly hasUnicode: boolean;
  /** Whether letters that are not ASCII are spelled. */
  readonly isAscii?: boolean;
}

/** A note that takes more lines than this beside the names stands below them. */
const MAX_LINES_BESIDE = 2;
/** Of a note below its row. */
const INDENT = 2;
/** The columns that a narrow terminal does without, the first first. */
const SPARE = ['type', 'used_bytes', 'files_used'];

/** The whole table as text, with its title line, a last line that counts, and the guests that have no row. */
export function richTable(
  rows: readonly Row[],
  options: RichOptions,
  without: readonly string[] = [],
): string {
  const shown = options.total ? [...rows, totalRow(rows)] : rows;
  const paint = painter(options.hasColor, options.levels);
  const layout = layOut(shown, options, paint);
  const head = layout.strips.map((strip) => pad(strip.title, strip.width, strip.align));
  const below = [...footer(rows), ...absent(without, options.width)];
  const lines = [
    paint.bold(head.join(' '.repeat(layout.gap)).trimEnd()),
    ...shown.flatMap((row, index) => rowLines(layout, row, index, options, paint)),
    '',
    ...below.flatMap((text) => folded(told(text, options), options.width, options)).map(isolated),
  ];
  return `${lines.join('\n')}\n`;
}

function layOut(rows: readonly Row[], options: RichOptions, paint: Paint): Layout {
  const strips = withBar(baseStrips(rows, options, paint), rows, options, paint);
  if (options.isWhole) return { strips, gap: WIDE_GAP };
  const ellipsis = ellipsisFor(options.hasUnicode);
  const spare = options.columns === null ? SPARE : [];
  return fit(strips, { width: options.width, ellipsis, spare });
}

function baseStrips(rows: readonly Row[], options: RichOptions, paint: Paint): Strip[] {
  const { style, inodes } = options;
  const own = [...['guest', 'device', 'type'].map(column), ...usageColumns(inodes)];
  const columns = options.columns ?? changed(own, options.changes);
  return columns.map((c) => {
    const texts = rows.map((row) =>
      options.columns === null && isNumber(c) && row.problem !== null
        ? ''
        : told(cell(c, row, style), options),
    );
    const cells = c.name === 'guest' && options.columns === null ? grouped(texts, rows) : texts;
    const heading = title(c, style).toUpperCase();
    return {
      ...c,
      title: heading,
      cells,
      width: columnWidth([heading, ...cells]),
      paint:
        c.type === 'percent'
          ? (text, row) => paint.usage(text, percentOf(row, inodes))
          : (text) => text,
    };
  });
}

function isNumber({ align }: Pick<Column, 'align'>): boolean {
  return align === 'right';
}

/** A guest's name stands on its first row only; that of one in another libvirt is another's. */
function grouped(names: readonly string[], rows: readonly Row[]): string[] {
  return names.map((name, index) => {
    const isSame = names[index - 1] === name && rows[index - 1]?.uri === rows[index]?.uri;
    return isSame ? '' : name;
  });
}

/** Adds the column without a title, if anything fits into it. */
function withBar(
  strips: readonly Strip[],
  rows: readonly Row[],
  options: RichOptions,
  paint: Paint,
): Strip[] {
  if (options.columns !== null) return [...strips];
  const room = options.isWhole
    ? Number.POSITIVE_INFINITY
    : options.width - totalWidth(strips, WIDE_GAP) - WIDE_GAP;
  const cells = rows.map((row) => told(barCell(row, room, options), options));
  const width = columnWidth(cells);
  if (width === 0) return [...strips];
  const colour = (text: string, row: Row) => paint.usage(text, percentOf(row, options.inodes));
  const bar = { name: '', title: '', type: 'text', align: 'left' } as const;
  return [...strips, { ...bar, cells, width, paint: colour }];
}

function rowLines(
  { strips, gap }: Layout,
  row: Row,
  index: number,
  options: RichOptions,
  paint: Paint,
): string[] {
  const hasNote = row.problem !== null && options.columns === null;
  const names = hasNote ? namesOf(strips) : strips;
  const cells = names.map(({ cells, width, align, paint }) => {
    const text = isolated(cells[index] ?? '');
    return text === ''
      ? ' '.repeat(width)
      : pad(text, width, align).replace(text, () => paint(text, row));
  });
  const line = cells.join(' '.repeat(gap));
  if (!hasNote) return [line.trimEnd()];
  const start = totalWidth(names, gap) + gap;
  const [beside = '', ...below] = noteLines(row, start, options).map(isolated);
  const [code = ''] = /^[A-Z_]+/u.exec(beside) ?? [];
  return [line + ' '.repeat(gap) + paint.bad(code) + beside.slice(code.length), ...below];
}

/** The columns before the first number, or before the bar. */
function namesOf(strips: readonly Strip[]): readonly Strip[] {
  const first = strips.findIndex((strip) => isNumber(strip) || strip.name === '');
  return first === -1 ? strips : strips.slice(0, first);
}

/** The reason in the room of the numbers, or its code there and the rest below; the first line stands behind the names. */
function noteLines({ problem }: Row, start: number, options: RichOptions): string[] {
  if (problem === null) return [];
  const [code, message] = [problem.code, told(clean(problem.message), options)];
  const sentence = `${code}: ${message}`;
  if (options.isWhole) return [sentence];
  const room = options.width - start;
  const beside = wrapped(sentence, Math.max(1, room));
  if (beside.length <= MAX_LINES_BESIDE && code.length <= room) {
    return beside.map((text, index) => (index === 0 ? '' : ' '.repeat(start)) + text);
  }
  const [first, below] = code.length <= room ? [code, message] : ['', sentence];
  const lines = wrapped(below, Math.max(1, options.width - INDENT));
  return [first, ...lines.map((text) => ' '.repeat(INDENT) + text)];
}

function folded(text: string, width: number, { isWhole }: RichOptions): string[] {
  return isWhole ? [text] : wrapped(text, Math.max(1, width));
}

/** As the terminal can show it. */
function told(text: string, { isAscii }: RichOptions): string {
  return isAscii ? inAscii(text) : text;
}
