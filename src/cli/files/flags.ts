// The flags of commands about files which select guests. -a and -d are du's and others' there, so that the flags for all
// guests and for their names have no letters.
import * as Flags from '@oclif/core/flags';
import { guestFlags } from '../shared-flags.js';

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
