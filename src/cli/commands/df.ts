// The command `df`, which is also the bare `virt-df`, as oclif and its help see it.
import { Command } from '@oclif/core/command';
import { execute } from '../df/execute.js';
import { args, flags } from '../df/flags.js';

export class Df extends Command {
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

  override async run(): Promise<void> {
    process.exitCode = await execute(this.argv);
  }
}
