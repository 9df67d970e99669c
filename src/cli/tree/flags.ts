// The flags of `virt-df tree`: those of df that apply, and how the tree is shown.
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  commonFlags,
  filesystemFlags,
  guestFlags,
  MACHINE,
  readableSizeFlags,
  readingFlags,
} from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

const SHOWN = 'TREE';

export const flags = {
  ...guestFlags,
  ...terminalFlags,
  list: Flags.boolean({ char: 'l', helpGroup: SHOWN, summary: 'a flat list, each thing once' }),
  exclusive: Flags.boolean({
    helpGroup: SHOWN,
    summary: 'count what each thin volume holds alone, which reads all trees of its pool',
  }),
  output: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'COLS',
    summary: 'these columns, separated by commas: name,kind,type,size,offset,used,label,uuid,…',
  }),

  ...readableSizeFlags,
  bytes: Flags.boolean({ char: 'b', helpGroup: 'SIZE', summary: 'as --block-size=1' }),

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-tree/1' }),

  parallel: readingFlags.parallel,
  view: filesystemFlags.view,
  timeout: readingFlags.timeout,
  deadline: readingFlags.deadline,
  'max-memory': readingFlags['max-memory'],
  formats: filesystemFlags.formats,
  ...commonFlags,
};

/** The flags as parsed. */
export type TreeFlags = InferredFlags<typeof flags>;
