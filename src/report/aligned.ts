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

/**
 * @param last what stands behind the columns, as long as it is.
 * @param paint colours a cell that has its room.
 */
export function alignedLine(
  cells: readonly string[],
  widths: readonly number[],
  isRight: (column: number) => boolean,
  last: string,
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const padded = cells.map((cell, column) =>
    paint(pad(cell, widths[column] ?? 0, isRight(column) ? 'right' : 'left'), column),
  );
  return [...padded, last].join(GAP);
}
