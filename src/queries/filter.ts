// The filters of --type, --exclude-type, --min-use and --exclude-read-only: which filesystems an answer has, whatever prints it.
import type { DfReport, FilesystemRecord } from './report.js';
import { percentOf } from './use-percent.js';

/** Nothing given passes everything. */
export interface RowFilter {
  /** --type: blkid's words. */
  readonly only: readonly string[];
  /** -x */
  readonly exclude: readonly string[];
  /** --min-use: what is at least so full, of inodes if `ofInodes`. */
  readonly minUsePercent?: number | null;
  readonly ofInodes?: boolean;
  /** --exclude-read-only */
  readonly excludesReadOnly?: boolean;
}

export const EVERY_ROW: RowFilter = { only: [], exclude: [] };

/** Whether it leaves anything out. */
export function isFiltering({ minUsePercent = null, ...filter }: RowFilter): boolean {
  return namesTypes(filter) || minUsePercent !== null || filter.excludesReadOnly === true;
}

/** Whether --type or -x was given. */
export function namesTypes({ only, exclude }: RowFilter): boolean {
  return only.length + exclude.length > 0;
}

/**
 * The report without the filesystems that were not asked for, and without their problems. What could not be read stays unless its
 * type is excluded: a LUKS volume may hold what was asked for, and may be full.
 */
export function filtered<R extends DfReport>(report: R, filter: RowFilter): R {
  if (!isFiltering(filter)) return report;
  const { only, exclude, minUsePercent = null } = filter;
  const isAsked = (type: string | null) =>
    type === null || ((only.length === 0 || only.includes(type)) && !exclude.includes(type));
  const passes = (row: FilesystemRecord) =>
    row.problem === null
      ? isAsked(row.type) && isFullEnough(row, filter) && isWanted(row, filter)
      : row.type === null || !exclude.includes(row.type);
  const filesystems = report.filesystems.filter(passes);
  const others = report.filesystems.filter((row) => !passes(row));
  // A problem of the device beside a row is no reason to leave it out that the row is not full: the disk may be cut.
  const kept = new Set(filesystems.map(({ device }) => device));
  const dropped = new Set(
    others.flatMap(({ device, type }) => (isAsked(type) || kept.has(device) ? [] : device)),
  );
  return {
    ...report,
    filesystems,
    volumes: report.volumes.filter(({ type }) => isAsked(type) && minUsePercent === null),
    problems: report.problems.filter(({ device }) => device === null || !dropped.has(device)),
    otherTypes: [...new Set(others.flatMap(({ type }) => type ?? []))].sort(),
  };
}

/** Of a filesystem of which only the size is known nobody knows whether it is full. */
function isFullEnough(row: FilesystemRecord, filter: RowFilter): boolean {
  const { minUsePercent = null, ofInodes = false } = filter;
  if (minUsePercent === null) return true;
  const percent = percentOf(row, ofInodes);
  return percent === null ? row.freeBytes === null : percent >= minUsePercent;
}

function isWanted({ readOnly }: FilesystemRecord, { excludesReadOnly }: RowFilter): boolean {
  return excludesReadOnly !== true || readOnly !== true;
}
