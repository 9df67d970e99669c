// A folder that may be a machine's: the names in it, and the texts that describe the machine.
import { opendir } from 'node:fs/promises';
import { FormatError, type VirtDfError } from '../../errors.js';
import { hostError } from '../../host/host-error.js';
import { MAX_SIBLINGS } from '../../limits.js';
import { printable } from '../../validation/guest.js';

export interface Folder {
  /** With its links resolved. */
  readonly path: string;
  /** Names of the regular files in it; links, FIFOs and the like are nobody's description of a machine. */
  readonly files: ReadonlySet<string>;
  /** Names of the folders in it. */
  readonly folders: ReadonlySet<string>;
  /** The text of a file in it. @throws SourceError NOT_FOUND, NOT_ALLOWED; FormatError LIMIT. */
  text(name: string): Promise<string>;
}

/** A disk as the machine's description names it. */
export interface MachineDisk {
  /** Its names, the best first, from the folder of `namer`. */
  readonly names: readonly string[];
  /** `auto`, or the format that the description states. */
  readonly format: string;
  /** The name in the folder of the file that names it. */
  readonly namer: string;
  /** Why it cannot be opened, when the description says so. */
  readonly problem?: VirtDfError;
  /** Why its numbers may be off, when the description says so. */
  readonly doubt?: VirtDfError;
}

/** A program's kind of folder. */
export interface MachineKind {
  /** With an article: `a VirtualBox machine`. */
  readonly title: string;
  /** The name of the file or folder by which the kind is known; null for a folder of another kind. */
  find(folder: Pick<Folder, 'path' | 'files' | 'folders'>): string | null;
  /** The disks of the machine in its order. @throws FormatError, UnsupportedError, SourceError. */
  disks(folder: Folder, description: string): Promise<readonly MachineDisk[]>;
}

/** The names of the regular files and of the folders in a folder. @throws FormatError LIMIT; SourceError PERMISSION, IO. */
export async function namesIn(path: string): Promise<Pick<Folder, 'files' | 'folders'>> {
  try {
    return await listed(path);
  } catch (error) {
    throw hostError(path, error);
  }
}

async function listed(path: string): Promise<Pick<Folder, 'files' | 'folders'>> {
  const files = new Set<string>();
  const folders = new Set<string>();
  let count = 0;
  // Read entry by entry, so that a folder of millions costs no more than one of the limit.
  for await (const entry of await opendir(path)) {
    if (++count > MAX_SIBLINGS) {
      const message = `${printable(path)} holds more than ${MAX_SIBLINGS} files, the limit for the folder of a machine`;
      throw new FormatError('LIMIT', message, { data: { limit: MAX_SIBLINGS } });
    }
    if (entry.isFile()) files.add(entry.name);
    if (entry.isDirectory()) folders.add(entry.name);
  }
  return { files, folders };
}

/** The one of the files with this ending that is called as the folder is, or the first of them; null without one. */
export function described(
  { path, files }: Pick<Folder, 'path' | 'files'>,
  ending: string,
): string | null {
  const found = [...files].filter((name) => name.toLowerCase().endsWith(ending)).sort();
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.[a-z]+$/iu, '');
  return found.find((name) => name.slice(0, -ending.length) === stem) ?? found[0] ?? null;
}
