// `virt-df formats show NAME`
import * as Args from '@oclif/core/args';
import { BaseCommand } from '../base-command.js';
import { folders, print } from '../formats/output.js';
import { showFormat } from '../formats/show.js';

export class FormatsShow extends BaseCommand {
  static override summary = 'the specification of a format, a .ksy';
  static override args = {
    name: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'as formats list names it',
    }),
  };
  static override flags = { formats: folders };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(FormatsShow);
    const options = { folders: flags.formats ?? [], environment: process.env };
    return print(await showFormat(args.name, options));
  }
}
