// The flags of `virt-df map`: what is asked about, and its outputs.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import { lastFlags, namedGuestFlags } from '../files/flags.js';
import { MACHINE, readingFlags } from '../shared-flags.js';
import { terminalFlags } from '../terminal-flags.js';

const ASKED = 'ASKED';

const repeated = { helpGroup: ASKED, multiple: true, multipleNonGreedy: true } as const;

export const flags = {
  ...namedGuestFlags,

  offset: Flags.string({
    ...repeated,
    helpValue: 'N[,LEN]',
    summary: 'bytes of the disk: 1048576, 0x100000, 1M,64K; - reads a list from stdin; repeatable',
  }),
  sector: Flags.string({
    ...repeated,
    helpValue: 'N[,COUNT]',
    summary: 'sectors of the disk, as kernels count them: of 512 bytes; repeatable',
  }),
  'sector-size': Flags.integer({
    helpGroup: ASKED,
    helpValue: 'BYTES',
    min: 512,
    max: 65_536,
    default: 512,
    summary: 'of a disk that counts otherwise',
  }),
  ddrescue: Flags.string({
    helpGroup: ASKED,
    helpValue: 'FILE',
    summary: "the ranges that GNU ddrescue's map file calls bad: not trimmed, not scraped, bad",
  }),
  device: Flags.string({
    helpGroup: ASKED,
    helpValue: 'DEVICE',
    summary: 'count from the beginning of this device: /dev/sda2, /dev/vg/root',
  }),
  'host-offset': Flags.string({
    ...repeated,
    helpValue: 'N[,LEN]',
    summary: 'bytes of the image file; repeatable',
  }),
  'host-file': Flags.string({
    helpGroup: ASKED,
    helpValue: 'PATH',
    summary: 'the file that --host-offset is about: one behind the image, an extent of it',
  }),
  file: Flags.string({
    helpGroup: ASKED,
    helpValue: 'PATH',
    summary: 'the other way: where a file lies, in the image and those behind it; /dev/sda2:PATH',
  }),
  ...terminalFlags,

  json: Flags.boolean({ helpGroup: MACHINE, summary: 'a JSON list, virt-df-map-1.schema.json' }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'the same ranges, a JSON object a line, as guests finish',
  }),
  export: Flags.string({
    helpGroup: MACHINE,
    options: ['bmap'],
    summary: 'a map of the whole disk in the format of virt-bmap',
  }),

  parallel: readingFlags.parallel,
  ...lastFlags,
};

/** The flags as parsed. */
export type MapFlags = InferredFlags<typeof flags>;

export const args = {
  guest: Args.string({
    multiple: true,
    ignoreStdin: true,
    description: 'a guest or an image; without an offset or a file all of its disks is told',
  }),
};
