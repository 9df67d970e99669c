// Columns one behind the other, and columns that all hold the same.
// References: Linux drivers/md/md-linear.c: linear_make_request; drivers/md/raid1.c: read_balance.
import { lastAtMost } from '../../bytes/search.js';
import type { RaidLayout } from './layout.js';

/** @param columnBytes how much of each column is used. */
export function linearLayout(columnBytes: readonly number[]): RaidLayout {
  const starts: number[] = [];
  let sizeBytes = 0;
  for (const bytes of columnBytes) {
    starts.push(sizeBytes);
    sizeBytes += bytes;
  }
  return {
    columnCount: columnBytes.length,
    parityCount: 0,
    sizeBytes,
    pieceAt(at) {
      const column = lastAtMost(at, starts.length, (i) => starts[i]);
      const offsetBytes = at - (starts[column] ?? 0);
      const lengthBytes = (columnBytes[column] ?? 0) - offsetBytes;
      return { lengthBytes, copies: [{ column, offsetBytes }] };
    },
  };
}

export function mirrorLayout(columnCount: number, sizeBytes: number): RaidLayout {
  return {
    columnCount,
    parityCount: 0,
    isMirror: true,
    sizeBytes,
    pieceAt(offsetBytes) {
      const place = (column: number) => ({ column, offsetBytes });
      const others = Array.from({ length: columnCount - 1 }, (_, i) => place(i + 1));
      return { lengthBytes: sizeBytes - offsetBytes, copies: [place(0), ...others] };
    },
  };
}
