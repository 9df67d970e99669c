// The end of `virt-df chain`: what its outputs tell, and the exit code.
import { type ChainReport, layerRecordsOf } from '../../queries/chain/record.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import type { Told } from '../problems.js';
import type { ChainSettings } from './settings.js';

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

/** The tree and XML tell the problems of layers, the tree also why a guest has no disk; JSON has a list of all. */
export function toldByChain(
  { disks, problems }: ChainReport,
  { output }: Pick<ChainSettings, 'output'>,
): readonly Told[] {
  if (output === 'json') return problems;
  if (output === 'tree' && disks.length === 0) return problems.slice(0, 1);
  return disks.flatMap(({ disk, chain }) =>
    layerRecordsOf(chain).flatMap(({ problem }) =>
      problem === null ? [] : [{ device: disk, ...problem }],
    ),
  );
}
