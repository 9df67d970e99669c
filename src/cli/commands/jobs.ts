// `virt-df jobs`.
import * as Args from '@oclif/core/args';
import { BaseCommand, commandLine, printVersion, surroundings } from '../base-command.js';
import { flags } from '../jobs/flags.js';
import { runJobs } from '../jobs/run.js';
import { jobsSettings } from '../jobs/settings.js';

export class Jobs extends BaseCommand {
  static override summary =
    'backups, copies, migrations of guests: how far, and whom they will stop';
  static override usage = 'jobs [GUEST…] [FLAGS]';
  static override flags = flags;
  static override args = {
    guest: Args.string({
      multiple: true,
      ignoreStdin: true,
      description: 'the name, the UUID or a glob of guests of libvirt',
    }),
  };
  static override examples = [
    { description: 'Running guests of this host', command: 'virt-df jobs' },
    { description: 'One guest, every five seconds', command: 'virt-df jobs --watch 5 web1' },
    {
      description: 'Guests that a job has stopped, or will stop when they write next',
      command: 'virt-df jobs --json | jq ".guests[]|select(.stop)|.guest"',
    },
  ];

  override async run(): Promise<number> {
    const line = commandLine(await this.parse(Jobs));
    const settings = jobsSettings(line, surroundings());
    return line.flags.version ? printVersion() : runJobs(settings);
  }
}
