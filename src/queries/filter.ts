// The filter of --type and --exclude-type, by the types of filesystems.
import type { DfReport, FilesystemRecord } from './report.js';

/** --type and -x: blkid's words. Nothing given passes everything. */
export interface TypeFilter {
  readonly only: readonly string[];
  readonly exclude: readonly string[];
}

export const EVERY_TYPE: TypeFilter = { only: [], exclude: [] };

/**
 * The report without the types that were not asked for, and without their problems. What could not be read stays unless its
 * type is excluded: a LUKS volume may hold what was asked for.
 */
export function filtered<R extends DfReport>(report: R, { only, exclude }: TypeFilter): R {
  if (only.length === 0 && exclude.length === 0) return report;
  const isAsked = (type: string | null) =>
    type === null || ((only.length === 0 || only.includes(type)) && !exclude.includes(type));
  const passes = ({ type, problem }: FilesystemRecord) =>
    isAsked(type) || (problem !== null && !exclude.includes(type ?? ''));
  const filesystems = report.filesystems.filter(passes);
  const others = report.filesystems.filter((row) => !passes(row));
  const dropped = new Set(others.map(({ device }) => device));
  return {
    ...report,
    filesystems,
    volumes: report.volumes.filter(({ type }) => isAsked(type)),
    problems: report.problems.filter(({ device }) => device === null || !dropped.has(device)),
    otherTypes: [...new Set(others.flatMap(({ type }) => type ?? []))].sort(),
  };
}
