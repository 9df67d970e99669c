// How full the directories are that a domain has of its host. Of another host's nothing is asked: a directory of that name may be
// here too.
// References: domain-folders.ts
import { UnsupportedError, VirtDfError } from '../../errors.js';
import { folderUsage } from '../../host/folder-usage.js';
import { limiter } from '../../host/limiter.js';
import type { GuestFolder } from '../guest.js';
import type { DomainFolder } from './domain-folders.js';

/** Each is a process for a few milliseconds, or for seconds where a server does not answer. */
const MAX_UNDER_WAY = 8;

/** What is known of the directories of this run's host. */
export type FolderUsages = (folder: DomainFolder, elsewhere: string | null) => Promise<GuestFolder>;

/** Asks for each directory once, however many guests have it. */
export function folderUsages(): FolderUsages {
  const limited = limiter(MAX_UNDER_WAY);
  const known = new Map<string, ReturnType<typeof folderUsage>>();
  const usageOf = (path: string) => {
    const asked = known.get(path) ?? limited(() => folderUsage(path));
    known.set(path, asked);
    return asked;
  };
  return async ({ target, isReadOnly, path, problem }, elsewhere) => {
    const folder = { target, isReadOnly, path };
    const reason = problem ?? (elsewhere === null || path === null ? null : away(path, elsewhere));
    if (reason !== null || path === null) return { ...folder, usage: null, problem: reason };
    try {
      return { ...folder, usage: await usageOf(path), problem: null };
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      return { ...folder, usage: null, problem: error };
    }
  };
}

function away(path: string, host: string): VirtDfError {
  const message = `this filesystem is the directory ${path} of the host ${host}, which only that host can be asked about`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { path, host } });
}
