// Who could exchange a folder of the user's configuration or cache: the owners of the folders around it.
// Reference: path_resolution(7).
import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { printable } from '../../validation/guest.js';

const MAX_PATH_LENGTH = 4096;

/**
 * Why what lies in the folder is not to be trusted: it, or a folder around it, belongs to neither root nor the user, who may
 * be root with the HOME of another. null: it may be trusted, or is not there.
 */
export function foreignFolder(folder: string): string | null {
  const user = process.geteuid?.();
  if (user === undefined) return null;
  // Both as named and where links lead: whoever owns the folder of a link may let it lead elsewhere.
  for (const path of new Set([...around(folder), ...around(realPath(folder))])) {
    const uid: number = lstatSync(path, { throwIfNoEntry: false })?.uid ?? user;
    if (uid !== user && uid !== 0) {
      const owner = `${printable(path, MAX_PATH_LENGTH)} belongs to user ${uid}`;
      return `${printable(folder, MAX_PATH_LENGTH)} is ignored: ${owner}, and this is user ${user}`;
    }
  }
  return null;
}

/** The folder, and all around it. */
function around(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...around(parent)];
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // It is not there yet.
  }
}
