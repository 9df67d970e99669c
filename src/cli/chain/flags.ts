// The flags of `virt-df chain`: those of df that apply, and its own outputs.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  commonFlags,
  guestFlags,
  MACHINE,
  readableSizeFlags,
  readingFlags,
} from '../shared-flags.js';
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
  ...readableSizeFlags,

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
