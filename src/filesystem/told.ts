// Damage that a reader of files meets: it is told to whoever reads, and ends the part of the walk that it is in.
import { FormatError, UnsupportedError } from '../errors.js';
import type { FileId, FileWalk } from './files.js';

interface Told {
  readonly walk: FileWalk;
}

/** For what is read once more, of which another walk tells. */
export const UNHEARD: FileWalk = { onDoubt() {} };

/** A file, by its number where all are of one tree; null: a part that is no file's. */
type Owner = FileId | number | null;

/** LIMIT of one file alone: the others are read all the same. */
export class FileLimitError extends FormatError {
  constructor(message: string, limit: number) {
    super('LIMIT', message, { data: { limit } });
  }
}

/**
 * Tells of a part of a file that is damaged, or that virt-df does not handle. Whatever else was thrown goes on: a limit that all
 * files share ends the walk.
 */
export function tell({ walk }: Told, file: Owner, error: unknown): void {
  if (!isOfPart(error)) throw error;
  walk.onDoubt({ id: typeof file === 'number' ? { tree: 0, number: file } : file, error });
}

function isOfPart(error: unknown): error is FormatError | UnsupportedError {
  if (error instanceof UnsupportedError || error instanceof FileLimitError) return true;
  return error instanceof FormatError && error.code !== 'LIMIT';
}

/** What could be read; null where that is damaged, which is told. @throws FormatError LIMIT. */
export async function orTold<T>(
  told: Told,
  file: Owner,
  make: () => T | Promise<T>,
): Promise<T | null> {
  try {
    return await make();
  } catch (error) {
    tell(told, file, error);
    return null;
  }
}

/** Runs a part of a walk; what is damaged in it is told, and ends it. @throws FormatError LIMIT. */
export async function* toldOf<T>(
  told: Told,
  file: Owner,
  part: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* part;
  } catch (error) {
    tell(told, file, error);
  }
}
