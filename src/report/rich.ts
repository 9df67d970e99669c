// The table for a terminal: grouped by guest, human sizes, a bar where there is room for one, and a note on each row
// that could not be read or may be behind. Fits the width: the bar goes first, then names are cut in their middle.
import { type Column, column } from './columns.js';
import { cell, columnWidth, title, totalRow, usageColumns } from './grid.js';
import type { SizeStyle } from './human.js';
import { type Paint, painter } from './paint.js';
import { type Row, usePercent } from './row.js';
import { clean, cutEnd, cutMiddle, displayWidth, isolated, pad } from './text.js';

export interface RichOptions {
  readonly style: SizeStyle;
  readonly inodes: boolean;
  readonly total: boolean;
  /** --output; null: guest, device, type, numbers, bar and note. */
  readonly columns: readonly Column[] | null;
  /** Columns of the terminal. */
  readonly width: number;
  readonly hasColor: boolean;
  /** Whether the terminal shows more than ASCII. */
  readonly hasUnicode: boolean;
}

const GAP = 2;
const BAR_WIDTH = 10;
/** A cut name keeps so many columns. */
const MIN_NAME_WIDTH = 8;
/** Below this a note is only its code. */
const MIN_NOTE_WIDTH = 24;
const MARK = ' ~';
/** More guests without a filesystem than this are only counted. */
const MAX_ABSENT = 50;

/** A column of the table: its cells without padding, and how it is laid out. */
interface Strip {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cells: readonly string[];
  readonly width: number;
  /** May be cut when there is no room. */
  readonly isName: boolean;
  readonly paint: (text: string, row: Row) => string;
}

/** The whole table as text, with its title line, a last line that counts, and the guests that have no row. */
export function richTable(
  rows: readonly Row[],
  options: RichOptions,
  without: readonly string[] = [],
): string {
  const shown = options.total ? [...rows, totalRow(rows)] : rows;
  const paint = painter(options.hasColor);
  const strips = fit(withLast(baseStrips(shown, options, paint), shown, options, paint), options);
  const lines = [
    paint.bold(
      strips
        .map((strip) => pad(strip.title, strip.width, strip.align))
        .join('  ')
        .trimEnd(),
    ),
    ...shown.map((row, index) => line(strips, row, index)),
  ];
  return `${lines.join('\n')}\n${footer(rows)}${absent(without, options.width)}`;
}

function line(strips: readonly Strip[], row: Row, index: number): string {
  const cells = strips.map(({ cells, width, align, paint }) => {
    const text = isolated(cells[index] ?? '');
    return text === ''
      ? ' '.repeat(width)
      : pad(text, width, align).replace(text, () => paint(text, row));
  });
  return cells.join(' '.repeat(GAP)).trimEnd();
}

function baseStrips(rows: readonly Row[], options: RichOptions, paint: Paint): Strip[] {
  const { style, inodes } = options;
  const columns = options.columns ?? [
    ...['guest', 'device', 'type'].map(column),
    ...usageColumns(inodes),
  ];
  return columns.map((c) => {
    const texts = rows.map((row) => cell(c, row, style));
    const cells = c.name === 'guest' && options.columns === null ? grouped(texts) : texts;
    const heading = title(c, style).toUpperCase();
    const isName = c.type === 'text' || c.type === 'problem';
    return {
      title: heading,
      align: c.align,
      cells,
      width: columnWidth([heading, ...cells]),
      isName,
      paint:
        c.type === 'percent'
          ? (text, row) => paint.usage(text, percentOf(row, inodes))
          : (text) => text,
    };
  });
}

/** A guest's name stands on its first row only. */
function grouped(names: readonly string[]): string[] {
  return names.map((name, index) => (index > 0 && names[index - 1] === name ? '' : name));
}

/** Adds the column without a title, if anything fits: a bar, or why there is none. */
function withLast(
  strips: readonly Strip[],
  rows: readonly Row[],
  options: RichOptions,
  paint: Paint,
): Strip[] {
  if (options.columns !== null) return [...strips];
  const room = options.width - totalWidth(strips) - GAP;
  const cells = rows.map((row) => lastCell(row, room, options));
  const width = columnWidth(cells);
  if (width === 0) return [...strips];
  const colour = (text: string, row: Row) =>
    row.problem === null ? paint.usage(text, percentOf(row, options.inodes)) : paint.bad(text);
  return [...strips, { title: '', align: 'left', cells, width, isName: false, paint: colour }];
}

