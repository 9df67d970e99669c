// The flags of `virt-df diff`.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { kibibyteFlags, lastFlags, namedGuestFlags } from '../files/flags.js';
import { MACHINE, readingFlags } from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

const FILES = 'FILES';

export const flags = {
  ...namedGuestFlags,
  snapshot: Flags.string({
    helpGroup: 'GUEST',
    helpValue: 'A..B',
    summary: 'the internal snapshots A and B of one image; without B, A and the active disk',
  }),

  expand: Flags.boolean({
    helpGroup: FILES,
    summary: 'a line too for each file below a directory that was renamed',
  }),
  content: Flags.boolean({
    helpGroup: FILES,
    allowNo: true,
    summary:
      'compare bytes where no time or size tells that they differ (default: only where the format keeps no time of changes: FAT)',
  }),
  why: Flags.boolean({
    helpGroup: FILES,
    summary: 'why the overlay is so large: what each byte of it is, instead of the changes',
  }),
  ...terminalFlags,

  ...kibibyteFlags,

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'one JSON object, schema virt-df-diff/1' }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),

  classic: Flags.boolean({
    helpGroup: MACHINE,
    summary:
      "virt-diff's lines, in order and without the contents of files; the flags from here to --time-days are its own, and so is --all then",
  }),
  csv: Flags.boolean({ helpGroup: MACHINE, summary: 'with --classic: comma-separated values' }),
  uids: Flags.boolean({
    helpGroup: MACHINE,
    aliases: ['uid'],
    summary: 'with --classic: user and group',
  }),
  times: Flags.boolean({
    helpGroup: MACHINE,
    aliases: ['time'],
    summary: 'with --classic: when it was modified, and when its record was',
  }),
  'extra-stats': Flags.boolean({
    helpGroup: MACHINE,
    aliases: ['extra-stat'],
    summary: 'with --classic: inode, links and blocks',
  }),
  xattrs: Flags.boolean({
    helpGroup: MACHINE,
    aliases: ['xattr'],
    summary: 'with --classic: extended attributes (ext2/3/4, XFS, btrfs, F2FS)',
  }),
  atime: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'with --classic: differences of access times too',
  }),
  'dir-times': Flags.boolean({
    helpGroup: MACHINE,
    aliases: ['dir-time'],
    summary: 'with --classic: differences of the times of directories too',
  }),
  'dir-links': Flags.boolean({
    helpGroup: MACHINE,
    aliases: ['dir-link', 'dir-nlink', 'dir-nlinks'],
    summary: 'with --classic: differences of the links of directories too',
  }),
  'time-t': Flags.boolean({
    helpGroup: MACHINE,
    summary: 'with --classic: times as seconds since 1970',
  }),
  'time-relative': Flags.boolean({
    helpGroup: MACHINE,
    summary: 'with --classic: times as seconds before now',
  }),
  'time-days': Flags.boolean({
    helpGroup: MACHINE,
    summary: 'with --classic: times as days before now',
  }),
  checksum: Flags.string({
    hidden: true,
    aliases: ['checksums'],
    summary: "virt-diff's, which is refused",
  }),

  parallel: readingFlags.parallel,
  ...lastFlags,
};

/** The flags as parsed. */
export type DiffFlags = InferredFlags<typeof flags>;

export const args = {
  guest: Args.string({
    multiple: true,
    ignoreStdin: true,
    description:
      'the old image or guest and the new one; one alone is compared with the image that it is based on',
  }),
};
