// The flags of `virt-df chain`: those of df that apply, and its own outputs.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { commonFlags, guestFlags, MACHINE, readingFlags, sizeFlags } from '../shared-flags.js';
import { SHOWN, terminalFlags, watchFlags } from '../terminal-flags.js';

export const flags = {
  ...guestFlags,
  threshold: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'SIZE|N%',
    summary:
      'exit status 1 where an image on a block device has less than this left before its end (512M; 10% of the device)',
  }),
  ...watchFlags,
  ...terminalFlags,
  ...sizeFlags,
  'human-readable': {
    ...sizeFlags['human-readable'],
    summary: 'powers of 1024: 1023M (default)',
  },
  kibibytes: { ...sizeFlags.kibibytes, summary: 'as --block-size=1K' },

  json: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'one JSON object, schema virt-df-chain/1',
  }),
  xml: Flags.boolean({
    helpGroup: MACHINE,
    summary: "the disks as libvirt's XML of a running domain has them, with the sizes",
  }),

  ...readingFlags,
  ...commonFlags,
};

/** The flags as parsed. */
export type ChainFlags = InferredFlags<typeof flags>;
