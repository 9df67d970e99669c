// Every filesystem that virt-df can look for: its own formats, and the user's from the folders of --formats and of the
// environment.
import { existsSync } from 'node:fs';
import type { VirtDfError } from '../errors.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { filesystems as builtIn } from './registry.js';
import { configFolder, type FormatEnvironment } from './user-formats/find.js';

interface KnownFilesystems {
  /** virt-df's own, then the user's; of two with the same name the user's counts. */
  readonly filesystems: readonly FilesystemEntry[];
  /** The errors of the user's files that are left out. */
  readonly problems: readonly VirtDfError[];
  /** What the user should know of his formats though nothing is left out; null: nothing. */
  readonly note: string | null;
}

/**
 * @param onlyFolders the environment's VIRT_DF_FORMATS and configuration are left alone; its cache is used all the same.
 * @throws UsageError USAGE when a folder that was asked for cannot be listed.
 */
export async function knownFilesystems(
  folders: readonly string[],
  environment: FormatEnvironment,
  onlyFolders = false,
): Promise<KnownFilesystems> {
  const hasOwn =
    !onlyFolders &&
    ((environment.VIRT_DF_FORMATS ?? '') !== '' || existsSync(configFolder(environment)));
  if (folders.length === 0 && !hasOwn) return { filesystems: builtIn, problems: [], note: null };
  const { loadUserFormats, withUserFormats } = await import('./user-formats/index.js');
  const { formats, problems, note } = await loadUserFormats(folders, environment, onlyFolders);
  return { filesystems: withUserFormats(builtIn, formats), problems, note };
}
