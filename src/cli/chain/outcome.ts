// The end of `virt-df chain`: what its outputs tell, and the exit code.
import { type ChainReport, layerRecordsOf } from '../../queries/chain/record.js';
import { fillingText } from '../../report/chain/live-facts.js';
import { clean } from '../../report/text.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import type { Told } from '../problems.js';
import type { ChainSettings } from './settings.js';

/**
 * As for df: 0 if all was read, 1 if something was not, nothing matched or a device is nearly full, 3 if permission was missing for all
 * of it.
 */
export function exitCodeOfChains(reports: readonly ChainReport[]): number {
  const problems = reports.flatMap((report) => report.problems);
  if (nearOf(reports).length > 0) return EXIT_PROBLEM;
  if (problems.length === 0) return reports.length === 0 ? EXIT_PROBLEM : EXIT_OK;
  const chains = reports.flatMap(({ disks }) => disks.map(({ chain }) => chain));
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  return isRefused && chains.every(({ problem }) => problem !== null)
    ? EXIT_NO_START
    : EXIT_PROBLEM;
}

/** A line for each image that is near the end of its device. */
export function nearLines(
  reports: readonly ChainReport[],
  { style }: Pick<ChainSettings, 'style'>,
): readonly string[] {
  return nearOf(reports).map(({ guest, disk, filling }) => {
    const name = `${clean(guest)} ${clean(disk.target ?? disk.disk)}`;
    return `${name}: ${fillingText(filling, style)}`;
  });
}

function nearOf(reports: readonly ChainReport[]) {
  return reports.flatMap(({ guest, disks }) =>
    disks.flatMap((disk) => {
      const near = (disk.filling ?? []).filter(({ isNear }) => isNear === true);
      return near.map((filling) => ({ guest, disk, filling }));
    }),
  );
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
