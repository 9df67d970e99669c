// `virt-df reclaim`.
import type { ReclaimReport } from '../../queries/reclaim/record.js';
import { reclaim } from '../../queries/reclaim.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { runFiles } from '../files/run.js';
import type { Told } from '../problems.js';
import { flags } from '../reclaim/flags.js';
import { printerOf } from '../reclaim/printer.js';
import { type ReclaimSettings, reclaimSettings } from '../reclaim/settings.js';
import { args } from '../shared-flags.js';

export class Reclaim extends BaseCommand {
  static override summary = 'what the images would give back of space that no file has';
  static override usage = 'reclaim [GUEST|IMAGE…] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'Running guests of this host', command: 'virt-df reclaim' },
    { description: 'One image', command: 'virt-df reclaim disk.qcow2' },
    { description: 'The commands that would do it', command: 'virt-df reclaim --plan web1' },
    {
      description: 'The sum of all guests',
      command: 'virt-df reclaim --all --json | jq .summary.reclaimable_bytes',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Reclaim));
    const settings = reclaimSettings(line, surroundings());
    if (line.flags.version) return printVersion();
    const printer = await printerOf(settings);
    const query = reclaim(settings.view);
    return runFiles(query, settings, printer, (report) => toldBy(report, settings), {
      isNothing: ({ filesystems, areas }) => filesystems.length + areas.length === 0,
    });
  }
}

/** JSON has a list of all problems; the text those of filesystems that could not be read. */
function toldBy(
  { filesystems, problems }: ReclaimReport,
  { output }: ReclaimSettings,
): readonly Told[] {
  if (output === 'json' || output === 'ndjson') return problems;
  return filesystems.flatMap(({ record: { device }, problem }) =>
    problem === null ? [] : [{ device, ...problem }],
  );
}
