// The flags of `virt-df du`: du(1)'s under its letters, those of df that apply, and its own outputs.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { MAX_PATH_DEPTH } from '../../limits.js';
import { kibibyteFlags, lastFlags, namedGuestFlags } from '../files/flags.js';
import { filesystemFlags, MACHINE, readingFlags } from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

const FILES = 'FILES';

export const flags = {
  ...namedGuestFlags,

  files: Flags.boolean({
    char: 'a',
    helpGroup: FILES,
    summary: "files too, not only directories (du's -a)",
  }),
  'max-depth': Flags.integer({
    char: 'd',
    helpGroup: FILES,
    helpValue: 'DEPTH',
    min: 0,
    max: MAX_PATH_DEPTH,
    summary: 'nothing that lies deeper (default: 1 on a terminal, without limit elsewhere)',
  }),
  summarize: Flags.boolean({ char: 's', helpGroup: FILES, summary: 'as --max-depth=0' }),
  'apparent-size': Flags.boolean({
    helpGroup: FILES,
    summary: 'sizes of files instead of the space that they take',
  }),
  'one-file-system': Flags.boolean({
    char: 'x',
    helpGroup: FILES,
    summary:
      'no other subvolumes (btrfs); each filesystem is told by itself anyway, whatever the guest mounts where',
  }),
  sort: Flags.string({
    helpGroup: FILES,
    options: ['size', 'name'],
    summary:
      'what lies in a directory by size, the largest first (default on a terminal, and of lists), or by name',
  }),
  top: Flags.integer({
    helpGroup: FILES,
    helpValue: 'N',
    min: 1,
    max: 1_000_000,
    summary: 'the N largest of each filesystem; with -a files too',
  }),
  older: Flags.integer({
    helpGroup: FILES,
    helpValue: 'DAYS',
    min: 0,
    max: 100_000,
    summary: 'files that were not modified for so many days',
  }),
  larger: Flags.string({
    helpGroup: FILES,
    helpValue: 'SIZE',
    summary: 'files of at least this size: 500K, 100M, 2G, 10MB',
  }),
  ...terminalFlags,

  ...kibibyteFlags,
  bytes: Flags.boolean({
    char: 'b',
    helpGroup: 'SIZE',
    summary: 'as --apparent-size --block-size=1',
  }),

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-du/1' }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),
  export: Flags.string({
    helpGroup: MACHINE,
    options: ['ncdu'],
    summary: 'all files in the format of ncdu, which gdu and others read too: ncdu -f FILE',
  }),

  parallel: readingFlags.parallel,
  view: filesystemFlags.view,
  ...lastFlags,
};

/** The flags as parsed. */
export type DuFlags = InferredFlags<typeof flags>;

export const args = {
  guest: Args.string({
    multiple: true,
    ignoreStdin: true,
    description:
      'a guest or an image, and a path in it: /var/log of all its filesystems that have it, /dev/sda2:/var/log of one; where flags name the guests, the path alone',
  }),
};
