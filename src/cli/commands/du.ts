// `virt-df du`.
import { knownFilesystems } from '../../declarative/known.js';
import { optimizeLater } from '../../host/optimize-later.js';
import type { DuReport } from '../../queries/du/record.js';
import { du } from '../../queries/du.js';
import { isContrary } from '../../queries/problem.js';
import { askGuests } from '../ask-guests.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { args, flags } from '../du/flags.js';
import { printerOf } from '../du/printer.js';
import { type DuSettings, duSettings } from '../du/settings.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import { printError } from '../output.js';
import { printProblems, type Told } from '../problems.js';

export class Du extends BaseCommand {
  static override summary = 'which directories and files fill the filesystems, and what else does';
  static override usage = 'du [GUEST|IMAGE] [PATH] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'One image', command: 'virt-df du disk.qcow2' },
    { description: 'All files below a directory', command: 'virt-df du -a disk.qcow2 /var/log' },
    {
      description: 'Large files that nobody has touched for a year',
      command: 'virt-df du --older 365 --larger 100M disk.qcow2',
    },
    {
      description: 'To walk through with ncdu or gdu',
      command: 'virt-df du --export ncdu disk.qcow2 | ncdu -f -',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Du));
    const settings = duSettings(line, surroundings());
    if (line.flags.version) return printVersion();
    const { filesystems, problems, note } = await knownFilesystems(settings.formats, process.env);
    optimizeLater();
    const query = du(settings.options);
    const printer = await printerOf(settings);
    const reports = await askGuests(query, settings, filesystems, printer, (printed) => {
      const notes = [note ?? [], problems.map(({ message }) => message)].flat();
      for (const text of settings.quiet ? [] : notes) printError(`virt-df: ${text}\n`);
      printProblems(printed, settings, (report) => toldBy(report, settings));
    });
    return problems.length > 0 ? EXIT_PROBLEM : exitCodeOf(reports);
  }
}

/** As for df: 0 if all was read, 1 if something was not or nothing matched, 3 if permission was missing for all of it. */
function exitCodeOf(reports: readonly DuReport[]): number {
  const problems = reports.flatMap((report) => report.problems).filter(isContrary);
  if (problems.length === 0) {
    const isNothing = reports.every(({ filesystems }) => filesystems.length === 0);
    return isNothing ? EXIT_PROBLEM : EXIT_OK;
  }
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  const isUnread = reports.every(({ filesystems }) => filesystems.length === 0);
  return isRefused && isUnread ? EXIT_NO_START : EXIT_PROBLEM;
}

/** JSON has a list of all problems; the text those of filesystems that could not be read. */
function toldBy({ filesystems, problems }: DuReport, { output }: DuSettings): readonly Told[] {
  if (output === 'json' || output === 'ndjson') return problems;
  if (output === 'ncdu') return [];
  return filesystems.flatMap(({ record: { device }, problem }) =>
    problem === null ? [] : [{ device, ...problem }],
  );
}
