// How a command about files runs: it asks, prints, tells the problems, and gives the exit code.
import { knownFilesystems } from '../../declarative/known.js';
import { optimizeLater } from '../../host/optimize-later.js';
import type { RunQuery } from '../../queries/ask.js';
import { isContrary } from '../../queries/problem.js';
import type { GuestHeader, ProblemRecord } from '../../queries/report.js';
import { clean } from '../../report/text.js';
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

/** What the exit code is made of. */
interface Ending<R> {
  /** Whether an answer has nothing; default: no filesystem. */
  readonly isNothing?: (report: R) => boolean;
  /** It has words of its own for nothing. */
  readonly hasWords?: boolean;
  /** Of a command whose codes are not df's; told whether formats of the user's were left out. */
  readonly exitCode?: (reports: readonly R[], hasTrouble: boolean) => number;
}

/** @param toldBy the problems that the output itself has. */
export async function runFiles<F, R extends Answer>(
  query: RunQuery<F, R>,
  settings: RunSettings,
  printer: Printer<R & GuestHeader>,
  toldBy: (report: R & GuestHeader) => readonly Told[],
  { isNothing = hasNone, hasWords = false, exitCode }: Ending<R & GuestHeader> = {},
): Promise<number> {
  const { filesystems, problems, note } = await knownFilesystems(settings.formats, process.env);
  optimizeLater();
  const reports = await askGuests(query, settings, filesystems, printer, (printed) => {
    const notes = [note ?? [], problems.map(({ message }) => message)].flat();
    for (const text of settings.quiet ? [] : notes) printError(`virt-df: ${text}\n`);
    printProblems(printed, settings, toldBy);
    const isSilent = (report: R & GuestHeader) => isNothing(report) && report.problems.length === 0;
    const silent = hasWords || settings.quiet ? [] : printed.filter(isSilent);
    for (const { guest } of silent) printError(`virt-df: ${clean(guest)}: no filesystem found\n`);
  });
  const hasTrouble = problems.length > 0;
  if (exitCode !== undefined) return exitCode(reports, hasTrouble);
  return hasTrouble ? EXIT_PROBLEM : exitCodeOf(reports, reports.every(isNothing));
}

/** As for df: 0 if all was read, 1 if something was not or nothing matched, 3 if permission was missing for all of it. */
function exitCodeOf(reports: readonly Answer[], isNothing: boolean): number {
  const problems = reports.flatMap((report) => report.problems).filter(isContrary);
  if (problems.length === 0) return isNothing ? EXIT_PROBLEM : EXIT_OK;
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  return isRefused && isNothing ? EXIT_NO_START : EXIT_PROBLEM;
}
