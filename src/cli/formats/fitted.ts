// The table of formats on a terminal: columns that can be looked up elsewhere go first, then the places of signatures are cut.
import { cutEnd } from '../../report/text.js';
import { displayWidth } from '../../report/width.js';

const GAP = 2;
/** Of the column that may be cut so much shall stay; others go for it. */
const WANTED = 28;
const LEAST = 12;

interface FitOptions {
  readonly width: number;
  readonly ellipsis: string;
  /** The titles of the columns that may go, the first first. */
  readonly spare: readonly string[];
  /** The title of the column that may be cut. */
  readonly cut: string;
}

/** The rows, of which the first has the titles, so that each fits into a line if it can. */
export function fitted(
  rows: readonly (readonly string[])[],
  { width, ellipsis, spare, cut }: FitOptions,
): readonly (readonly string[])[] {
  const [titles = []] = rows;
  const widths = titles.map((_, column) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[column] ?? '')), 0),
  );
  const kept = new Set(titles.keys());
  const needed = (leastOfCut: number) =>
    [...kept].reduce(
      (sum, column) =>
        sum +
        GAP +
        (titles[column] === cut
          ? Math.min(leastOfCut, widths[column] ?? 0)
          : (widths[column] ?? 0)),
      -GAP,
    );
  for (const title of spare) if (needed(WANTED) > width) kept.delete(titles.indexOf(title));
  const room = Math.max(LEAST, width - needed(0));
  return rows.map((row) =>
    [...kept].map((column) => {
      const text = row[column] ?? '';
      return titles[column] === cut ? cutEnd(text, room, ellipsis) : text;
    }),
  );
}
