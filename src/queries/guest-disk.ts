// A guest's disk as libvirt or the caller names it -> the disks that it holds.
import type { Disk } from '../container/container.js';
import { type OpenOptions, openDisks } from '../container/open.js';
import { SourceError } from '../errors.js';
import type { GuestDisk } from '../guests/guest.js';
import { withoutSecrets } from '../host/location.js';
import type { Scope } from '../host/scope.js';
import { printable } from '../validation/guest.js';
import type { Passphrases } from './walk.js';

const MAX_PATH_LENGTH = 4096;

/** How a guest's disks, and what is in them, are opened. */
export interface DiskOptions extends Pick<OpenOptions, 'keepsBroken' | 'snapshot'> {
  /** Directories, or URLs, below which images may name files. */
  readonly allowRoots?: readonly string[];
  /** Of encrypted images and volumes. */
  readonly passphrases?: Passphrases;
}

/**
 * More than one disk if it is an archive.
 * @param device what the first of them is called, for passphrases that are given by device.
 * @throws what `openDisks` throws; the disk's own `problem`.
 */
export async function openGuestDisk(
  disk: GuestDisk,
  scope: Scope,
  { allowRoots = [], passphrases = () => [], ...options }: DiskOptions = {},
  device = '',
): Promise<readonly Disk[]> {
  const { path, format, allowedFiles, problem } = disk;
  if (problem !== null) throw problem;
  if (path === null) throw new SourceError('NOT_FOUND', 'the disk has no file or device');
  const policy = { files: allowedFiles, roots: allowRoots };
  const passphrasesOf = (uuid: string | null) => passphrases(device, uuid);
  return openDisks(path, { ...options, format, scope, policy, passphrases: passphrasesOf });
}

/** What a disk's time limit says. */
export function notOpened({ path }: GuestDisk): string {
  return `${path === null ? 'the disk' : shownPath(path)} was not opened`;
}

/** A path of the host, or a URL, as reports show it. */
export function shownPath(path: string): string {
  return printable(withoutSecrets(path), MAX_PATH_LENGTH);
}
