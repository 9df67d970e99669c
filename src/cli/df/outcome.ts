// The end of `virt-df df`: a line on stderr for each problem, and the exit code.
import type { VirtDfError } from '../../errors.js';
import { isFiltering, namesTypes } from '../../queries/filter.js';
import { isContrary } from '../../queries/problem.js';
import type { GuestReport, ProblemRecord } from '../../queries/report.js';
import { changed } from '../../report/column-names.js';
import { RECORD_COLUMNS } from '../../report/columns.js';
import { rowsOf } from '../../report/row.js';
import { clean } from '../../report/text.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import { printError } from '../output.js';
import { debugLine, problemLine, problemLines, type Told, untold } from '../problems.js';
import type { Settings } from './settings.js';
import { explained, silentNotes } from './silent.js';

/**
 * Prints `virt-df: GUEST DEVICE: CODE: message` for every problem that the output does not tell, and for every such doubt that
 * makes the exit code 1; with --debug for all of them, and then the number of reads and bytes of each guest.
 */
export function printProblems(
  reports: readonly GuestReport[],
  formatProblems: readonly VirtDfError[],
  settings: Settings,
): void {
  const { debug, quiet } = settings;
  if (quiet) return;
  const doubts = doubtsOf(reports);
  const lines = [
    ...formatProblems.map(({ message }) => `virt-df: warning: ${clean(message)}`),
    ...reports.flatMap((report) =>
      problemLines(
        debug ? report.problems : untold(report.problems, told(report, settings)),
        debug,
      ),
    ),
    ...(debug ? doubts : hasWhole('doubts', settings) ? [] : doubts.filter(isContrary)).map(
      problemLine,
    ),
  ];
  const isExplained =
    (isJson(settings) && explained(reports, settings) !== reports) ||
    reports.some(({ problems }) => problems.length > 0);
  const notes = silentNotes(reports, settings);
  if (notes.length > 0) lines.push(...notes);
  else if (reports.length > 0 && isEmpty(reports, settings) && !isExplained) {
    lines.push(`virt-df: ${nothing(reports, settings)}`);
  }
  if (debug) lines.push(...reports.map(debugLine));
  if (lines.length > 0) printError(`${lines.join('\n')}\n`);
}

/** The problems that the output tells in whole: JSON has a list of all, tables have those of rows. */
function told(report: GuestReport, settings: Settings): readonly Told[] {
  if (isJson(settings)) return report.problems;
  // Tables of their own columns have a note on the row.
  const isNoted = settings.columns === null && !['classic', 'csv'].includes(settings.output);
  if (!isNoted && !hasWhole('problem', settings)) return [];
  return rowsOf(report).flatMap(({ device, problem }) =>
    problem === null ? [] : [{ device, ...problem }],
  );
}

function isJson({ output }: Settings): boolean {
  return output === 'json' || output === 'ndjson';
}

/** Whether the output has this column, and does not cut it. */
function hasWhole(name: string, { output, columns, changes, isWhole }: Settings): boolean {
  if (output === 'classic' || (output === 'rich' && !isWhole)) return false;
  const isOwn = columns === null && (output === 'csv' || output === 'json' || output === 'ndjson');
  const own = columns ?? (isOwn ? RECORD_COLUMNS : []);
  return changed(own, changes).some((one) => one.name === name);
}

/**
 * 0 if all was read; 1 if something was not, if the kernel would show other numbers, or if there is no filesystem to show;
 * 3 if permission was missing for all of it. --classic without any filesystem prints its title alone, and is no failure.
 */
export function exitCodeOfReports(
  reports: readonly GuestReport[],
  formatProblems: readonly VirtDfError[],
  settings: Settings,
): number {
  const problems = reports.flatMap((report) => report.problems);
  if (problems.length === 0) {
    const isNothing = isEmpty(reports, settings) && settings.output !== 'classic';
    const isBad = isNothing || formatProblems.length > 0 || doubtsOf(reports).some(isContrary);
    return isBad ? EXIT_PROBLEM : EXIT_OK;
  }
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  return isRefused && isUnread(reports) ? EXIT_NO_START : EXIT_PROBLEM;
}

/** The doubts of all rows, in the form of problems. */
function doubtsOf(reports: readonly GuestReport[]): ProblemRecord[] {
  const rows = reports.flatMap(({ filesystems }) => filesystems);
  return rows.flatMap(({ guest, disk, device, doubts }) =>
    doubts.map((doubt) => ({ guest, disk, device, ...doubt })),
  );
}

function isEmpty(reports: readonly GuestReport[], { allVolumes }: Settings): boolean {
  return reports.every(
    ({ filesystems, volumes }) => filesystems.length === 0 && !(allVolumes && volumes.length > 0),
  );
}

function isUnread(reports: readonly GuestReport[]): boolean {
  return reports.every(
    ({ filesystems, problems }) =>
      problems.length > 0 && filesystems.every(({ problem }) => problem !== null),
  );
}

function nothing(reports: readonly GuestReport[], { filter }: Settings): string {
  if (!isFiltering(filter)) return 'no filesystem found';
  if (!namesTypes(filter)) return 'no filesystem matches';
  const types = [...new Set(reports.flatMap(({ otherTypes = [] }) => otherTypes))].map((type) =>
    clean(type),
  );
  if (types.length === 0) return 'no filesystem matches; there is none';
  return `no filesystem matches; there ${types.length === 1 ? 'is' : 'are'} ${types.join(', ')}`;
}
