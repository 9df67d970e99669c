// The names in a folder of the host, within a bound: whoever filled the folder may have filled it with millions.
// References: opendir(3), readdir(3).
import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { FormatError } from '../errors.js';
import { MAX_SIBLINGS } from '../limits.js';
import { printable } from '../validation/guest.js';
import { hostError } from './host-error.js';

/**
 * Reads entry by entry, so that a folder of millions costs no more than one of the limit.
 * @throws FormatError LIMIT; SourceError NOT_FOUND, PERMISSION, IO.
 */
export async function entriesIn(path: string): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(path)) {
      if (entries.push(entry) > MAX_SIBLINGS) {
        const message = `${printable(path)} holds more than ${MAX_SIBLINGS} files, the limit for a folder`;
        throw new FormatError('LIMIT', message, { data: { limit: MAX_SIBLINGS } });
      }
    }
  } catch (error) {
    throw hostError(path, error);
  }
  return entries;
}
