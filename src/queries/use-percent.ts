// df's Use%: used / (used + available), rounded up; and percentages as lvs prints them.
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

const [LEAST_PERCENT, MOST_PERCENT] = [0.01, 99.99];

/** Two places, of which 0 is nothing at all, and 100 all. Reference: lvm2 libdm, dm_percent_to_round_float. */
export function lvsPercent(percent: number): number {
  if (percent > 0 && percent < LEAST_PERCENT) return LEAST_PERCENT;
  if (percent > MOST_PERCENT && percent < 100) return MOST_PERCENT;
  return Math.round(percent * 100) / 100;
}
