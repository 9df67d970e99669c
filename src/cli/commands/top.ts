// `virt-df top`.
import * as Args from '@oclif/core/args';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { standardInput } from '../output.js';
import { flags } from '../top/flags.js';
import { runTop } from '../top/run.js';
import { topSettings } from '../top/settings.js';

export class Top extends BaseCommand {
  static override summary =
    'what running guests do: processors, memory, disks, network, what fills';
  static override usage = 'top [GUEST…] [FLAGS]';
  static override flags = flags;
  static override args = {
    guest: Args.string({
      multiple: true,
      ignoreStdin: true,
      description: 'the name, the UUID or a glob of guests of libvirt',
    }),
  };
  static override examples = [
    {
      description: 'A screen of the running guests of this host; ? tells its keys',
      command: 'virt-df top',
    },
    { description: 'Who writes most, once', command: 'virt-df top -n 1 --sort write | cat' },
    {
      description: 'For a spreadsheet, every ten seconds',
      command: 'virt-df top --csv -d 10 -n 360',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Top));
    const settings = topSettings(line, { ...surroundings(), stdin: standardInput() });
    return line.flags.version ? printVersion() : runTop(settings);
  }
}
