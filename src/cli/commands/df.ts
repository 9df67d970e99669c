// `virt-df df`, which is also the bare `virt-df`.
import { knownFilesystems } from '../../declarative/known.js';
import type { LiveMode } from '../../queries/agent/options.js';
import { df } from '../../queries/df.js';
import { EVERY_ROW } from '../../queries/filter.js';
import { askGuests } from '../ask-guests.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { flags } from '../df/flags.js';
import { exitCodeOfReports, printProblems } from '../df/outcome.js';
import { printerOf } from '../df/printer.js';
import { asksFor, type Settings, settingsOf } from '../df/settings.js';
import { printError, printOut } from '../output.js';
import { args } from '../shared-flags.js';

export class Df extends BaseCommand {
  static override summary = 'how full the filesystems of virtual machines are, read from outside';
  static override usage = '[GUEST|IMAGE…] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'Running guests of this host', command: 'virt-df' },
    { description: 'One image', command: 'virt-df -t disk.qcow2' },
    { description: 'The fullest first', command: 'virt-df --all --sort use_percent:desc' },
    {
      description: 'Full ones, for a script',
      command: 'virt-df --all --min-use 90 --exclude-read-only --json',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Df));
    const settings = settingsOf(line, surroundings());
    if (line.flags.version) return printVersion();
    if (line.flags['list-columns']) return printColumns();
    const { live, formats } = settings;
    const { filesystems, problems, note } = await knownFilesystems(formats, process.env);
    const printer = live === null ? await printerOf(settings) : await livePrinterOf(settings, live);
    const query = await queryOf(settings);
    const reports = await askGuests(query, settings, filesystems, printer, (printed) => {
      if (note !== null && !settings.quiet) printError(`virt-df: ${note}\n`);
      printProblems(printed, problems, settings);
    });
    return exitCodeOfReports(reports, problems, settings);
  }
}

/** With --live the filters are for what the agents say. */
async function queryOf(settings: Settings) {
  const { live, view, filter } = settings;
  if (live === 'only') return (await import('../../queries/agent/unread.js')).unreadDisks;
  const own = live === null ? filter : EVERY_ROW;
  return df(view, own, asksFor(settings, 'reclaimable_bytes'));
}

async function livePrinterOf(settings: Settings, mode: LiveMode) {
  const { livePrinter } = await import('../df/live.js');
  return livePrinter(settings, mode);
}

async function printColumns(): Promise<number> {
  const { columnList } = await import('../../report/column-names.js');
  printOut(columnList());
  return 0;
}
