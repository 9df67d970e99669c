// Which guests a command reads and how, from the flags that all such commands share and the arguments.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { InferredFlags } from '@oclif/core/interfaces';
import { refusedFormats } from '../container/refused.js';
import { containerNamed, containers, rawEntry } from '../container/registry.js';
import { UsageError } from '../errors.js';
import { isMachineFolder } from '../guests/machine-folder.js';
import { MIB } from '../limits.js';
import type { RunOptions } from '../queries/ask-run.js';
import { readKeys } from '../queries/keys.js';
import type { guestFlags, readingFlags } from './shared-flags.js';

/** The guests that a command reads, and how it reads them. */
export interface GuestSettings extends Omit<RunOptions, 'filesystems' | 'formats'> {
  readonly images: readonly string[];
  /** Below which images are looked for. */
  readonly folders: readonly string[];
  readonly sameGuest: boolean;
  /**
   * Whether images that are parts of others have no rows of their own: some were given as arguments, as a shell's glob gives
   * them. With -t each is a guest of its own.
   */
  readonly joinsParts: boolean;
  readonly format: string;
  /** The domains to ask libvirt for; null if the command line asks for images alone. */
  readonly libvirt: {
    readonly uris: readonly string[];
    readonly all: boolean;
    readonly select: readonly string[];
    readonly isSameHost: boolean;
    /** Left out: nothing is asked that needs a connection which could write. */
    readonly isReadOnly?: boolean;
    /** Those of `select` that are arguments, and so no files. */
    readonly words: readonly string[];
  } | null;
  /** What a person should know about how the command line was understood. */
  readonly notes: readonly string[];
}

/** The part of a command line that is about guests. */
interface GuestCommandLine {
  readonly flags: InferredFlags<typeof guestFlags> & InferredFlags<typeof readingFlags>;
  /** Positional arguments. */
  readonly words: readonly string[];
  readonly typed: readonly string[];
  readonly behindA: readonly string[];
}

/** The values of a flag that may be given several times; one from the environment is a single string. */
export function list(value: readonly string[] | string | undefined): readonly string[] {
  return [value ?? []].flat();
}

/**
 * An argument with a slash, or that names a file, is an image, as for libguestfs's tools; so is the folder of a machine
 * with the ending that its program gives it (`vm.utm`). Any other names a guest.
 * @throws UsageError USAGE
 */
export function guestSettings(
  line: GuestCommandLine,
  folders: readonly string[] = [],
): GuestSettings {
  const { flags, words, typed } = line;
  const imageWords = words.filter((word) => word.includes('/') || isFile(word));
  const { added, isAll } = addedByA(line, imageWords);
  const images = [...list(flags.test), ...list(flags.add), ...imageWords];
  const addedCount = list(flags.add).length + added.length;
  const guestWords = words.filter((word) => !imageWords.includes(word));
  const select = [...list(flags.domain), ...guestWords];
  if (select.includes('')) throw new UsageError('USAGE', NAMELESS);
  const uris = list(flags.connect);
  const hasNoImages = images.length + folders.length === 0;
  // Beside images the environment's variables do not ask for guests.
  const wantsLibvirt =
    hasNoImages ||
    select.length > 0 ||
    (isAll && typed.includes('all')) ||
    typed.includes('connect');
  if (flags['same-guest'] && hasNoImages) {
    throw new UsageError('USAGE', '--same-guest is about images; give some with -t');
  }
  const sameGuest = flags['same-guest'] || (addedCount > 1 && addedCount === images.length);
  if (sameGuest && folders.length > 0) {
    throw new UsageError(
      'USAGE',
      'what --recursive finds are guests of their own, beside no images of one guest',
    );
  }
  return {
    images,
    sameGuest,
    folders,
    joinsParts: imageWords.length > added.length || folders.length > 0,
    format: imageFormat(flags.format),
    disks: {
      allowRoots: list(flags['allow-root']).map(root),
      allowsRedirects: flags['allow-redirects'],
      snapshot: flags.snapshot ?? null,
    },
    keys: readKeys(list(flags.key), flags['keys-from-stdin']),
    parallel: flags.parallel === undefined || flags.parallel === 0 ? null : flags.parallel,
    timeoutSeconds: flags.timeout === 0 ? null : flags.timeout,
    deadlineMs: flags.deadline === 0 ? null : Date.now() + flags.deadline * 1000,
    memoryBytes: flags['max-memory'] * MIB,
    libvirt: wantsLibvirt
      ? {
          ...{ uris, all: isAll, select, words: guestWords },
          isSameHost: flags['same-host'],
          isReadOnly: flags['read-only-connection'],
        }
      : null,
    notes: added.length > 0 ? [ADDED] : [],
  };
}

/**
 * The guests of a command that knows libvirt's alone.
 * @throws UsageError USAGE
 */
export function libvirtSettings(
  flags: Pick<GuestCommandLine['flags'], 'domain' | 'connect' | 'all' | 'same-host'>,
  words: readonly string[],
) {
  const select = [...list(flags.domain), ...words];
  if (select.includes('')) throw new UsageError('USAGE', NAMELESS);
  const none: readonly string[] = [];
  return {
    uris: list(flags.connect),
    all: flags.all,
    select,
    isSameHost: flags['same-host'],
    words: none,
  };
}

const NAMELESS = 'a guest needs a name, a UUID or a glob; it is empty';

const ADDED =
  '-a with an image adds it, as in libguestfs; for all guests of libvirt beside it there is --all';

/** libguestfs's `-a FILE`: the images behind a `-a`, and whether one is left that means all guests. */
function addedByA({ flags, typed, behindA }: GuestCommandLine, images: readonly string[]) {
  const added = behindA.filter((word) => images.includes(word));
  const count = typed.filter((flag) => flag === 'all').length;
  return { added, isAll: flags.all && (added.length === 0 || count > added.length) };
}

function isFile(path: string): boolean {
  // Bytes that are not UTF-8: libvirt's names, from XML, have none.
  if (path.includes('\ufffd')) return true;
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status !== undefined && (!status.isDirectory() || isMachineFolder(path));
  } catch {
    return true; // A link that leads to itself, a folder that may not be looked into: its row says so.
  }
}

/** A directory, or any other file, that is there; a URL as it is. */
function root(value: string): string {
  if (/^[a-z+]+:\/\//u.test(value)) return value;
  try {
    if (statSync(value, { throwIfNoEntry: false }) !== undefined) return resolve(value);
  } catch {
    // A directory that may not be looked into counts as one that does not exist.
  }
  throw new UsageError('USAGE', `--allow-root needs a directory that exists, not '${value}'`);
}

function imageFormat(name: string): string {
  if (name === 'auto' || containerNamed(name) !== undefined) return name;
  const isRead = (entry: { name: string }) =>
    !refusedFormats.some(({ name: refused }) => refused === entry.name);
  const readable = [...containers, rawEntry].filter(isRead);
  const names = ['auto', ...readable.map((entry) => entry.name).sort()];
  const data = { word: name, known: names.join(' ') };
  throw new UsageError('USAGE', `--format is one of ${names.join(', ')}, not '${name}'`, { data });
}
