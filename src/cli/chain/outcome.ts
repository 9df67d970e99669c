// The end of `virt-df chain`: a line on stderr for each problem, and the exit code.
import type { ChainReport } from '../../queries/chain/record.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import { printError } from '../output.js';
import { debugLine, nothingFound, problemLines } from '../problems.js';
import type { ChainSettings } from './settings.js';

export function printProblems(reports: readonly ChainReport[], settings: ChainSettings): void {
  const lines = reports.flatMap(({ problems }) => problemLines(problems, settings.debug));
  if (reports.length === 0) lines.push(`virt-df: ${nothingFound(settings)}`);
  if (settings.debug) lines.push(...reports.map(debugLine));
  if (lines.length > 0) printError(`${lines.join('\n')}\n`);
}

/** As for df: 0 if all was read, 1 if something was not or nothing matched, 3 if permission was missing for all of it. */
export function exitCodeOfChains(reports: readonly ChainReport[]): number {
  const problems = reports.flatMap((report) => report.problems);
  if (problems.length === 0) return reports.length === 0 ? EXIT_PROBLEM : EXIT_OK;
  const chains = reports.flatMap(({ disks }) => disks.map(({ chain }) => chain));
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  return isRefused && chains.every(({ problem }) => problem !== null)
    ? EXIT_NO_START
    : EXIT_PROBLEM;
}
