// The flags that several commands have, each declared here once: which guests, sizes, how they are read.
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { DEFAULT_MEMORY_BYTES, MIB } from '../limits.js';

const WHICH = 'GUEST';
const SIZES = 'SIZE';
export const MACHINE = 'MACHINE';
export const READING = 'READING';

/** Flags that select guests, and that allow files to be named by their images. */
export const guestFlags = {
  all: Flags.boolean({
    char: 'a',
    helpGroup: WHICH,
    env: 'VIRT_DF_ALL',
    summary: 'all libvirt guests; without it only running ones (-a FILE is --add FILE)',
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
  'same-host': Flags.boolean({
    helpGroup: WHICH,
    env: 'VIRT_DF_SAME_HOST',
    summary: "libvirt URIs with a host mean this one: paths of disks are this host's",
  }),
  'read-only-connection': Flags.boolean({
    helpGroup: WHICH,
    env: 'VIRT_DF_READ_ONLY_CONNECTION',
    summary: 'open no connection to a libvirt that could write, as reading disks through it needs',
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
  add: Flags.string({
    helpGroup: WHICH,
    helpValue: 'PATH|URI',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'an image as libguestfs takes it: several are disks of one guest',
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
  'allow-root': Flags.string({
    helpGroup: WHICH,
    helpValue: 'DIR|URL',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'images may name files (backing files, extents) below this as well; repeatable',
  }),
  'allow-redirects': Flags.boolean({
    helpGroup: WHICH,
    summary: 'a web server outside may redirect to this host and its private networks',
  }),
  key: Flags.string({
    helpGroup: WHICH,
    helpValue: 'ID:file:PATH|ID:key:STRING|ID:header:PATH',
    multiple: true,
    multipleNonGreedy: true,
    summary:
      'key of the encrypted device or UUID (or all); repeatable; other users see a STRING in ps',
  }),
  'keys-from-stdin': Flags.boolean({
    helpGroup: WHICH,
    summary: 'keys for every encrypted device that no --key is for, one a line',
  }),
  'one-per-guest': Flags.boolean({
    helpGroup: WHICH,
    summary: 'as in libguestfs, and always so here: no guest is read together with another',
  }),
  snapshot: Flags.string({
    helpGroup: WHICH,
    helpValue: 'ID|NAME',
    summary: 'the internal snapshot of the images to read, instead of their active disk',
  }),
};

/** As df(1) has them. */
export const sizeFlags = {
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
  mebibytes: Flags.boolean({ char: 'm', helpGroup: SIZES, summary: 'as --block-size=1M' }),
};

/** Of commands whose tables are for readers wherever they go. */
export const readableSizeFlags = {
  ...sizeFlags,
  'human-readable': {
    ...sizeFlags['human-readable'],
    summary: 'powers of 1024: 1023M (default)',
  },
  kibibytes: { ...sizeFlags.kibibytes, summary: 'as --block-size=1K' },
};

const TIMEOUT = {
  helpGroup: READING,
  env: 'VIRT_DF_TIMEOUT',
  helpValue: 'SEC',
  min: 0,
  max: 86_400,
};

export const readingFlags = {
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
  timeout: Flags.integer({ ...TIMEOUT, default: 60, summary: 'time for one guest; 0: no limit' }),
  deadline: Flags.integer({
    helpGroup: READING,
    env: 'VIRT_DF_DEADLINE',
    helpValue: 'SEC',
    default: 0,
    min: 0,
    max: 86_400,
    summary: 'time for all guests together; what was found until then is shown; 0: no limit',
  }),
  'max-memory': Flags.integer({
    helpGroup: READING,
    env: 'VIRT_DF_MAX_MEMORY',
    helpValue: 'MIB',
    default: DEFAULT_MEMORY_BYTES / MIB,
    min: 256,
    max: 1_048_576,
    summary: 'memory for reading more than a few guests; one that takes too much is a problem',
  }),
};

/** Of commands that read filesystems. */
/** Of questions to libvirt: a guest that does not answer so long hangs. */
export const answerFlags = {
  timeout: Flags.integer({
    ...TIMEOUT,
    default: 10,
    summary: 'time for one guest, and for a connection; 0: no limit',
  }),
};

export const filesystemFlags = {
  view: Flags.string({
    helpGroup: READING,
    env: 'VIRT_DF_VIEW',
    default: 'guest',
    options: ['guest', 'mount', 'live'],
    summary:
      'as df inside the guest says, or as a read-only mount does (they differ on XFS, and on btrfs after a crash); live: as if it ran',
  }),
  formats: Flags.string({
    helpGroup: READING,
    helpValue: 'DIR',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'a folder of your own .ksy formats; repeatable (also: VIRT_DF_FORMATS)',
  }),
};

export const commonFlags = {
  quiet: Flags.boolean({
    char: 'q',
    env: 'VIRT_DF_QUIET',
    summary: 'nothing on stderr about guests; the exit status tells',
  }),
  debug: Flags.boolean({
    env: 'VIRT_DF_DEBUG',
    summary: 'what was read, on stderr; the stack of a bug',
  }),
  version: Flags.boolean({ char: 'V', summary: 'the version' }),
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
