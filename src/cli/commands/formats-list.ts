// `virt-df formats list`
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.js';
import { listFormats } from '../formats/list.js';
import { folders, print } from '../formats/output.js';

export class FormatsList extends BaseCommand {
  static override summary =
    'every format: its layer, where it is detected, how far it is understood';
  static override flags = {
    formats: folders,
    json: Flags.boolean({ summary: 'as JSON' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(FormatsList);
    const options = { folders: flags.formats ?? [], environment: process.env, json: flags.json };
    return print(await listFormats(options));
  }
}
