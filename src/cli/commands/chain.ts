// `virt-df chain`.
import { chain } from '../../queries/chain.js';
import { askGuests } from '../ask-guests.js';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { flags } from '../chain/flags.js';
import { exitCodeOfChains, toldByChain } from '../chain/outcome.js';
import { printerOf } from '../chain/printer.js';
import { chainSettings } from '../chain/settings.js';
import { printProblems } from '../problems.js';
import { args } from '../shared-flags.js';

export class Chain extends BaseCommand {
  static override summary = 'the images behind each disk, and what the host stores of every one';
  static override usage = 'chain [GUEST|IMAGE…] [FLAGS]';
  static override flags = flags;
  static override args = args;
  static override examples = [
    { description: 'Running guests of this host', command: 'virt-df chain' },
    { description: 'One image', command: 'virt-df chain disk.qcow2' },
    {
      description: 'What a commit of each active image needs in its base',
      command: 'virt-df chain --json | jq ".guests[].disks[].chain|[.path,.commit_bytes]"',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Chain));
    const settings = chainSettings(line, surroundings());
    if (line.flags.version) return printVersion();
    const printer = await printerOf(settings);
    const reports = await askGuests(chain, settings, [], printer, (printed) => {
      printProblems(printed, settings, (report) => toldByChain(report, settings));
    });
    return exitCodeOfChains(reports);
  }
}
