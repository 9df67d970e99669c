// The flags of `virt-df pools`: those of df that apply, and its own.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { lastFlags } from '../files/flags.js';
import { filesystemFlags, guestFlags, MACHINE, readingFlags, sizeFlags } from '../shared-flags.js';
import { levelFlags, SHOWN, terminalFlags } from '../terminal-flags.js';

export const flags = {
  ...guestFlags,
  since: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'FILE',
    summary: 'an earlier pools --json: when each will be full if it goes on as since then',
  }),
  reclaimable: Flags.boolean({
    helpGroup: SHOWN,
    summary: 'what fstrim in the guests would give back too, which reads more',
  }),
  ...terminalFlags,
  ...levelFlags,
  ...sizeFlags,

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-pools/1' }),

  parallel: readingFlags.parallel,
  view: filesystemFlags.view,
  ...lastFlags,
};

/** The flags as parsed. */
export type PoolsFlags = InferredFlags<typeof flags>;
