// The flags of `virt-df reclaim`: those of df that apply, and its own outputs.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { lastFlags } from '../files/flags.js';
import { filesystemFlags, guestFlags, MACHINE, readingFlags, sizeFlags } from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

export const flags = {
  ...guestFlags,
  ...terminalFlags,
  ...sizeFlags,

  plan: Flags.boolean({
    helpGroup: 'PLAN',
    summary: 'the commands that would give the space back; none is run',
  }),

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-reclaim/1' }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),

  parallel: readingFlags.parallel,
  view: filesystemFlags.view,
  ...lastFlags,
};

/** The flags as parsed. */
export type ReclaimFlags = InferredFlags<typeof flags>;
