// Translates the operating system's errors into the program's own codes: ENOENT is NOT_FOUND, EACCES is PERMISSION.
// References: errno(3), open(2), pread(2).
import { type ErrorCode, SourceError, VirtDfError } from '../errors.js';
import { printable } from '../validation/guest.js';

const MAX_PATH_LENGTH = 4096;

const CODES: ReadonlyMap<string, ErrorCode> = new Map([
  ['ENOENT', 'NOT_FOUND'],
  ['ENOTDIR', 'NOT_FOUND'],
  ['ENAMETOOLONG', 'NOT_FOUND'],
  ['ELOOP', 'NOT_FOUND'],
  ['ENXIO', 'NOT_FOUND'],
  ['ENODEV', 'NOT_FOUND'],
  ['EACCES', 'PERMISSION'],
  ['EPERM', 'PERMISSION'],
]);

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist: a part of its path is not a directory'],
  ['ENAMETOOLONG', 'has a name that is too long'],
  ['ELOOP', 'leads through too many symbolic links'],
  ['EACCES', 'may not be read by this user'],
  ['EPERM', 'may not be read by this user'],
  ['EIO', 'cannot be read: the device reports an I/O error'],
  ['EMFILE', 'cannot be opened: this process has too many open files (see ulimit -n)'],
]);

/** A path as messages show it. */
export function shownPath(path: string): string {
  return printable(path, MAX_PATH_LENGTH);
}

/** The SourceError for an error that a call on `path` threw; our own errors pass. */
export function hostError(path: string, error: unknown): VirtDfError {
  if (error instanceof VirtDfError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reason = REASONS.get(errno) ?? `cannot be read (${errno})`;
  return new SourceError(CODES.get(errno) ?? 'IO', `${shownPath(path)} ${reason}`, {
    data: { path: shownPath(path), errno },
    cause: error,
  });
}

/** Whether there is no such file, or none that may be opened: it may still lie elsewhere. */
export function isMissing(error: unknown): error is VirtDfError {
  return error instanceof VirtDfError && ['NOT_FOUND', 'NOT_ALLOWED'].includes(error.code);
}
