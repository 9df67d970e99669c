// `virt-df du`.
import type { DuReport } from '../../queries/du/record.js';
import { du } from '../../queries/du.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { args, flags } from '../du/flags.js';
import { printerOf } from '../du/printer.js';
import { type DuSettings, duSettings } from '../du/settings.js';
import { runFiles } from '../files/run.js';
import type { Told } from '../problems.js';

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
    const printer = await printerOf(settings);
    return runFiles(du(settings.options), settings, printer, (report) => toldBy(report, settings));
  }
}

/** JSON has a list of all problems; the text those of filesystems that could not be read. */
function toldBy({ filesystems, problems }: DuReport, { output }: DuSettings): readonly Told[] {
  if (output === 'json' || output === 'ndjson') return problems;
  if (output === 'ncdu') return [];
  return filesystems.flatMap(({ record: { device }, problem }) =>
    problem === null ? [] : [{ device, ...problem }],
  );
}
