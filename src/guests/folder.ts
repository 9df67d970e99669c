// The files below a folder, in which images are looked for. Links are not followed: what they lead to is found by its own name, or
// lies elsewhere.
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { MAX_FOLDER_FILES } from '../limits.js';
import { isMachineFolder } from './machine-folder.js';

/**
 * Absolute paths in the order of their names, folder by folder. The folder of a machine is one image. A folder that may not be
 * listed is given as if it were one, so that it has a row.
 * @throws UsageError USAGE where there is no such folder, or it has too many files.
 */
export function filesBelow(folder: string): readonly string[] {
  if (!isFolder(folder)) {
    throw new UsageError('USAGE', `--recursive needs a folder that exists, not '${folder}'`);
  }
  const found: string[] = [];
  addFiles(resolve(folder), found);
  return found;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function addFiles(folder: string, found: string[]): void {
  for (const entry of entriesOf(folder)) {
    if (entry === null) found.push(folder);
    else {
      const path = join(folder, entry.name);
      if (entry.isFile() || (entry.isDirectory() && isMachineFolder(path))) found.push(path);
      else if (entry.isDirectory()) addFiles(path, found);
    }
    if (found.length > MAX_FOLDER_FILES) {
      throw new UsageError('USAGE', `there are more than ${MAX_FOLDER_FILES} files in ${folder}`);
    }
  }
}

/** null stands for a folder that may not be listed. */
function entriesOf(folder: string) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [null];
  }
}
