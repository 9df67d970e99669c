// The flags of `virt-df diff`.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { kibibyteFlags, lastFlags, namedGuestFlags } from '../files/flags.js';
import { MACHINE, readingFlags } from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

const FILES = 'FILES';

export const flags = {
  ...namedGuestFlags,
  snapshot: Flags.string({
    helpGroup: 'GUEST',
    helpValue: 'A..B',
    summary: 'the internal snapshots A and B of one image; without B, A and the active disk',
  }),

  expand: Flags.boolean({
    helpGroup: FILES,
    summary: 'a line too for each file below a directory that was renamed',
  }),
  content: Flags.boolean({
    helpGroup: FILES,
    allowNo: true,
    summary:
      'compare bytes where no time or size tells that they differ (default: only where the format keeps no time of changes: FAT)',
  }),
  why: Flags.boolean({
    helpGroup: FILES,
    summary: 'why the overlay is so large: what each byte of it is, instead of the changes',
  }),
  ...terminalFlags,

  ...kibibyteFlags,

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-diff/1' }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),

  classic: Flags.boolean({
    helpGroup: MACHINE,
    summary:
      "virt-diff's lines, in order and without the contents of files; --csv, --uids, --times, --extra-stats are its own",
  }),
  csv: Flags.boolean({ helpGroup: MACHINE, summary: 'with --classic: comma-separated values' }),
  uids: Flags.boolean({ helpGroup: MACHINE, summary: 'with --classic: user and group' }),
  times: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'with --classic: when it was modified, and when its record was',
  }),
  'extra-stats': Flags.boolean({
    helpGroup: MACHINE,
    summary: 'with --classic: inode, links and blocks',
  }),

  parallel: readingFlags.parallel,
  ...lastFlags,
};

/** The flags as parsed. */
export type DiffFlags = InferredFlags<typeof flags>;

export const args = {
  guest: Args.string({
    multiple: true,
    ignoreStdin: true,
    description:
      'the old image or guest and the new one; one alone is compared with the image that it is based on',
  }),
};
