// The flags of `virt-df jobs`: those of df that are about libvirt's guests, and how often it asks.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { commonFlags, guestFlags, MACHINE, sizeFlags } from '../shared-flags.js';
import { terminalFlags, watchFlags } from '../terminal-flags.js';

/** A guest that does not answer so long hangs. */
const TIMEOUT_SECONDS = 10;
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
  timeout: Flags.integer({
    helpGroup: 'READING',
    env: 'VIRT_DF_TIMEOUT',
    helpValue: 'SEC',
    default: TIMEOUT_SECONDS,
    min: 0,
    max: 86_400,
    summary: 'time for one guest, and for a connection; 0: no limit',
  }),
  ...commonFlags,
};

/** The flags as parsed. */
export type JobsFlags = InferredFlags<typeof flags>;
