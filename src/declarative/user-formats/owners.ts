// Who could exchange a folder of the user's configuration or cache, in words.
import { foreignOwner } from '../../host/own-folder.js';
import { printable } from '../../validation/guest.js';

const MAX_PATH_LENGTH = 4096;

/** Why what lies in the folder is not to be trusted; null: it may be, or is not there. */
export function foreignFolder(folder: string): string | null {
  const foreign = foreignOwner(folder);
  if (foreign === null) return null;
  const owner = `${printable(foreign.path, MAX_PATH_LENGTH)} belongs to user ${foreign.uid}`;
  return `${printable(folder, MAX_PATH_LENGTH)} is ignored: ${owner}, and this is user ${foreign.user}`;
}
