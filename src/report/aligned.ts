// Lines whose cells stand under each other: numbers to the right, text to the left.
import { pad } from './text.js';
import { displayWidth } from './width.js';

const GAP = '  ';

/** The greatest width of each column. */
export function widthsOf(rows: Iterable<readonly string[]>): readonly number[] {
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [column, cell] of cells.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    }
  }
  return widths;
}

/** What those columns take, with the room between them. */
export function widthOfAll(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + GAP.length + width, 0);
}

/** @param last what stands behind the columns, as long as it is. */
export function alignedLine(
  cells: readonly string[],
  widths: readonly number[],
  isRight: (column: number) => boolean,
  last: string,
): string {
  const padded = cells.map((cell, column) =>
    pad(cell, widths[column] ?? 0, isRight(column) ? 'right' : 'left'),
  );
  return [...padded, last].join(GAP);
}
