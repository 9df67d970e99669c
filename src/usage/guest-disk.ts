// A guest's disk as libvirt or the caller names it -> the disks that it holds.
import type { Disk } from '../container/container.js';
import { type OpenOptions, openDisks } from '../container/open.js';
import { SourceError } from '../errors.js';
import type { GuestDisk } from '../guests/guest.js';
import type { Scope } from '../source/scope.js';
import { printable } from '../validation/guest.js';

const MAX_PATH_LENGTH = 4096;

/** More than one disk if it is an archive. @throws what `openDisks` throws; the disk's own `problem`. */
export async function openGuestDisk(
  disk: GuestDisk,
  scope: Scope,
  options: Pick<OpenOptions, 'keepsBroken'> = {},
): Promise<readonly Disk[]> {
  const { path, format, allowedFiles, problem } = disk;
  if (problem !== null) throw problem;
  if (path === null) throw new SourceError('NOT_FOUND', 'the disk has no file or device');
  return openDisks(path, { ...options, format, scope, policy: { files: allowedFiles, roots: [] } });
}

/** A path of the host as reports show it. */
export function shownPath(path: string): string {
  return printable(path, MAX_PATH_LENGTH);
}
