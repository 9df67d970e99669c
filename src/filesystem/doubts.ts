// Doubts: why a filesystem's numbers may not be those that the kernel shows. A doubt is an error that costs the row its
// exactness and not its numbers: a journal with a damaged transaction gives the numbers on the disk, and `BAD_CHECKSUM`.
import { FormatError, UnsupportedError, VirtDfError } from '../errors.js';

/** It is in use, or was not unmounted, and Linux shows the numbers that are on the disk as well. */
export function inUse(message: string): VirtDfError {
  return new VirtDfError('IN_USE', message);
}

/** The log was replayed, and some blocks more or less may be in use. */
export function estimate(message: string): VirtDfError {
  return new VirtDfError('ESTIMATE', message);
}

/**
 * The result of the work, or the error that it ended in. A kernel does not mount a disk whose log cannot be replayed; but a copy
 * of a disk in use may well look like this, and the numbers on the disk, without its log, are worth a row.
 */
export async function orDoubt<T>(work: () => Promise<T>): Promise<T | VirtDfError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FormatError || error instanceof UnsupportedError) return error;
    throw error;
  }
}
