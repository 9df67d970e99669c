// The columns of the table for a terminal, and how they are made to fit: first there are fewer blanks between them, then names
// lose what they have in common, then the columns that are missed least go.
import { cutApart } from './apart.js';
import type { ColumnType } from './column.js';
import { columnWidth } from './grid.js';
import type { Row } from './row.js';

/** A column of the table: its cells without padding, and how it is laid out. */
export interface Strip {
  /** The column's name; '' is the bar. */
  readonly name: string;
  readonly title: string;
  readonly type: ColumnType;
  readonly align: 'left' | 'right';
  /** Empty where a row's note stands over it. */
  readonly cells: readonly string[];
  readonly width: number;
  readonly paint: (text: string, row: Row) => string;
}

/** Strips that fit, and the blanks between them. */
export interface Layout {
  readonly strips: readonly Strip[];
  readonly gap: number;
}

interface FitOptions {
  readonly width: number;
  readonly ellipsis: string;
  /** The columns that may go, the first first. */
  readonly spare: readonly string[];
}

/** Blanks between columns, and the least columns of names: of guests, of devices, of others. */
interface Measure {
  readonly gap: number;
  readonly least: Readonly<Record<string, number>>;
  readonly leastOther: number;
}

export const WIDE_GAP = 2;
const WIDE: Measure = { gap: WIDE_GAP, least: { guest: 14, device: 10, type: 8 }, leastOther: 8 };
const NARROW: Measure = { gap: 1, least: { guest: 8, device: 6, type: 5 }, leastOther: 5 };

export function fit(strips: readonly Strip[], options: FitOptions): Layout {
  const { width, spare } = options;
  const fewer = spare.map((_, count) =>
    strips.filter(({ name }) => !spare.slice(0, count + 1).includes(name)),
  );
  const tries = [
    { strips, measure: WIDE },
    ...[strips, ...fewer].map((some) => ({ strips: some, measure: NARROW })),
  ];
  const fitting =
    tries.find(({ strips, measure }) => leastWidth(strips, measure) <= width) ?? tries.at(-1);
  if (fitting === undefined) throw new Error('there is always one');
  return cut(fitting.strips, fitting.measure, options);
}

export function totalWidth(strips: readonly Strip[], gap: number): number {
  return strips.reduce((sum, { width }) => sum + width, gap * Math.max(0, strips.length - 1));
}

function leastWidth(strips: readonly Strip[], measure: Measure): number {
  return strips.reduce(
    (sum, strip) => sum + least(strip, measure),
    measure.gap * (strips.length - 1),
  );
}

/** Numbers are never cut. */
function least({ name, type, width }: Strip, measure: Measure): number {
  const isName = type === 'text' || type === 'problem';
  return isName && name !== '' ? Math.min(width, measure.least[name] ?? measure.leastOther) : width;
}

/** Cuts the names, the widest first, until the table fits or every name is at its least width. */
function cut(strips: readonly Strip[], measure: Measure, options: FitOptions): Layout {
  const widths = strips.map(({ width }) => width);
  const leasts = strips.map((strip) => least(strip, measure));
  let excess = totalWidth(strips, measure.gap) - options.width;
  for (; excess > 0; excess -= 1) {
    let widest = -1;
    for (const [index, width] of widths.entries()) {
      const isCuttable = width > (leasts[index] ?? 0);
      if (isCuttable && (widest === -1 || width > (widths[widest] ?? 0))) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const narrowed = strips.map((strip, index) => narrower(strip, widths[index] ?? 0, options));
  return { strips: narrowed, gap: measure.gap };
}

function narrower(strip: Strip, width: number, { ellipsis }: FitOptions): Strip {
  if (width >= strip.width) return strip;
  const texts = cutApart([strip.title, ...strip.cells], width, ellipsis);
  const cells = strip.cells.map((cell) => texts.get(cell) ?? cell);
  const title = texts.get(strip.title) ?? strip.title;
  // What tells the names apart may be shorter than what there is room for.
  return { ...strip, title, cells, width: columnWidth([title, ...cells]) };
}
