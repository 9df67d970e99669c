// A filesystem that was recognised and cannot be read keeps its name: an ext4 that is cut has a row with its type, label and
// UUID, and with the reason why it has no numbers.
import { FormatError, UnsupportedError } from '../errors.js';
import type { Filesystem, Usage } from './filesystem.js';

/** What a superblock says of itself before any of it is checked. */
export type FilesystemIdentity = Pick<
  Filesystem,
  'type' | 'label' | 'labelBytes' | 'uuid' | 'version'
>;

/** The filesystem that `open` gives, or one whose `usage` throws what `open` did. */
export async function orFaulty(
  identity: FilesystemIdentity,
  open: () => Filesystem | Promise<Filesystem>,
): Promise<Filesystem> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof UnsupportedError)) throw error;
    const usage = () => Promise.reject(error);
    return { kind: 'filesystem', ...identity, fault: error, usage };
  }
}

/** @throws FormatError TRUNCATED if the filesystem ends behind its volume by its own account. */
export function checkNotCut(word: string, endBytes: number, volumeBytes: number): void {
  if (endBytes > volumeBytes) throw cut(word, endBytes, volumeBytes);
}

/** The doubt that it ends behind its volume, none if it does not. */
export function cutDoubts(
  word: string,
  endBytes: number,
  volumeBytes: number,
): readonly FormatError[] {
  return endBytes > volumeBytes ? [cut(word, endBytes, volumeBytes)] : [];
}

/**
 * The usage of a filesystem that Linux mounts also where it ends behind its volume: its numbers are the kernel's, and a doubt
 * says that it is cut.
 * @throws FormatError TRUNCATED if what `read` needs lies behind the end; what `read` throws.
 */
export async function usageThoughCut(
  word: string,
  endBytes: number,
  volumeBytes: number,
  read: () => Promise<Usage>,
): Promise<Usage> {
  if (endBytes <= volumeBytes) return read();
  const reason = cut(word, endBytes, volumeBytes);
  try {
    const usage = await read();
    // What lies behind the end, as NTFS's log and the copy of its first records, gives no reason of its own.
    return { ...usage, doubts: [...usage.doubts.filter((doubt) => !isOutside(doubt)), reason] };
  } catch (error) {
    throw isOutside(error) ? reason : error;
  }
}

function isOutside(error: unknown): boolean {
  return error instanceof FormatError && error.code === 'OUT_OF_BOUNDS';
}

/** The error of what ends behind its volume: a copy was not finished, or the partition was made smaller. */
function cut(word: string, endBytes: number, volumeBytes: number): FormatError {
  const message = `${word}: it ends at byte ${endBytes}, but the volume has only ${volumeBytes} bytes`;
  return new FormatError('TRUNCATED', message, { data: { endBytes, volumeBytes } });
}
