// The exit code of `virt-df chain`.
import type { ChainReport } from '../../queries/chain/record.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';

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
