// df's Use%: used / (used + available), rounded up.
import type { FilesystemRecord } from './report.js';

/** null where there is nothing to divide. */
export function usePercent(used: number | null, available: number | null): number | null {
  if (used === null || available === null || used + available === 0) return null;
  const [part, whole] = [BigInt(used) * 100n, BigInt(used) + BigInt(available)];
  return Number((part + whole - 1n) / whole);
}

/** The numbers of a row that say how full it is. */
type Counted = Pick<FilesystemRecord, 'usedBytes' | 'availBytes' | 'filesUsed' | 'filesFree'>;

/** How full a row is: of bytes, or of inodes with -i. */
export function percentOf(row: Counted, inodes: boolean): number | null {
  return inodes
    ? usePercent(row.filesUsed, row.filesFree)
    : usePercent(row.usedBytes, row.availBytes);
}
