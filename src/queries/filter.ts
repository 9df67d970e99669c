// The filter of --type and --exclude-type, by the types of filesystems.
import type { DfReport } from './report.js';

/** --type and -x: blkid's words. Nothing given passes everything. */
export interface TypeFilter {
  readonly only: readonly string[];
  readonly exclude: readonly string[];
}

export const EVERY_TYPE: TypeFilter = { only: [], exclude: [] };

/**
 * The report without the types that were not asked for, and without their problems. A row of unknown type, which could
 * not be read, stays: it may be of the type that was asked for.
 */
export function filtered<R extends DfReport>(report: R, { only, exclude }: TypeFilter): R {
  if (only.length === 0 && exclude.length === 0) return report;
  const passes = (type: string | null) =>
    type === null || ((only.length === 0 || only.includes(type)) && !exclude.includes(type));
  const dropped = new Set(
    report.filesystems.filter(({ type }) => !passes(type)).map(({ device }) => device),
  );
  return {
    ...report,
    filesystems: report.filesystems.filter(({ type }) => passes(type)),
    volumes: report.volumes.filter(({ type }) => passes(type)),
    problems: report.problems.filter(({ device }) => device === null || !dropped.has(device)),
  };
}
