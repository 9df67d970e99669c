// How the content of an array lies over its columns, which are its members in their order. A layout is arithmetic alone: it
// reads nothing, and knows nothing of members that are missing. Example: with chunks of 64 KiB over two columns, byte 65,536 of
// the content is byte 0 of column 1.
// References: md(4); Linux drivers/md/md.h.

/** A place in a column. */
export interface Place {
  readonly column: number;
  /** From where the column's data begin. */
  readonly offsetBytes: number;
}

/** Bytes of the content that lie together, from the offset that was asked for on. */
interface Piece {
  readonly lengthBytes: number;
  /** All of them hold the same; at least one, in the order in which they are to be tried. */
  readonly copies: readonly [Place, ...Place[]];
}

/**
 * The chunks that one parity is made of: at one offset of every column. Column by column, since each byte of a chunk depends on
 * those at the same offset in the others alone.
 */
export interface ParityRow {
  /** The columns that hold data, each with its power in the sum that Q is. */
  readonly data: readonly { readonly column: number; readonly power: number }[];
  /** The column of the plain sum. */
  readonly p: number;
  /** The column of the sum with powers; null: there is one parity only. */
  readonly q: number | null;
}

export interface RaidLayout {
  readonly columnCount: number;
  /** Of the content, not of the columns. */
  readonly sizeBytes: number;
  /** @param offsetBytes of the content, within it. */
  pieceAt(offsetBytes: number): Piece;
  /** How many columns of a row are sums of the others: so many may be lost. */
  readonly parityCount: 0 | 1 | 2;
  /** Every column holds all of the content, at the same offsets. */
  readonly isMirror?: boolean;
  /** What a lost piece can be computed from, where there is parity. */
  rowAt?(offsetBytes: number): ParityRow;
}

/** Whether all of the content is on the columns that are there, as it lies or by parity. */
export function isComplete(layout: RaidLayout, isThere: readonly boolean[]): boolean {
  const lostCount = isThere.filter((is) => !is).length;
  if (lostCount <= layout.parityCount) return true;
  if (layout.parityCount > 0) return false;
  // The pattern of the copies repeats after as many pieces as there are columns.
  for (let [at, i] = [0, 0]; at < layout.sizeBytes && i < layout.columnCount; i++) {
    const { copies, lengthBytes } = layout.pieceAt(at);
    if (!copies.some(({ column }) => isThere[column] === true)) return false;
    at += lengthBytes;
  }
  return true;
}
