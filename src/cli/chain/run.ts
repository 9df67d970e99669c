// `chain` as a pipeline: which guests, read them side by side, print, exit code.

import { askAll } from '../../queries/ask.js';
import type { ChainReport } from '../../queries/chain/record.js';
import { chain } from '../../queries/chain.js';
import { clean } from '../../report/text.js';
import { nothingFound, problemLines } from '../df/outcome.js';
import { runInfo } from '../df/printer.js';
import { startProgress } from '../df/progress.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import { listGuests } from '../list-guests.js';
import { printError, printOut } from '../output.js';
import type { ChainSettings } from './settings.js';

/** Runs chain as set; returns the exit code. */
export async function run(settings: ChainSettings): Promise<number> {
  if (settings.isVersionAsked) return printVersion();
  const progress = startProgress();
  try {
    const guests = await listGuests(settings);
    progress.total(guests.length);
    const options = { ...settings, filesystems: [] };
    const reports = await askAll(guests, chain, options, ({ guest }) => progress.done(guest));
    progress.stop();
    printOut(await textOf(reports, settings));
    printProblems(reports, settings);
    return exitCodeOf(reports);
  } finally {
    progress.stop();
  }
}

async function printVersion(): Promise<number> {
  const { VERSION } = await import('../../version.js');
  printOut(`virt-df ${VERSION}\n`);
  return EXIT_OK;
}

async function textOf(reports: readonly ChainReport[], settings: ChainSettings): Promise<string> {
  switch (settings.output) {
    case 'tree': {
      const { chainTree } = await import('../../report/chain/tree.js');
      return chainTree(reports, settings);
    }
    case 'json': {
      const { chainJson } = await import('../../report/chain/json.js');
      return chainJson(reports, await runInfo());
    }
    case 'xml': {
      const { chainXml } = await import('../../report/chain/xml.js');
      return chainXml(reports);
    }
  }
}

function printProblems(reports: readonly ChainReport[], settings: ChainSettings): void {
  const lines = reports.flatMap(({ problems }) => problemLines(problems, settings.debug));
  if (reports.length === 0) lines.push(`virt-df: ${nothingFound(settings)}`);
  if (settings.debug) lines.push(...reports.map(debugLine));
  if (lines.length > 0) printError(`${lines.join('\n')}\n`);
}

function debugLine({ guest, statistics: { readCount, bytesRead } }: ChainReport): string {
  return `virt-df: ${clean(guest)}: ${readCount} reads, ${bytesRead} bytes`;
}

/** As that of df: 0 if all was read, 1 if something was not or nothing matched, 3 if all was refused for want of permission. */
function exitCodeOf(reports: readonly ChainReport[]): number {
  const problems = reports.flatMap((report) => report.problems);
  if (problems.length === 0) return reports.length === 0 ? EXIT_PROBLEM : EXIT_OK;
  const chains = reports.flatMap(({ disks }) => disks.map(({ chain }) => chain));
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  return isRefused && chains.every(({ problem }) => problem !== null)
    ? EXIT_NO_START
    : EXIT_PROBLEM;
}
