// A range of a chunk's addresses as it lies on one of its stripes, which is a stretch of one device.
// References: Linux 6.18 fs/btrfs/volumes.c: btrfs_map_block, btrfs_rmap_block.
import { type Chunk, STRIPE_BYTES } from './chunks.js';

/** From the beginning of a chunk or of a stripe. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** How many stripes hold different things: of RAID10 on four devices two. */
export function columnCount({ profile, stripes }: Chunk): number {
  if (profile.stripeCount !== null) return 1;
  return Math.floor((stripes.length - profile.parityStripes) / profile.copies);
}

/** The bytes of one stripe; parity has stripes of its own. */
export function stripeBytes(chunk: Chunk): number {
  return Math.floor(chunk.sizeBytes / columnCount(chunk));
}

/**
 * The parts of a stripe that a range of the chunk has, ascending. With parity, where a row is all in the range, its parity is
 * part of it: of a range that is free the parity means nothing.
 */
export function onStripe(chunk: Chunk, index: number, range: Interval): readonly Interval[] {
  const { profile } = chunk;
  const columns = columnCount(chunk);
  if (profile.stripeCount !== null) return [range];
  if (profile.parityStripes === 0) {
    const column = Math.floor(index / profile.copies);
    const start = inColumn(range.start, column, columns);
    const end = inColumn(range.end, column, columns);
    return end > start ? [{ start, end }] : [];
  }
  const rowBytes = columns * STRIPE_BYTES;
  const first = Math.ceil(range.start / rowBytes);
  const last = Math.floor(range.end / rowBytes);
  if (first > last) return inRow(chunk, index, range);
  const middle = { start: first * STRIPE_BYTES, end: last * STRIPE_BYTES };
  return [
    ...inRow(chunk, index, { start: range.start, end: first * rowBytes }),
    ...(last > first ? [middle] : []),
    ...inRow(chunk, index, { start: last * rowBytes, end: range.end }),
  ];
}

/** How many bytes of a column lie before an address. */
function inColumn(address: number, column: number, columns: number): number {
  const rowBytes = columns * STRIPE_BYTES;
  const row = Math.floor(address / rowBytes);
  const within = (address % rowBytes) - column * STRIPE_BYTES;
  return row * STRIPE_BYTES + Math.min(STRIPE_BYTES, Math.max(0, within));
}

/** The part of a range within one row that a stripe has; none where it has the row's parity. */
function inRow(chunk: Chunk, index: number, { start, end }: Interval): readonly Interval[] {
  if (end <= start) return [];
  const columns = columnCount(chunk);
  const row = Math.floor(start / (columns * STRIPE_BYTES));
  const column = columnOf(chunk, index, row);
  const first = (row * columns + column) * STRIPE_BYTES;
  const from = Math.max(start, first) - first;
  const to = Math.min(end, first + STRIPE_BYTES) - first;
  const before = row * STRIPE_BYTES;
  return column < columns && to > from ? [{ start: before + from, end: before + to }] : [];
}

/** Parity goes round, and is behind the columns of data. */
function columnOf({ stripes }: Chunk, index: number, row: number): number {
  return (((index - row) % stripes.length) + stripes.length) % stripes.length;
}

/** The stripes that have the parity of a row. */
export function parityOf(chunk: Chunk, row: number): readonly number[] {
  const columns = columnCount(chunk);
  return [...chunk.stripes.keys()].filter((index) => columnOf(chunk, index, row) >= columns);
}

/** The range of the chunk that is on a stripe at a byte of it: as long as one stripe's part, with parity a whole row. */
export function unitAt(chunk: Chunk, index: number, offsetBytes: number): Interval {
  const { profile, sizeBytes } = chunk;
  const columns = columnCount(chunk);
  const row = Math.floor(offsetBytes / STRIPE_BYTES);
  const within = offsetBytes % STRIPE_BYTES;
  const hasParity = profile.parityStripes > 0;
  const column = hasParity || columns === 1 ? 0 : Math.floor(index / profile.copies);
  const start = (row * columns + column) * STRIPE_BYTES + within;
  const lengthBytes = STRIPE_BYTES * (hasParity ? columns : 1);
  return { start, end: Math.min(sizeBytes, start + lengthBytes) };
}
