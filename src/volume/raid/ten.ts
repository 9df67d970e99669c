// RAID 10: every chunk several times. `near` copies lie beside each other, `far` ones in another part of the columns, and those
// with an offset in the row behind.
// References: Linux drivers/md/raid10.c: setup_geo, calc_sectors, __raid10_find_phys, raid10_size.
import type { Place, RaidLayout } from './layout.js';

const BYTE = 256;
const OFFSET_BIT = 2 ** 16;
const SETS_UNIT = 2 ** 17;

interface TenArray {
  readonly columnCount: number;
  /** The kernel's word: near copies, far copies in the second byte, then a bit for the offset and two for sets of columns. */
  readonly layout: number;
  readonly chunkBytes: number;
  /** What each column has room for. */
  readonly columnBytes: number;
}

interface Geometry {
  readonly columnCount: number;
  readonly nearCopies: number;
  readonly farCopies: number;
  readonly hasOffset: boolean;
  /** Far copies stay among so many columns. */
  readonly setColumns: number;
  readonly chunkBytes: number;
  /** From one far copy to the next. */
  readonly strideBytes: number;
}

/** null: the kernel takes no such layout. */
export function tenLayout({
  columnCount,
  layout,
  chunkBytes,
  columnBytes,
}: TenArray): RaidLayout | null {
  const nearCopies = layout % BYTE;
  const farCopies = Math.floor(layout / BYTE) % BYTE;
  const hasOffset = Math.floor(layout / OFFSET_BIT) % 2 === 1;
  const setColumns = setColumnsOf(layout, columnCount, nearCopies, farCopies);
  const copies = nearCopies * farCopies;
  if (copies === 0 || copies > columnCount || setColumns === null) return null;
  const columnChunks = Math.floor(columnBytes / chunkBytes);
  const chunks = Math.floor((Math.floor(columnChunks / farCopies) * columnCount) / nearCopies);
  const usedChunks = Math.ceil((chunks * copies) / columnCount);
  const strideChunks = hasOffset ? 1 : Math.floor(usedChunks / farCopies);
  const strideBytes = strideChunks * chunkBytes;
  const geometry = {
    columnCount,
    nearCopies,
    farCopies,
    hasOffset,
    setColumns,
    chunkBytes,
    strideBytes,
  };
  return {
    columnCount,
    parityCount: 0,
    sizeBytes: chunks * chunkBytes,
    pieceAt(at) {
      const within = at % chunkBytes;
      const [first, ...others] = placesOf(geometry, Math.floor(at / chunkBytes), within);
      return { lengthBytes: chunkBytes - within, copies: [first, ...others] };
    },
  };
}

/** Sets of one kind were made by a faulty kernel: they are what it made. null: no kernel makes such. */
function setColumnsOf(
  layout: number,
  columnCount: number,
  nearCopies: number,
  farCopies: number,
): number | null {
  const kind = Math.floor(layout / SETS_UNIT);
  if (kind === 0) return columnCount;
  const columns = kind === 1 ? Math.floor(columnCount / farCopies) : farCopies * nearCopies;
  return kind > 2 || !Number.isFinite(columns) || columns < 1 || columns > columnCount
    ? null
    : columns;
}

function placesOf(geometry: Geometry, chunk: number, within: number): readonly [Place, ...Place[]] {
  const { columnCount, nearCopies, farCopies, hasOffset, chunkBytes, strideBytes } = geometry;
  const number = chunk * nearCopies;
  const row = Math.floor(number / columnCount) * (hasOffset ? farCopies : 1);
  const places: Place[] = [];
  for (let near = 0; near < nearCopies; near++) {
    const behindLast = (number % columnCount) + near >= columnCount;
    let column = ((number % columnCount) + near) % columnCount;
    let offsetBytes = (row + (behindLast ? 1 : 0)) * chunkBytes + within;
    places.push({ column, offsetBytes });
    for (let far = 1; far < farCopies; far++) {
      column = farColumn(geometry, column);
      offsetBytes += strideBytes;
      places.push({ column, offsetBytes });
    }
  }
  const [first = { column: 0, offsetBytes: within }, ...others] = places;
  return [first, ...others];
}

/** Where the next far copy lies. Columns that are no whole set belong to the last one. */
function farColumn({ columnCount, nearCopies, setColumns }: Geometry, column: number): number {
  const rest = columnCount % setColumns;
  const lastStart = (Math.floor(columnCount / setColumns) - 1) * setColumns;
  const next = column + nearCopies;
  if (rest !== 0 && next > lastStart) {
    return ((next - lastStart) % (setColumns + rest)) + lastStart;
  }
  return (next % setColumns) + setColumns * Math.floor(column / setColumns);
}
