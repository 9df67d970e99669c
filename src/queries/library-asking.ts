// How the options of the library's functions become what is asked: the guests, the formats, and how they are read.
import { knownFilesystems } from '../declarative/known.js';
import type { GuestDefinition } from '../guests/guest.js';
import { imageGuests } from '../guests/images.js';
import type { JobConnections } from '../guests/libvirt/kept-connections.js';
import type { AskOptions } from './ask.js';
import type { RowFilter } from './filter.js';
import { type Passphrases, passphrasesOf, readKeys } from './keys.js';
import type { ImageOptions, LibvirtOptions, ReadOptions, ScanOptions } from './library-options.js';

/** What can be read: with the caller's own formats. */
export async function readable({
  formats = [],
  onFormatProblem,
}: Pick<ScanOptions, 'formats' | 'onFormatProblem'>): Promise<AskOptions['filesystems']> {
  const { filesystems, problems } = await knownFilesystems(formats, process.env, true);
  for (const problem of problems) onFormatProblem?.(problem);
  return filesystems;
}

/** Which filesystems a report has. */
export function filterOf(options: ScanOptions): RowFilter {
  const { types = [], excludeTypes = [], minUsePercent = null, excludeReadOnly = false } = options;
  return { only: types, exclude: excludeTypes, minUsePercent, excludesReadOnly: excludeReadOnly };
}

export function guestsOf(
  images: readonly string[],
  options: ImageOptions,
): readonly GuestDefinition[] {
  const { format = 'auto', sameGuest = false } = options;
  return imageGuests(images, { format, sameGuest });
}

export async function listGuests(
  options: ReadOptions & LibvirtOptions,
  onAnswer: (uri: string) => void = () => {},
): Promise<readonly GuestDefinition[]> {
  const { listLibvirtGuests } = await import('../guests/libvirt.js');
  return listLibvirtGuests({ ...libvirtQuery(options), onAnswer });
}

export function libvirtQuery(options: Pick<ReadOptions, 'timeoutSeconds'> & LibvirtOptions) {
  const { uris = [], isSameHost = false, isReadOnly = false, all = false, select = [] } = options;
  const { timeoutSeconds = null, onVanished } = options;
  const query = { uris, isSameHost, isReadOnly, all, select, timeoutSeconds };
  return onVanished === undefined ? query : { ...query, onVanished };
}

export function askOptions(
  options: ReadOptions,
  snapshot: string | null,
): Omit<AskOptions, 'filesystems'> & {
  readonly parallel: number | null;
  readonly deadlineMs: number | null;
} {
  const { timeoutSeconds = null, deadlineSeconds = null, parallel = null } = options;
  const deadlineMs = deadlineSeconds === null ? null : Date.now() + deadlineSeconds * 1000;
  const { allowRoots = [], allowsRedirects = false } = options;
  const { keys = [] } = options;
  const more: Passphrases = options.passphrases ?? (() => []);
  const ofKeys = passphrasesOf(readKeys(keys, false));
  const all = (device: string, uuid: string | null) => [
    ...ofKeys(device, uuid),
    ...more(device, uuid),
  ];
  const passphrases: Passphrases = Object.assign(all, {
    header: (device: string) => ofKeys.header?.(device) ?? more.header?.(device) ?? null,
  });
  return {
    timeoutSeconds,
    deadlineMs,
    parallel,
    passphrases,
    disks: { allowRoots, allowsRedirects, snapshot },
  };
}

/** What `work` gives with connections to libvirts, which end with it. */
export async function withConnections<T>(
  work: (connections: JobConnections) => Promise<T>,
): Promise<T> {
  const { keptConnections } = await import('../guests/libvirt/kept-connections.js');
  const connections = keptConnections();
  try {
    return await work(connections);
  } finally {
    await connections.close();
  }
}
