// The flags of `virt-df du`: du(1)'s under its letters, those of df that apply, and its own outputs. -a and -d are du's
// here, so that the flags that select guests have no letters for all and for their names.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import {
  commonFlags,
  filesystemFlags,
  guestFlags,
  MACHINE,
  readingFlags,
  sizeFlags,
} from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

const FILES = 'FILES';

const { all: _all, domain: _domain, ...otherGuestFlags } = guestFlags;

export const flags = {
  all: Flags.boolean({
    helpGroup: 'GUEST',
    env: 'VIRT_DF_ALL',
    summary: 'all libvirt guests; without it only running ones',
  }),
  domain: Flags.string({
    helpGroup: 'GUEST',
    helpValue: 'NAME|UUID|GLOB',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only these libvirt guests, in any state; repeatable',
  }),
  ...otherGuestFlags,

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
    max: 4096,
    summary: 'nothing that lies deeper',
  }),
  ...terminalFlags,

  ...sizeFlags,
  'human-readable': {
    ...sizeFlags['human-readable'],
    summary: 'powers of 1024: 1023M (default)',
  },
  kibibytes: { ...sizeFlags.kibibytes, summary: 'as --block-size=1K' },

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-du/1' }),

  parallel: readingFlags.parallel,
  view: filesystemFlags.view,
  timeout: readingFlags.timeout,
  deadline: readingFlags.deadline,
  'max-memory': readingFlags['max-memory'],
  formats: filesystemFlags.formats,
  ...commonFlags,
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
