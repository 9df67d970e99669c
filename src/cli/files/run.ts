// How a command about files runs: it asks, prints, tells the problems, and gives the exit code.
import { knownFilesystems } from '../../declarative/known.js';
import { optimizeLater } from '../../host/optimize-later.js';
import type { RunQuery } from '../../queries/ask.js';
import { isContrary } from '../../queries/problem.js';
import type { GuestHeader, ProblemRecord } from '../../queries/report.js';
import { askGuests, type Printer } from '../ask-guests.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import type { GuestSettings } from '../guest-settings.js';
import { printError } from '../output.js';
import { printProblems, type Talk, type Told } from '../problems.js';

interface Answer {
  readonly filesystems: readonly unknown[];
  readonly problems: readonly ProblemRecord[];
}

/** No filesystem: nothing that was asked for. */
function hasNone({ filesystems }: Answer): boolean {
  return filesystems.length === 0;
}

interface RunSettings extends GuestSettings, Talk {
  readonly formats: readonly string[];
  readonly hasProgress: boolean;
}

/** @param toldBy the problems that the output itself has. @param isNothing whether an answer has nothing. */
export async function runFiles<F, R extends Answer>(
  query: RunQuery<F, R>,
  settings: RunSettings,
  printer: Printer<R & GuestHeader>,
  toldBy: (report: R & GuestHeader) => readonly Told[],
  isNothing: (report: R & GuestHeader) => boolean = hasNone,
): Promise<number> {
  const { filesystems, problems, note } = await knownFilesystems(settings.formats, process.env);
  optimizeLater();
  const reports = await askGuests(query, settings, filesystems, printer, (printed) => {
    const notes = [note ?? [], problems.map(({ message }) => message)].flat();
    for (const text of settings.quiet ? [] : notes) printError(`virt-df: ${text}\n`);
    printProblems(printed, settings, toldBy);
  });
  return problems.length > 0 ? EXIT_PROBLEM : exitCodeOf(reports, reports.every(isNothing));
}

/** As for df: 0 if all was read, 1 if something was not or nothing matched, 3 if permission was missing for all of it. */
function exitCodeOf(reports: readonly Answer[], isNothing: boolean): number {
  const problems = reports.flatMap((report) => report.problems).filter(isContrary);
  if (problems.length === 0) return isNothing ? EXIT_PROBLEM : EXIT_OK;
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  return isRefused && isNothing ? EXIT_NO_START : EXIT_PROBLEM;
}
