// `virt-df formats check FILE`
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../base-command.js';
import { checkFormat } from '../formats/check.js';
import { print } from '../formats/output.js';

export class FormatsCheck extends BaseCommand {
  static override summary = 'whether a .ksy of yours is right, and what it reads of an image';
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'the .ksy' }),
  };
  static override flags = {
    test: Flags.string({ char: 't', helpValue: 'IMAGE', summary: 'an image to read with it' }),
    format: Flags.string({
      default: 'auto',
      helpValue: 'auto|raw|qcow2|…',
      summary: "the image's format",
    }),
    offset: Flags.integer({
      default: 0,
      min: 0,
      helpValue: 'BYTES',
      summary: "where the filesystem begins on the image's disk",
    }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(FormatsCheck);
    const output = await checkFormat(args.file, {
      environment: process.env,
      image: flags.test ?? null,
      imageFormat: flags.format,
      offsetBytes: flags.offset,
    });
    return print(output);
  }
}
