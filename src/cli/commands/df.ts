// The command `df`, which is also the bare `virt-df`. Thin: it parses, and hands over to cli/df/.
import { Command } from '@oclif/core/command';
import { parse } from '@oclif/core/parser';
import { args, flags } from '../df/flags.js';
import { run } from '../df/run.js';
import { settingsOf } from '../df/settings.js';

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

  /** Parses the arguments and runs the command; returns the exit code. */
  static async execute(argv: readonly string[]): Promise<number> {
    const { flags, args, raw } = await parse([...argv], Df);
    // In the order typed: of several that contradict, df takes the last.
    const typed = raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : []));
    // oclif's types say one string; with `multiple` it is a list.
    return run(settingsOf({ flags, words: [args.guest ?? []].flat(), typed }, process));
  }

  override async run(): Promise<void> {
    process.exitCode = await Df.execute(this.argv);
  }
}
