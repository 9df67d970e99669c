// `virt-df chain`.
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { flags } from '../chain/flags.js';
import { runChain } from '../chain/run.js';
import { chainSettings } from '../chain/settings.js';
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
      description: 'Images on logical volumes that must be extended soon',
      command: 'virt-df chain --threshold 1G --watch 10',
    },
    {
      description: 'What a commit of each active image needs in its base',
      command: 'virt-df chain --json | jq ".guests[].disks[].chain|[.path,.commit_bytes]"',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Chain));
    const settings = chainSettings(line, surroundings());
    return line.flags.version ? printVersion() : runChain(settings);
  }
}
