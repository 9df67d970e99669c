// The flags of `virt-df top`: those of df that are about libvirt's guests, and how often it asks. -d, -n, -o, --script and --csv FILE are
// virt-top's.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { SHOWS } from '../../report/top/text.js';
import {
  answerFlags,
  commonFlags,
  guestFlags,
  MACHINE,
  readableSizeFlags,
} from '../shared-flags.js';
import { SHOWN, terminalFlags } from '../terminal-flags.js';

export const flags = {
  all: { ...guestFlags.all, summary: 'all libvirt guests; without it only running ones' },
  connect: guestFlags.connect,
  'same-host': guestFlags['same-host'],
  domain: Flags.string({
    helpGroup: 'GUEST',
    helpValue: 'NAME|UUID|GLOB',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only these libvirt guests, in any state; repeatable, as arguments',
  }),
  delay: Flags.string({
    char: 'd',
    helpGroup: SHOWN,
    helpValue: 'SEC',
    default: '3',
    summary: 'seconds between two tables, 0.1 to 86400',
  }),
  iterations: Flags.integer({
    char: 'n',
    helpGroup: SHOWN,
    helpValue: 'N',
    min: 1,
    summary: 'ends after N tables (default: on a terminal and with --stream it goes on, else 1)',
  }),
  stream: Flags.boolean({
    aliases: ['script'],
    helpGroup: SHOWN,
    summary: 'one table after the other, also on a terminal, and no screen',
  }),
  show: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'WHAT',
    default: 'guests',
    options: [...SHOWS],
    summary: 'guests, or their disks and network cards, their filesystems, their jobs',
  }),
  sort: Flags.string({
    char: 'o',
    aliases: ['order'],
    helpGroup: SHOWN,
    helpValue: 'COLUMN',
    default: 'cpu',
    summary:
      "cpu, memory, read, write, received, sent, full (the fullest filesystem), time (of processors), name; virt-top's words too",
  }),
  'no-filesystems': Flags.boolean({
    helpGroup: SHOWN,
    summary: 'reads no disk, so that no filesystem is shown',
  }),
  'no-jobs': Flags.boolean({ helpGroup: SHOWN, summary: 'asks for no jobs' }),
  ...terminalFlags,
  ...readableSizeFlags,
  csv: Flags.string({
    helpGroup: MACHINE,
    helpValue: 'FILE',
    summary:
      'a line for each guest of each table, to FILE (a path, or a name that ends in .csv), else to standard output',
  }),
  json: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'one JSON object for each table, schema virt-df-top/1',
  }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line; a summary ends each table',
  }),
  ...answerFlags,
  ...commonFlags,
};

/** The flags as parsed. */
export type TopFlags = InferredFlags<typeof flags>;
