// A folder that may be a machine's: the names in it, and the texts that describe the machine.
import type { Dirent } from 'node:fs';
import type { VirtDfError } from '../../errors.js';
import { entriesIn } from '../../host/folder.js';

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
  const entries = await entriesIn(path);
  const names = (chosen: readonly Dirent[]) => new Set(chosen.map(({ name }) => name));
  return {
    files: names(entries.filter((entry) => entry.isFile())),
    folders: names(entries.filter((entry) => entry.isDirectory())),
  };
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