/** The bar, with a mark if its number may be off; for a row that could not be read as much of the reason as fits. */
function lastCell(row: Row, room: number, options: RichOptions): string {
  const { problem, doubts } = row;
  if (problem !== null) {
    const sentence = `${problem.code}: ${clean(problem.message)}`;
    return room < MIN_NOTE_WIDTH ? problem.code : cutEnd(sentence, room);
  }
  const percent = percentOf(row, options.inodes);
  const hasBar = percent !== null && room >= BAR_WIDTH + MARK.length;
  const bars = hasBar ? bar(percent, options.hasUnicode) : '';
  const mark = doubts.length === 0 ? '' : MARK;
  const note = column('note').value(row);
  const remark = note === null ? '' : ` ${note}`;
  if (mark + remark === '') return bars;
  const fits = BAR_WIDTH + mark.length + remark.length <= room;
  return hasBar
    ? (pad(bars, BAR_WIDTH, 'left') + mark + (fits ? remark : '')).trimEnd()
    : mark.trimStart();
}

function percentOf(row: Row, inodes: boolean): number | null {
  return inodes
    ? usePercent(row.filesUsed, row.filesFree)
    : usePercent(row.usedBytes, row.availBytes);
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

function bar(percent: number, hasUnicode: boolean): string {
  const eighths = Math.round((Math.min(percent, 100) / 100) * BAR_WIDTH * 8);
  const full = Math.floor(eighths / 8);
  if (hasUnicode) return '█'.repeat(full) + (EIGHTHS[eighths % 8] ?? '');
  return ('#'.repeat(full) + (eighths % 8 >= 4 ? '>' : '')).padEnd(BAR_WIDTH, '.');
}

/** Cuts the names, the widest first, until the table fits or every name is at its least width. */
function fit(strips: readonly Strip[], { width }: RichOptions): Strip[] {
  const widths = strips.map((strip) => strip.width);
  let excess = totalWidth(strips) - width;
  while (excess > 0) {
    const widest = strips
      .map((_, index) => index)
      .filter((index) => strips[index]?.isName && (widths[index] ?? 0) > MIN_NAME_WIDTH)
      .sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return strips.map((strip, index) => {
    const width = widths[index] ?? strip.width;
    if (width === strip.width) return strip;
    return { ...strip, width, cells: strip.cells.map((text) => cutMiddle(text, width)) };
  });
}

function totalWidth(strips: readonly Strip[]): number {
  return strips.reduce((sum, { width }) => sum + width, GAP * (strips.length - 1));
}

/** The last line: how many guests and filesystems there are, and the meaning of the marks. */
function footer(rows: readonly Row[]): string {
  const failed = rows.filter(({ problem }) => problem !== null).length;
  const read = rows.length - failed;
  const guests = new Set(rows.map(({ guest }) => guest)).size;
  const parts = [
    `${counted(read, 'filesystem')} in ${counted(guests, 'guest')}`,
    ...(failed > 0 ? [counted(failed, 'problem')] : []),
  ];
  const hasDoubt = rows.some(({ doubts }) => doubts.length > 0);
  const mark = hasDoubt ? '"~": numbers may lag or be off; --debug says why.\n' : '';
  return `\n${parts.join('; ')}.\n${mark}`;
}

/** `No filesystem in a, b and 3 more guests.`, as many names as fit into a line. */
function absent(names: readonly string[], width: number): string {
  if (names.length === 0) return '';
  const texts = names.slice(0, MAX_ABSENT).map((_, index) => {
    const rest = names.length - index - 1;
    const told = names.slice(0, index + 1).join(', ');
    return `No filesystem in ${told}${rest > 0 ? ` and ${counted(rest, 'more guest')}` : ''}.`;
  });
  const fitting = texts.findLast((text) => displayWidth(text) <= width);
  return `${isolated(fitting ?? `No filesystem in ${counted(names.length, 'guest')}.`)}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
