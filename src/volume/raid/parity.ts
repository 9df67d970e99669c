// RAID 4, 5 and 6: in each row of chunks one or two hold sums of the others, and which ones they are turns from row to row.
// References: Linux drivers/md/raid5.c: raid5_compute_sector, raid6_d0, raid6_idx_to_slot, raid6_next_disk; drivers/md/raid5.h:
// ALGORITHM_*; md_p.h; mdadm(8), --layout.
import type { ParityRow, RaidLayout } from './layout.js';

/** Where a row has its parity, and in which order its data lie. */
interface Turn {
  /** The column of P. @param count of the columns among which it turns. */
  p(row: number, count: number): number;
  /** The column of Q; left out where there is none. `behind`, `before` P, around the end if need be; or in the `last` column. */
  readonly q?: 'behind' | 'before' | 'last';
  /** `ascending`: the columns in their order, but for parity. `turned`: from the one behind the parity on, and around the end. */
  readonly data: 'ascending' | 'turned';
  /** Powers by the number of the column, as DDF has them, instead of from the one behind Q on. */
  readonly isDdf?: boolean;
}

const first = () => 0;
const last = (_row: number, count: number) => count - 1;
const lastButOne = (_row: number, count: number) => count - 2;
const left = (row: number, count: number) => count - 1 - (row % count);
const right = (row: number, count: number) => row % count;
const leftFromSecond = (row: number, count: number) => left(row + 1, count);

/** The kernel's number of a layout of RAID 4 and 5, and what it is. RAID 4 is 5 with the number 5. */
const ONE_PARITY: Readonly<Record<number, Turn>> = {
  0: { p: left, data: 'ascending' },
  1: { p: right, data: 'ascending' },
  2: { p: left, data: 'turned' },
  3: { p: right, data: 'turned' },
  4: { p: first, data: 'ascending' },
  5: { p: last, data: 'ascending' },
};

/** Those of RAID 6: the same with Q behind P, those of DDF, and those of RAID 5 with Q in a column of its own. */
const TWO_PARITIES: Readonly<Record<number, Turn>> = {
  0: { p: left, q: 'behind', data: 'ascending' },
  1: { p: right, q: 'behind', data: 'ascending' },
  2: { p: left, q: 'behind', data: 'turned' },
  3: { p: right, q: 'behind', data: 'turned' },
  4: { p: first, q: 'behind', data: 'ascending' },
  5: { p: lastButOne, q: 'behind', data: 'ascending' },
  8: { p: right, q: 'behind', data: 'ascending', isDdf: true },
  9: { p: leftFromSecond, q: 'behind', data: 'ascending', isDdf: true },
  10: { p: left, q: 'before', data: 'turned', isDdf: true },
  16: { p: left, q: 'last', data: 'ascending' },
  17: { p: right, q: 'last', data: 'ascending' },
  18: { p: left, q: 'last', data: 'turned' },
  19: { p: right, q: 'last', data: 'turned' },
  20: { p: first, q: 'last', data: 'ascending' },
};

/** Powers of 2 in the field of 256 elements come round after as many. */
const MAX_COLUMNS = 256;

interface ParityArray {
  readonly columnCount: number;
  readonly parityCount: 1 | 2;
  /** The kernel's number of the layout. */
  readonly number: number;
  readonly chunkBytes: number;
  /** Of each column: whole chunks. */
  readonly columnBytes: number;
}

/** null: there is no layout of that number, or there are too few columns for it. */
export function parityLayout(array: ParityArray): RaidLayout | null {
  const { columnCount, parityCount, number, chunkBytes, columnBytes } = array;
  const turn = (parityCount === 1 ? ONE_PARITY : TWO_PARITIES)[number];
  const dataCount = columnCount - parityCount;
  if (turn === undefined || dataCount < 1 || columnCount > MAX_COLUMNS) return null;
  const rowBytes = chunkBytes * dataCount;
  return {
    columnCount,
    parityCount,
    sizeBytes: columnBytes * dataCount,
    pieceAt(at) {
      const row = Math.floor(at / rowBytes);
      const within = at % chunkBytes;
      const column = dataColumn(turn, columnCount, row, Math.floor((at % rowBytes) / chunkBytes));
      const offsetBytes = row * chunkBytes + within;
      return { lengthBytes: chunkBytes - within, copies: [{ column, offsetBytes }] };
    },
    rowAt: (at) => parityRow(turn, columnCount, Math.floor(at / rowBytes)),
  };
}

interface Parities {
  readonly p: number;
  readonly q: number | null;
}

function paritiesOf({ p: pOf, q }: Turn, columnCount: number, row: number): Parities {
  const p = pOf(row, q === 'last' ? columnCount - 1 : columnCount);
  if (q === undefined) return { p, q: null };
  if (q === 'last') return { p, q: columnCount - 1 };
  return { p, q: (p + (q === 'behind' ? 1 : columnCount - 1)) % columnCount };
}

/** The column of the row's data chunk of this number. */
function dataColumn(turn: Turn, columnCount: number, row: number, index: number): number {
  const { p, q } = paritiesOf(turn, columnCount, row);
  if (turn.data === 'turned') {
    const start = turn.q === 'behind' ? p + 2 : p + 1;
    return (start + index) % (turn.q === 'last' ? columnCount - 1 : columnCount);
  }
  const low = q === null ? p : Math.min(p, q);
  const high = q === null ? columnCount : Math.max(p, q);
  const behindLow = index >= low ? index + 1 : index;
  return behindLow >= high ? behindLow + 1 : behindLow;
}

function parityRow(turn: Turn, columnCount: number, row: number): ParityRow {
  const { p, q } = paritiesOf(turn, columnCount, row);
  const data: { column: number; power: number }[] = [];
  const start = turn.isDdf === true ? 0 : (q ?? p) + 1;
  for (let i = 0; i < columnCount; i++) {
    const column = (start + i) % columnCount;
    if (column === p || column === q) continue;
    data.push({ column, power: turn.isDdf === true ? column : data.length });
  }
  return { data, p, q };
}
