// A table whose rows have notes: behind them in a pipe, on a terminal below them, wrapped.
import { alignedLine, widthOfAll, widthsOf } from './aligned.js';
import { painter } from './paint.js';
import { cutMiddle, ellipsisFor, isolated, wrapped } from './text.js';

/** Cells of one line, and what stands behind them. */
export interface NotedLine {
  readonly cells: readonly string[];
  readonly note: string;
  /** Something is wrong; default: it is not. */
  readonly isBad?: boolean;
  /** Colours a cell, which has its room already; default: none has a colour of its own. */
  readonly paint?: (cell: string, column: number) => string;
}

interface Layout {
  /** Columns of the terminal; null: nothing is cut or wrapped. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

const INDENT = '  ';
const MIN_NAME_WIDTH = 16;

/** Each with its line end; the first has the titles. Of the columns so many are text, and numbers follow. */
export function notedLines(
  lines: readonly NotedLine[],
  textColumns: number,
  { width, hasUnicode, hasColor }: Layout,
): readonly string[] {
  const [nameWidth = 0, ...others] = widthsOf(lines.map(({ cells }) => cells));
  const room = width === null ? nameWidth : Math.max(MIN_NAME_WIDTH, width - widthOfAll(others));
  const shown = [Math.min(nameWidth, room), ...others];
  const { bold, bad } = painter(hasColor);
  return lines.map(({ cells, note, isBad = false, paint }, index) => {
    const parts = cells.map((text, column) => {
      const own = shown[column] ?? 0;
      return isolated(column === 0 ? cutMiddle(text, own, ellipsisFor(hasUnicode)) : text);
    });
    const last = width === null ? isolated(note) : '';
    const isRight = (column: number) => column >= textColumns;
    const line = alignedLine(parts, shown, isRight, last, paint).trimEnd();
    const below = width === null || note === '' ? '' : indented(note, width);
    const painted = isBad ? bad(line) : line;
    return `${index === 0 ? bold(line) : painted}\n${below}`;
  });
}

function indented(text: string, width: number): string {
  const lines = wrapped(text, Math.max(1, width - INDENT.length));
  return lines.map((one) => `${INDENT}${isolated(one)}\n`).join('');
}
