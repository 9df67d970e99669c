// The last column of the table for a terminal: how full a filesystem is as a bar, a mark if its number may be off, and what
// there is to remark.

import { percentOf } from '../queries/use-percent.js';
import { column } from './column-names.js';
import type { Row } from './row.js';
import { pad } from './text.js';

const BAR_WIDTH = 10;
const MARK = ' ~';
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

interface BarOptions {
  readonly inodes: boolean;
  readonly hasUnicode: boolean;
}

/** As much of bar, mark and remark as fits into `room`; the mark always. */
export function barCell(row: Row, room: number, options: BarOptions): string {
  if (row.problem !== null) return '';
  const percent = percentOf(row, options.inodes);
  const hasBar = percent !== null && room >= BAR_WIDTH + MARK.length;
  const bars = hasBar ? bar(percent, options.hasUnicode) : '';
  const mark = row.doubts.length === 0 ? '' : MARK;
  const note = column('note').value(row);
  const remark = note === null ? '' : ` ${note}`;
  if (mark + remark === '') return bars;
  const fits = BAR_WIDTH + mark.length + remark.length <= room;
  return hasBar
    ? (pad(bars, BAR_WIDTH, 'left') + mark + (fits ? remark : '')).trimEnd()
    : mark.trimStart();
}

/** Ten columns, or as many of them as are full where nothing stands for the others. */
export function bar(percent: number, hasUnicode: boolean): string {
  const eighths = Math.round((Math.min(percent, 100) / 100) * BAR_WIDTH * 8);
  const full = Math.floor(eighths / 8);
  if (hasUnicode) return '█'.repeat(full) + (EIGHTHS[eighths % 8] ?? '');
  return ('#'.repeat(full) + (eighths % 8 >= 4 ? '>' : '')).padEnd(BAR_WIDTH, '.');
}
