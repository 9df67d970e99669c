// The commands `formats list`, `formats show` and `formats check`. Thin: they parse, and print what formats-*.ts answer.
import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { parse } from '@oclif/core/parser';
import { checkFormat } from '../formats-check.js';
import { listFormats } from '../formats-list.js';
import type { CommandOutput } from '../formats-output.js';
import { showFormat } from '../formats-show.js';
import { printError, printOut } from '../output.js';

const folders = Flags.string({
  helpValue: 'DIR',
  multiple: true,
  multipleNonGreedy: true,
  summary: 'a folder of your own .ksy formats; repeatable (also: VIRT_DF_FORMATS)',
});

function print({ stdout, stderr, exitCode }: CommandOutput): number {
  printOut(stdout);
  printError(stderr);
  return exitCode;
}

export class FormatsList extends Command {
  static override summary =
    'every format: its layer, where it is detected, how far it is understood';
  static override flags = {
    formats: folders,
    json: Flags.boolean({ summary: 'as JSON' }),
  };

  static async execute(argv: readonly string[]): Promise<number> {
    const { flags } = await parse([...argv], FormatsList);
    const options = { folders: flags.formats ?? [], environment: process.env, json: flags.json };
    return print(await listFormats(options));
  }

  override async run(): Promise<void> {
    process.exitCode = await FormatsList.execute(this.argv);
  }
}

export class FormatsShow extends Command {
  static override summary = 'the specification of a format, a .ksy';
  static override args = {
    name: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'as formats list names it',
    }),
  };
  static override flags = { formats: folders };

  static async execute(argv: readonly string[]): Promise<number> {
    const { args, flags } = await parse([...argv], FormatsShow);
    const options = { folders: flags.formats ?? [], environment: process.env };
    return print(await showFormat(args.name, options));
  }

  override async run(): Promise<void> {
    process.exitCode = await FormatsShow.execute(this.argv);
  }
}

export class FormatsCheck extends Command {
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

  static async execute(argv: readonly string[]): Promise<number> {
    const { args, flags } = await parse([...argv], FormatsCheck);
    const output = await checkFormat(args.file, {
      environment: process.env,
      image: flags.test ?? null,
      imageFormat: flags.format,
      offsetBytes: flags.offset,
    });
    return print(output);
  }

  override async run(): Promise<void> {
    process.exitCode = await FormatsCheck.execute(this.argv);
  }
}
