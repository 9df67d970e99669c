// The flags of `virt-df df`. Each is declared once, here or in ../shared-flags.ts, for parser and help alike; settings.ts
// gives them their meaning. `env` names the variable of the environment that stands for a flag; df(1)'s own variables
// are read in report/block-size.ts.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  commonFlags,
  filesystemFlags,
  guestFlags,
  MACHINE,
  READING,
  readingFlags,
  sizeFlags,
} from '../shared-flags.js';
import { levelFlags, SHOWN, terminalFlags } from '../terminal-flags.js';

export const flags = {
  ...guestFlags,
  recursive: Flags.string({
    char: 'r',
    helpGroup: 'GUEST',
    helpValue: 'DIR',
    multiple: true,
    multipleNonGreedy: true,
    summary:
      'all images below a folder, as detection knows them; links are not followed; repeatable',
  }),

  'print-type': Flags.boolean({
    char: 'T',
    helpGroup: SHOWN,
    env: 'VIRT_DF_PRINT_TYPE',
    summary: "the filesystem's type, also when piped",
  }),
  local: Flags.boolean({
    char: 'l',
    helpGroup: SHOWN,
    summary: 'as in df, and always so here: what a guest mounts of others is not seen',
  }),
  inodes: Flags.boolean({ char: 'i', helpGroup: SHOWN, summary: 'inodes instead of bytes' }),
  total: Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_TOTAL',
    summary: 'a last row of sums; the summary of JSON always has them',
  }),
  type: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only filesystems of these types (ext4,xfs), and what could not be read; repeatable',
  }),
  'exclude-type': Flags.string({
    char: 'x',
    helpGroup: SHOWN,
    helpValue: 'TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'no filesystems of these types; repeatable',
  }),
  'min-use': Flags.integer({
    helpGroup: SHOWN,
    env: 'VIRT_DF_MIN_USE',
    helpValue: 'PERCENT',
    min: 0,
    max: 100,
    summary: 'only what is at least so full (of inodes with -i), and what could not be read',
  }),
  'exclude-read-only': Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_EXCLUDE_READ_ONLY',
    summary: 'nothing that cannot be written to: squashfs, erofs, discs are always full',
  }),
  'all-volumes': Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_ALL_VOLUMES',
    summary: 'a row for swap, members of groups and other volumes too; JSON always has them',
  }),
  output: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_OUTPUT',
    helpValue: 'COLS',
    summary:
      'these columns, separated by commas; or what is added to the usual ones and left out of them (+label,-used); without a value those of df --output',
  }),
  sort: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_SORT',
    helpValue: 'COL[:desc]',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'rows in order of a column; repeatable',
  }),
  'list-columns': Flags.boolean({
    helpGroup: SHOWN,
    summary: 'the columns that --output and --sort take',
  }),
  plain: Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_PLAIN',
    summary: 'a line a row, each value behind its word: for screen readers and grep',
  }),
  ...terminalFlags,
  ...levelFlags,
  uuid: Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_UUID',
    summary: "the guest's UUID for its name",
  }),
  classic: Flags.boolean({
    helpGroup: SHOWN,
    summary: "byte for byte what libguestfs's virt-df prints; -h, -i, --csv and --uuid apply",
  }),

  ...sizeFlags,

  csv: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'CSV with a header; text that begins like a formula gets an apostrophe',
  }),
  json: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'one JSON object, schema virt-df/1',
  }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),

  parallel: readingFlags.parallel,
  live: Flags.string({
    helpGroup: READING,
    helpValue: 'prefer|only',
    options: ['prefer', 'only'],
    summary:
      'ask the agents in running guests: where filesystems are mounted, and their numbers (--live=prefer, as --live alone); with `only` no disk is read',
  }),
  view: filesystemFlags.view,
  timeout: readingFlags.timeout,
  deadline: readingFlags.deadline,
  'max-memory': readingFlags['max-memory'],
  formats: filesystemFlags.formats,
  ...commonFlags,
};

/** The flags as parsed. */
export type DfFlags = InferredFlags<typeof flags>;
