// `virt-df df`, which is also the bare `virt-df`. Each flag is declared once, here or in ../shared-flags.ts: parser, help and
// completion are driven by them; ../df/settings.ts gives them their meaning. What concerns the environment is `env` here,
// except for df(1)'s own variables.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { knownFilesystems } from '../../declarative/known.js';
import { df } from '../../queries/df.js';
import { askGuests } from '../ask-guests.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { exitCodeOfReports, printProblems } from '../df/outcome.js';
import { printerOf } from '../df/printer.js';
import { settingsOf } from '../df/settings.js';
import { printOut } from '../output.js';
import {
  args,
  commonFlags,
  guestFlags,
  MACHINE,
  READING,
  readingFlags,
  sizeFlags,
} from '../shared-flags.js';

const SHOWN = 'TABLE';

const flags = {
  ...guestFlags,

  'print-type': Flags.boolean({
    char: 'T',
    helpGroup: SHOWN,
    env: 'VIRT_DF_PRINT_TYPE',
    summary: "the filesystem's type, also when piped",
  }),
  inodes: Flags.boolean({ char: 'i', helpGroup: SHOWN, summary: 'inodes instead of bytes' }),
  total: Flags.boolean({ helpGroup: SHOWN, env: 'VIRT_DF_TOTAL', summary: 'a last row of sums' }),
  type: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only filesystems of this type, and what could not be read; repeatable',
  }),
  'exclude-type': Flags.string({
    char: 'x',
    helpGroup: SHOWN,
    helpValue: 'TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'no filesystems of this type; repeatable',
  }),
  output: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_OUTPUT',
    helpValue: 'COLS',
    summary: 'these columns, separated by commas',
  }),
  sort: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_SORT',
    helpValue: 'COL[:desc]',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'rows in order of a column; repeatable',
  }),
  'list-columns': Flags.boolean({
    helpGroup: SHOWN,
    summary: 'the columns that --output and --sort take',
  }),
  uuid: Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_UUID',
    summary: "the guest's UUID for its name",
  }),
  classic: Flags.boolean({
    helpGroup: SHOWN,
    summary: "byte for byte what libguestfs's virt-df prints; -h, -i, --csv and --uuid apply",
  }),

  ...sizeFlags,

  csv: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'CSV with a header; text that begins like a formula gets an apostrophe',
  }),
  json: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'one JSON object, schema virt-df/1',
  }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),

  parallel: readingFlags.parallel,
  view: Flags.string({
    helpGroup: READING,
    env: 'VIRT_DF_VIEW',
    default: 'guest',
    options: ['guest', 'mount'],
    summary: 'as df inside the guest says, or as a read-only mount does (they differ on XFS)',
  }),
  timeout: readingFlags.timeout,
  formats: Flags.string({
    helpGroup: READING,
    helpValue: 'DIR',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'a folder of your own .ksy formats; repeatable (also: VIRT_DF_FORMATS)',
  }),
  ...commonFlags,
};

/** The flags as parsed. */
export type DfFlags = InferredFlags<typeof flags>;

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
      command: 'virt-df --json | jq ".filesystems[]|select(.use_percent>90)"',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Df));
    const settings = settingsOf(line, surroundings());
    if (line.flags.version) return printVersion();
    if (line.flags['list-columns']) return printColumns();
    const { view, filter, formats } = settings;
    const { filesystems, problems } = await knownFilesystems(formats, process.env);
    const printer = await printerOf(settings);
    const reports = await askGuests(df(view, filter), settings, filesystems, printer);
    printProblems(reports, problems, settings);
    return exitCodeOfReports(reports, problems, settings);
  }
}

async function printColumns(): Promise<number> {
  const { columnList } = await import('../../report/columns.js');
  printOut(columnList());
  return 0;
}
