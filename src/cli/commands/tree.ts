// `virt-df tree`.
import { knownFilesystems } from '../../declarative/known.js';
import { isContrary } from '../../queries/problem.js';
import type { TreeNode, TreeReport } from '../../queries/tree/record.js';
import { tree } from '../../queries/tree.js';
import { toldApartInNames } from '../../report/same-names.js';
import { askGuests, atEnd, type Printer, runInfo } from '../ask-guests.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { EXIT_NO_START, EXIT_OK, EXIT_PROBLEM } from '../failure.js';
import { printError } from '../output.js';
import { printProblems, type Told } from '../problems.js';
import { args } from '../shared-flags.js';
import { flags } from '../tree/flags.js';
import { type TreeSettings, treeSettings } from '../tree/settings.js';

export class Tree extends BaseCommand {
  static override summary = 'what the disks are made of: tables, volumes, filesystems, free room';
  static override usage = 'tree [GUEST|IMAGE…] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'Running guests of this host', command: 'virt-df tree' },
    { description: 'One image', command: 'virt-df tree disk.qcow2' },
    {
      description: 'Room that no partition, volume or filesystem has',
      command: 'virt-df tree --list disk.qcow2 | grep free',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Tree));
    const settings = treeSettings(line, surroundings());
    if (line.flags.version) return printVersion();
    const { filesystems, problems, note } = await knownFilesystems(settings.formats, process.env);
    const query = tree(settings.view, settings.hasExclusive);
    const printer = await printerOf(settings);
    const reports = await askGuests(query, settings, filesystems, printer, (printed) => {
      const notes = [note ?? [], problems.map(({ message }) => message)].flat();
      for (const text of settings.quiet ? [] : notes) printError(`virt-df: ${text}\n`);
      printProblems(printed, settings, (report) => toldBy(report, settings));
    });
    return problems.length > 0 ? EXIT_PROBLEM : exitCodeOf(reports);
  }
}

async function printerOf(settings: TreeSettings): Promise<Printer<TreeReport>> {
  if (settings.isJson) {
    const { treeJson } = await import('../../report/tree/json.js');
    const info = await runInfo();
    return atEnd((reports) => treeJson(reports, info));
  }
  const { treeText } = await import('../../report/tree/text.js');
  return atEnd((reports) => treeText(toldApartInNames(reports), settings));
}

/** As for df: 0 if all was read, 1 if something was not or nothing matched, 3 if permission was missing for all of it. */
function exitCodeOf(reports: readonly TreeReport[]): number {
  const problems = reports.flatMap((report) => report.problems).filter(isContrary);
  if (problems.length === 0) return reports.length === 0 ? EXIT_PROBLEM : EXIT_OK;
  const isRefused = problems.every(({ code }) => code === 'PERMISSION');
  const disks = reports.flatMap(({ nodes }) => nodes);
  return isRefused && disks.every(({ problem }) => problem !== null) ? EXIT_NO_START : EXIT_PROBLEM;
}

/**
 * JSON has a list of all problems. Of the text a guest without disks has one, and each node its own if there is a column for it: on a
 * terminal it may be cut, and is told once more.
 */
function toldBy({ nodes, problems }: TreeReport, settings: TreeSettings): readonly Told[] {
  const { isJson, columns, width } = settings;
  if (isJson) return problems;
  if (nodes.length === 0) return problems.slice(0, 1);
  const hasColumn = columns.some(({ name }) => name === 'problem');
  return hasColumn && width === null ? nodes.flatMap(problemsOf) : [];
}

function problemsOf({ name, problem, children }: TreeNode): readonly Told[] {
  const own = problem === null ? [] : [{ device: name, ...problem }];
  return [...own, ...children.flatMap(problemsOf)];
}
