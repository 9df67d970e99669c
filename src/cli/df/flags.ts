// The flags of `df`, each declared here once: parser, help and completion are driven by them; settings.ts gives them
// their meaning. What concerns the environment is `env` here, except for df(1)'s own variables.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';

const WHICH = 'GUEST';
const SHOWN = 'TABLE';
const SIZES = 'SIZE';
const MACHINE = 'MACHINE';
const READING = 'READING';

export const flags = {
  all: Flags.boolean({
    char: 'a',
    helpGroup: WHICH,
    env: 'VIRT_DF_ALL',
    summary: 'all libvirt guests; without it only running ones',
  }),
  connect: Flags.string({
    char: 'c',
    helpGroup: WHICH,
    env: 'VIRT_DF_CONNECT',
    helpValue: 'URI',
    multiple: true,
    multipleNonGreedy: true,
    summary: "libvirt URI (default: libvirt's own default); repeatable",
  }),
  domain: Flags.string({
    char: 'd',
    helpGroup: WHICH,
    helpValue: 'NAME|UUID|GLOB',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only these libvirt guests, in any state; repeatable',
  }),
  test: Flags.string({
    char: 't',
    helpGroup: WHICH,
    helpValue: 'PATH|URI',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'an image or a device instead of libvirt; repeatable, each its own guest',
  }),
  'same-guest': Flags.boolean({
    helpGroup: WHICH,
    summary: 'all images are disks of one guest (LVM over several disks)',
  }),
  format: Flags.string({
    helpGroup: WHICH,
    env: 'VIRT_DF_FORMAT',
    default: 'auto',
    helpValue: 'auto|raw|qcow2|…',
    summary: 'format of the images; a guest can fake one, so say raw for raw ones you distrust',
  }),

  'print-type': Flags.boolean({
    char: 'T',
    helpGroup: SHOWN,
    env: 'VIRT_DF_PRINT_TYPE',
    summary: "the filesystem's type, also when piped",
  }),
  inodes: Flags.boolean({ char: 'i', helpGroup: SHOWN, summary: 'inodes instead of bytes' }),
  total: Flags.boolean({ helpGroup: SHOWN, env: 'VIRT_DF_TOTAL', summary: 'a last row of sums' }),
  type: Flags.string({
    helpGroup: SHOWN,
    helpValue: 'TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'only filesystems of this type, and what could not be read; repeatable',
  }),
  'exclude-type': Flags.string({
    char: 'x',
    helpGroup: SHOWN,
    helpValue: 'TYPE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'no filesystems of this type; repeatable',
  }),
  output: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_OUTPUT',
    helpValue: 'COLS',
    summary: 'these columns, separated by commas',
  }),
  sort: Flags.string({
    helpGroup: SHOWN,
    env: 'VIRT_DF_SORT',
    helpValue: 'COL[:desc]',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'rows in order of a column; repeatable',
  }),
  'list-columns': Flags.boolean({
    helpGroup: SHOWN,
    summary: 'the columns that --output and --sort take',
  }),
  uuid: Flags.boolean({
    helpGroup: SHOWN,
    env: 'VIRT_DF_UUID',
    summary: "the guest's UUID for its name",
  }),
  classic: Flags.boolean({
    helpGroup: SHOWN,
    summary: "byte for byte what libguestfs's virt-df prints; -h, -i, --csv and --uuid apply",
  }),

  'human-readable': Flags.boolean({
    char: 'h',
    helpGroup: SIZES,
    summary: 'powers of 1024: 1023M (default on a terminal)',
  }),
  si: Flags.boolean({ char: 'H', helpGroup: SIZES, summary: 'powers of 1000: 1.1G' }),
  'block-size': Flags.string({
    char: 'B',
    helpGroup: SIZES,
    helpValue: 'SIZE',
    summary: 'units of SIZE: 1K, M, GB (1000 cubed), human-readable, si; see DF_BLOCK_SIZE',
  }),
  kibibytes: Flags.boolean({
    char: 'k',
    helpGroup: SIZES,
    summary: 'as --block-size=1K (default when piped)',
  }),

  csv: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'CSV with a header; text that begins like a formula gets an apostrophe',
  }),
  json: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'one JSON object, schema virt-df/1',
  }),
  ndjson: Flags.boolean({
    helpGroup: MACHINE,
    summary: 'a JSON object a line, as guests finish; a summary last',
  }),

  // First, since oclif's help indents the first of a group as if none of it had a letter.
  parallel: Flags.integer({
    char: 'P',
    helpGroup: READING,
    env: 'VIRT_DF_PARALLEL',
    helpValue: 'N',
    min: 0,
    max: 1024,
    summary: 'guests read at a time; 0: by the number of processors',
  }),
  view: Flags.string({
    helpGroup: READING,
    env: 'VIRT_DF_VIEW',
    default: 'guest',
    options: ['guest', 'mount'],
    summary: 'as df inside the guest says, or as a read-only mount does (they differ on XFS)',
  }),
  timeout: Flags.integer({
    helpGroup: READING,
    env: 'VIRT_DF_TIMEOUT',
    helpValue: 'SEC',
    default: 60,
    min: 0,
    max: 86_400,
    summary: 'time for one guest; 0: no limit',
  }),
  formats: Flags.string({
    helpGroup: READING,
    helpValue: 'DIR',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'a folder of your own .ksy formats; repeatable (also: VIRT_DF_FORMATS)',
  }),
  debug: Flags.boolean({
    env: 'VIRT_DF_DEBUG',
    summary: 'what was read, on stderr; the stack of a bug',
  }),
  version: Flags.boolean({ summary: 'the version' }),
  help: Flags.boolean({ summary: 'this help' }),
};

export const args = {
  guest: Args.string({
    multiple: true,
    ignoreStdin: true,
    description:
      'a guest, or an image: what contains a slash or is a file that exists is an image, anything else a guest of libvirt',
  }),
};

/** The flags as parsed. */
export type DfFlags = InferredFlags<typeof flags>;
