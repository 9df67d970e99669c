// The flags of `virt-df jobs`: those of df that are about libvirt's guests, and how often it asks.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { answerFlags, commonFlags, guestFlags, MACHINE, sizeFlags } from '../shared-flags.js';
import { terminalFlags, watchFlags } from '../terminal-flags.js';

const { all, connect, domain } = guestFlags;

export const flags = {
  all: { ...all, summary: 'all libvirt guests; without it only running ones' },
  connect,
  'same-host': guestFlags['same-host'],
  domain,
  ...watchFlags,
  ...terminalFlags,
  ...sizeFlags,
  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-jobs/1' }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line; a summary last',
  }),
  ...answerFlags,
  ...commonFlags,
};

/** The flags as parsed. */
export type JobsFlags = InferredFlags<typeof flags>;
