// The command `chain`, as oclif and its help see it.
import { Command } from '@oclif/core/command';
import { execute } from '../chain/execute.js';
import { args, flags } from '../chain/flags.js';

export class Chain extends Command {
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

  override async run(): Promise<void> {
    process.exitCode = await execute(this.argv);
  }
}
