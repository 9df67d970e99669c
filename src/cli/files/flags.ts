// The flags of commands about files which select guests. -a and -d are du's and others' there, so that the flags for all
// guests and for their names have no letters.
import * as Flags from '@oclif/core/flags';
import {
  commonFlags,
  filesystemFlags,
  guestFlags,
  readingFlags,
  sizeFlags,
} from '../shared-flags.js';

const { all: _all, domain: _domain, connect: _connect, ...others } = guestFlags;

export const namedGuestFlags = {
  // First, since oclif's help indents the first of a group as if none of it had a letter.
  connect: guestFlags.connect,
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
  ...others,
};

/** Of tables that have KiB in a pipe, as du(1) has. */
export const kibibyteFlags = {
  ...sizeFlags,
  'human-readable': {
    ...sizeFlags['human-readable'],
    summary: 'powers of 1024: 1023M (default on a terminal)',
  },
  kibibytes: { ...sizeFlags.kibibytes, summary: 'as --block-size=1K (default elsewhere)' },
};

/** How guests are read, and what every command has: the last of all. */
export const lastFlags = {
  timeout: readingFlags.timeout,
  deadline: readingFlags.deadline,
  'max-memory': readingFlags['max-memory'],
  formats: filesystemFlags.formats,
  ...commonFlags,
};
