// A guest's disk as libvirt or the caller names it -> the disks that it holds.
import type { Disk } from '../container/container.js';
import { type OpenOptions, openDisks } from '../container/open.js';
import { SourceError } from '../errors.js';
import type { GuestDisk } from '../guests/guest.js';
import type { Scope } from '../source/scope.js';
import { printable } from '../validation/guest.js';

const MAX_PATH_LENGTH = 4096;

/** How a guest's disks are opened. */
export interface DiskOptions extends Pick<OpenOptions, 'keepsBroken' | 'snapshot'> {
  /** Directories, or URLs, below which images may name files. */
  readonly allowRoots?: readonly string[];
}

/** More than one disk if it is an archive. @throws what `openDisks` throws; the disk's own `problem`. */
export async function openGuestDisk(
  disk: GuestDisk,
  scope: Scope,
  { allowRoots = [], ...options }: DiskOptions = {},
): Promise<readonly Disk[]> {
  const { path, format, allowedFiles, problem } = disk;
  if (problem !== null) throw problem;
  if (path === null) throw new SourceError('NOT_FOUND', 'the disk has no file or device');
  const policy = { files: allowedFiles, roots: allowRoots };
  return openDisks(path, { ...options, format, scope, policy });
}

/** A path of the host as reports show it. */
export function shownPath(path: string): string {
  return printable(path, MAX_PATH_LENGTH);
}
