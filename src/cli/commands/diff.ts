// `virt-df diff`.
import { UsageError, VirtDfError } from '../../errors.js';
import type { OldState } from '../../queries/diff/options.js';
import type { DiffReport } from '../../queries/diff/record.js';
import { diff } from '../../queries/diff.js';
import { isContrary } from '../../queries/problem.js';
import { clean } from '../../report/text.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { args, flags } from '../diff/flags.js';
import { printerOf } from '../diff/printer.js';
import { type DiffSettings, diffSettings } from '../diff/settings.js';
import { isUsage, reportError } from '../failure.js';
import { runFiles } from '../files/run.js';
import { listGuests } from '../list-guests.js';
import { printError } from '../output.js';
import type { Told } from '../problems.js';

/** As of diff(1), which differ from those of other commands. */
const EXIT_EQUAL = 0;
const EXIT_DIFFERENT = 1;
const EXIT_TROUBLE = 2;

export class Diff extends BaseCommand {
  static override summary = 'in which files a guest differs from its base, or from another image';
  static override usage = 'diff [OLD] NEW [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    {
      description: 'A clone and the image that it is based on',
      command: 'virt-df diff clone.qcow2',
    },
    { description: 'Two guests', command: 'virt-df diff web1 web2' },
    { description: 'Two images', command: 'virt-df diff monday.qcow2 tuesday.qcow2' },
    {
      description: 'Two internal snapshots',
      command: 'virt-df diff --snapshot before..after disk.qcow2',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Diff));
    const settings = diffSettings(line, surroundings());
    if (line.flags.version) return printVersion();
    try {
      const printer = await printerOf(settings);
      const toldOf = (report: DiffReport) => toldBy(report, settings);
      const options = { ...settings.options, old: await oldOf(settings) };
      return await runFiles(diff(options), settings, printer, toldOf, {
        exitCode(reports, hasTrouble) {
          if (settings.options.hasOverlay && !settings.quiet) sayNoOverlay(reports);
          return exitCodeOf(reports, hasTrouble);
        },
      });
    } catch (error) {
      if (!(error instanceof VirtDfError) || isUsage(error)) throw error;
      reportError(error, settings.debug);
      return EXIT_TROUBLE;
    }
  }
}

/** @throws LibvirtError; UsageError where the word names several. */
async function oldOf({ oldGuest, options, debug }: DiffSettings): Promise<OldState> {
  if (oldGuest === null) return options.old;
  const [guest, ...others] = (await listGuests({ ...oldGuest, debug })).guests;
  if (guest === undefined || others.length > 0) {
    const message = `the old state is one guest, and that names ${others.length + 1}`;
    throw new UsageError('USAGE', message);
  }
  if (guest.problem !== null) throw guest.problem;
  return { kind: 'guest', guest };
}

/** --why of two images that stand for themselves; where something could not be read, that was said. */
function sayNoOverlay(reports: readonly DiffReport[]): void {
  for (const { guest, overlay, problems } of reports) {
    if (overlay !== null || problems.some(isContrary)) continue;
    const why = 'no disk is an overlay on the image that it is compared with, which --why is about';
    printError(`virt-df: ${clean(guest)}: ${why}\n`);
  }
}

/** What is not known to be equal is trouble, whatever else was found. */
function exitCodeOf(reports: readonly DiffReport[], hasTrouble: boolean): number {
  const problems = reports.flatMap((report) => report.problems).filter(isContrary);
  const filesystems = reports.flatMap((report) => report.filesystems);
  if (hasTrouble || problems.length > 0 || filesystems.length === 0) return EXIT_TROUBLE;
  const isDifferent = filesystems.some(
    ({ presence, changes }) => presence !== 'both' || (changes ?? []).length > 0,
  );
  return isDifferent ? EXIT_DIFFERENT : EXIT_EQUAL;
}

/** JSON has a list of all problems; the text those of filesystems that could not be read. */
function toldBy({ filesystems, problems }: DiffReport, { output }: DiffSettings): readonly Told[] {
  if (output !== 'text') return problems;
  return filesystems.flatMap(({ record: { device }, problem }) =>
    problem === null ? [] : [{ device, ...problem }],
  );
}
