// `virt-df formats list`
import * as Flags from '@oclif/core/flags';
import { BaseCommand, surroundings } from '../base-command.js';
import { listFormats } from '../formats/list.js';
import { folders, print } from '../formats/output.js';
import { terminalSettings } from '../terminal.js';
import { terminalFlags } from '../terminal-flags.js';

export class FormatsList extends BaseCommand {
  static override summary =
    'every format: its layer, where it is detected, how far it is understood';
  static override flags = {
    formats: folders,
    json: Flags.boolean({ summary: 'as JSON' }),
    width: terminalFlags.width,
    'no-trunc': terminalFlags['no-trunc'],
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(FormatsList);
    const given = { ...flags, color: 'auto', ascii: false, 'no-progress': true };
    const { isTerminal, isWhole, width, hasUnicode } = terminalSettings(given, surroundings());
    const options = {
      ...{ folders: flags.formats ?? [], environment: process.env, json: flags.json },
      ...{ width: isTerminal && !isWhole ? width : null, hasUnicode },
    };
    return print(await listFormats(options));
  }
}
