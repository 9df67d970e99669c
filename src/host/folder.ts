// The names in a folder of the host, within a bound: whoever filled the folder may have filled it with millions.
// References: opendir(3), readdir(3).
import type { Dirent } from 'node:fs';
import { promises } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../errors.js';
import { MAX_SIBLINGS } from '../limits.js';
import { printable } from '../validation/guest.js';
import { hostError } from './host-error.js';

/** A file's numbers, as ls(1) and du(1) print them. */
export interface FileSizes {
  readonly sizeBytes: number;
  readonly allocationBytes: number;
}

const UNIT_BYTES = 512;
/** Calls that wait for the host side by side: its threads are four. */
const CALLS_AT_ONCE = 64;

/** Whether it is a folder, and no link to one. */
export async function isFolder(path: string): Promise<boolean> {
  const status = await promises.lstat(path).catch(() => null);
  return status?.isDirectory() === true;
}

/** The entries of a folder that are no folders; a link's numbers are its own. @throws as `entriesIn`. */
export async function sizesIn(path: string): Promise<ReadonlyMap<string, FileSizes>> {
  const names = (await entriesIn(path))
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name);
  const sizes = new Map<string, FileSizes>();
  for (let first = 0; first < names.length; first += CALLS_AT_ONCE) {
    const some = names.slice(first, first + CALLS_AT_ONCE);
    const found = await Promise.all(
      some.map((name) => promises.lstat(join(path, name)).catch(() => null)),
    );
    for (const [i, status] of found.entries()) {
      const name = some[i];
      if (name === undefined || status === null) continue;
      const { size: sizeBytes, blocks } = status;
      sizes.set(name, { sizeBytes, allocationBytes: blocks * UNIT_BYTES });
    }
  }
  return sizes;
}

/**
 * Reads entry by entry, so that a folder of millions costs no more than one of the limit.
 * @throws FormatError LIMIT; SourceError NOT_FOUND, PERMISSION, IO.
 */
export async function entriesIn(path: string): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await promises.opendir(path)) {
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
